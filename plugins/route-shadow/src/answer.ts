/** What a model said, put together beside its way to the client. */
import { exchangeKey } from '@sluice/core'
import type { CanonicalResponse, ChatRequest, ChatResponse, Part, StreamPart } from '@sluice/core'
import { Collector } from '@sluice/dialect-kit'
import type { Lot } from './plan.ts'

/** Characters of an answer that is put together. Longer ones are not compared, and not recorded. */
export const MOST_ANSWERED = 262_144
/** Characters of a text that is compared or kept. */
const MOST_TEXT = 65_536

/** One request that was drawn, and its answer. */
export class Capture {
  readonly lot: Lot
  /** As it goes to models: redacted, if somebody does that. */
  readonly request: ChatRequest
  readonly #collector = new Collector(MOST_ANSWERED)
  #response: ChatResponse | undefined

  constructor(lot: Lot, request: ChatRequest) {
    this.lot = lot
    this.request = request
  }

  take(response: CanonicalResponse): void {
    if (response.operation === 'chat') this.#response = response
  }

  push(part: StreamPart): void {
    this.#collector.push(part)
  }

  /** Undefined if it was too long. */
  get response(): ChatResponse | undefined {
    return this.request.stream ? this.#collector.response() : this.#response
  }
}

export const CAPTURE = exchangeKey<Capture>('route-shadow/capture')

/** Texts and tool calls of all choices, up to 64 K characters; thoughts are no part of an answer. */
export function textOf({ choices }: ChatResponse): string {
  return choices
    .flatMap(({ parts }) => parts.map(partText))
    .filter((text) => text !== '')
    .join('\n')
    .slice(0, MOST_TEXT)
}

function partText(part: Part): string {
  if (part.type === 'text' || part.type === 'refusal') return part.text
  return part.type === 'tool-call' ? `${part.name}(${part.arguments})` : ''
}
