/** Writes one of the candidates of a stream, as the JSON that it is in a response; '' where there is nothing to say. */
import { GatewayError } from '@sluice/core'
import type { Citation, Finish, JsonObject, StreamPart, ToolCallPart } from '@sluice/core'
import { FRAME_LIMIT, markedCall, proofText } from '@sluice/dialect-kit'
import type { Proven } from '@sluice/dialect-kit'
import { kept, NAME, restore } from '../extensions.ts'
import { argsOrText, isLogprobs } from './encode-response.ts'
import { encodeFinish } from './finish.ts'
import { Grounding } from './grounding.ts'
import { argsOf, encodeCall } from './parts.ts'

type Part<T extends StreamPart['type']> = Extract<StreamPart, { type: T }>
/** What belongs to one of the choices. */
type ChoicePart = Exclude<StreamPart, { type: 'start' | 'usage' | 'error' }>

const HEAD = '{"content":{"parts":['
const TEXT_HEAD = `${HEAD}{"text":`

export class CandidateWriter {
  readonly #index: number
  readonly #tail: string
  /** Calls that have not gone out, by block. */
  readonly #calls = new Map<number, ToolCallPart>()
  /** Texts so far, and their citations, which may come before what they belong to. */
  readonly #texts: { block: number; text: string }[] = []
  readonly #citations: { block: number; citation: Citation }[] = []
  /** Characters held. */
  #size = 0
  #finish: Part<'finish'> | undefined

  constructor(index: number) {
    this.#index = index
    this.#tail = `],"role":"model"},"index":${index}}`
  }

  write(part: ChoicePart): string {
    switch (part.type) {
      case 'text-delta':
        return this.#text(part)
      case 'refusal-delta':
        return this.#plain(part.block, part.text)
      case 'audio-delta':
        return this.#plain(part.block, part.transcript ?? '')
      case 'reasoning-delta':
        return part.text === '' ? '' : this.#part({ text: part.text, thought: true })
      case 'reasoning-signature':
        return this.#proof(part)
      case 'reasoning-redacted':
        return this.#proof({ redacted: part.data, origin: part.origin })
      case 'raw':
        return this.#part(part.value)
      case 'tool-call-start': {
        const { block, type: _, choice: __, ...call } = part
        this.#calls.set(block, { type: 'tool-call', ...call, arguments: '' })
        this.#hold(1)
        return ''
      }
      case 'tool-call-delta':
        return this.#arguments(part)
      case 'citation':
        this.#citations.push(part)
        this.#hold(1)
        return ''
      case 'finish':
        this.#finish ??= part
        return this.calls()
    }
  }

  /** The calls that have not gone out. */
  calls(): string {
    return this.#calls.size === 0 ? '' : HEAD + this.#takeCalls(true) + this.#tail
  }

  /** The end of the candidate. */
  last(): JsonObject {
    const finish: Part<'finish'> = this.#finish ?? { type: 'finish', finish: { unified: 'other' } satisfies Finish }
    const own = kept(finish) !== undefined
    const grounding = own ? undefined : this.#grounding()
    return {
      content: { parts: [{ text: '' }], role: 'model' },
      finishReason: encodeFinish(finish.finish, own),
      index: this.#index,
      ...restore(finish),
      ...(grounding && { groundingMetadata: grounding }),
    }
  }

  #text({ block, text, logprobs, extensions }: Part<'text-delta'>): string {
    if (extensions === undefined && logprobs === undefined) return this.#plain(block, text)
    this.#remember(block, text)
    const more = restore(extensions === undefined ? {} : { extensions })
    const candidate = this.#part({ ...more, text })
    if (!isLogprobs(logprobs)) return candidate
    return `${candidate.slice(0, -1)},"logprobsResult":${JSON.stringify(logprobs)}}`
  }

  #plain(block: number, text: string): string {
    if (text === '') return ''
    this.#remember(block, text)
    if (this.#calls.size > 0) return this.#part({ text })
    return `${TEXT_HEAD}${JSON.stringify(text)}}${this.#tail}`
  }

  #proof(proof: Proven): string {
    return this.#part({ text: '', thought: true, thoughtSignature: proofText(proof, NAME) })
  }

  /** Behind the calls that are complete. */
  #part(part: JsonObject): string {
    const calls = this.#calls.size === 0 ? '' : this.#takeCalls(false)
    return `${HEAD}${calls === '' ? '' : `${calls},`}${JSON.stringify(part)}${this.#tail}`
  }

  /** @param all whether also calls go out whose arguments are not complete, and will not be */
  #takeCalls(all: boolean): string {
    const parts: string[] = []
    for (const [block, call] of this.#calls) {
      if (!all && argsOf(call.arguments) === undefined) continue
      this.#calls.delete(block)
      parts.push(JSON.stringify(encodeCall(markedCall(call, NAME), argsOrText(call.arguments))))
    }
    return parts.join(',')
  }

  #arguments(part: Part<'tool-call-delta'>): string {
    if (part.arguments === '') return ''
    const call = this.#calls.get(part.block)
    if (call === undefined) {
      throw new GatewayError('upstream_error', 'The upstream sent arguments of a tool call that was over.')
    }
    call.arguments += part.arguments
    this.#hold(part.arguments.length)
    return ''
  }

  #remember(block: number, text: string): void {
    const last = this.#texts.at(-1)
    if (last?.block === block) last.text += text
    else this.#texts.push({ block, text })
    this.#hold(Math.max(1, text.length))
  }

  #hold(characters: number): void {
    this.#size += characters
    if (this.#size > FRAME_LIMIT)
      throw new GatewayError('upstream_error', `The upstream sent an answer of more than ${FRAME_LIMIT} characters.`)
  }

  /** Clients put the texts of a stream together, so that offsets count from the first one. */
  #grounding(): JsonObject | undefined {
    const grounding = new Grounding()
    for (const { block, citation } of this.#citations) {
      const index = this.#texts.findIndex((text) => text.block === block)
      if (index === -1) continue
      const before = this.#texts.slice(0, index).reduce((bytes, { text }) => bytes + Buffer.byteLength(text), 0)
      grounding.add(citation, this.#texts[index]!.text, before, 0)
    }
    return grounding.metadata()
  }
}
