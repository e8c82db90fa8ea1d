/** Writes the chunks of one choice. */
import type { JsonObject, StreamPart } from '@sluice/core'
import { defined, proofText } from '@sluice/dialect-kit'
import type { ChoiceEncoder, ChoicePart } from '../chunks/encode-chunks.ts'
import { chatLogprobs } from '../logprobs.ts'
import { CitationPlaces } from './citation-places.ts'
import { DIALECT } from './extensions.ts'
import { encodeFinish } from './finish.ts'
import { signatureContent } from './tool-calls.ts'

type PartOf<T extends ChoicePart['type']> = Extract<StreamPart, { type: T }>

/** Made for one choice of one stream. */
export class ChoiceWriter implements ChoiceEncoder {
  isFinished = false
  /** The chunk before its delta. */
  readonly #head: string
  /** The chunk behind the fields of its choice. */
  readonly #tail: string
  /** The chunk behind its delta, for the many that say nothing there. */
  readonly #plainTail: string
  /** By block: a piece of the call's arguments, up to them. */
  readonly #calls = new Map<number, string>()
  readonly #places = new CitationPlaces()

  /**
   * @param envelope the chunk up to its choices
   * @param closing the chunk behind its choices
   */
  constructor(index: number, envelope: string, closing: string) {
    this.#head = `${envelope},"choices":[{"index":${index},"delta":`
    this.#tail = `}]${closing}`
    this.#plainTail = `,"logprobs":null,"finish_reason":null${this.#tail}`
  }

  /** The first chunk. A turn that begins with a tool call has no text, not an empty one. */
  open(isCall: boolean): string {
    return this.#chunk(`{"role":"assistant","content":${isCall ? 'null' : '""'}}`)
  }

  /** The chunk that says `part`; '' for a part that this API has no words for. */
  write(part: ChoicePart): string {
    switch (part.type) {
      case 'text-delta':
        return this.#text(part)
      case 'reasoning-delta':
        return this.#chunk(`{"reasoning_content":${JSON.stringify(part.text)}}`)
      case 'reasoning-signature':
        return this.#detail({ type: 'reasoning.text', signature: proofText(part, DIALECT) })
      case 'reasoning-redacted':
        return this.#detail({
          type: 'reasoning.encrypted',
          data: proofText({ redacted: part.data, origin: part.origin }, DIALECT),
        })
      case 'refusal-delta':
        return this.#chunk(`{"refusal":${JSON.stringify(part.text)}}`)
      case 'audio-delta':
        return this.#audio(part)
      case 'tool-call-start':
        return this.#callStart(part)
      case 'tool-call-delta': {
        const head = this.#calls.get(part.block)
        return head === undefined ? '' : this.#chunk(`${head}${JSON.stringify(part.arguments)}}}]}`)
      }
      case 'citation':
        return this.#annotate(this.#places.citation(part.block, part.citation))
      case 'finish':
        return this.#finish(part)
      case 'raw':
        return part.dialect === DIALECT ? this.#chunk(`{"content":[${JSON.stringify(part.value)}]}`) : ''
    }
  }

  #chunk(delta: string): string {
    return this.#head + delta + this.#plainTail
  }

  #detail(detail: JsonObject): string {
    return this.#chunk(JSON.stringify({ reasoning_details: [detail] }))
  }

  #annotate(annotations: readonly JsonObject[]): string {
    return annotations.length === 0 ? '' : this.#chunk(JSON.stringify({ annotations }))
  }

  #text({ block, text, logprobs }: PartOf<'text-delta'>): string {
    const before = this.#annotate(this.#places.text(block, text))
    const delta = `{"content":${JSON.stringify(text)}}`
    if (logprobs === undefined) return before + this.#chunk(delta)
    return `${before}${this.#head}${delta},"logprobs":${JSON.stringify(chatLogprobs(logprobs))},"finish_reason":null${this.#tail}`
  }

  #audio({ id, data, transcript, expiresAt }: PartOf<'audio-delta'>): string {
    return this.#chunk(JSON.stringify({ audio: defined({ id, data, transcript, expires_at: expiresAt }) }))
  }

  #callStart(part: PartOf<'tool-call-start'>): string {
    const { block, id, name, signature, origin } = part
    const index = this.#calls.size
    const kind = part.kind ?? 'function'
    const argument = kind === 'custom' ? 'input' : 'arguments'
    this.#calls.set(block, `{"tool_calls":[{"index":${index},"${kind}":{"${argument}":`)
    const call: JsonObject = {
      ...(signature !== undefined && { extra_content: signatureContent(proofText({ signature, origin }, DIALECT)) }),
      ...part.extensions?.[DIALECT],
      index,
      id,
      type: kind,
      [kind]: { name, [argument]: '' },
    }
    return this.#chunk(JSON.stringify({ tool_calls: [call] }))
  }

  #finish({ finish, extensions }: PartOf<'finish'>): string {
    if (this.isFinished) return ''
    this.isFinished = true
    const own = extensions?.[DIALECT]
    // An upstream of this dialect has its say; of another one the meaning counts.
    const reason =
      own !== undefined && finish.raw !== undefined ? finish.raw : encodeFinish(finish, this.#calls.size > 0)
    let others = ''
    for (const field in own) others += `,${JSON.stringify(field)}:${JSON.stringify(own[field])}`
    const annotations = this.#annotate(this.#places.end())
    return `${annotations}${this.#head}{},"logprobs":null,"finish_reason":${JSON.stringify(reason)}${others}${this.#tail}`
  }
}
