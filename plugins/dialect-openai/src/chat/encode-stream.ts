/**
 * Parts → a client's stream. What all chunks have in common is built once; a piece of text costs one
 * JSON.stringify of that text.
 */
import type { JsonObject, ReplyContext, StreamWriter, StreamPart, Usage } from '@sluice/core'
import { sseFrame } from '@sluice/dialect-kit'
import { ChoiceWriter } from './choice-writer.ts'
import { now, replyId } from './encode-response.ts'
import { DIALECT } from './extensions.ts'
import { encodeUsage, isOwnUsage } from './usage.ts'

type Start = Extract<StreamPart, { type: 'start' }>
type RawPart = Extract<StreamPart, { type: 'raw' }>

const OBJECT = 'chat.completion.chunk'
const END = '}\n\n'

/** Made for one stream. Takes parts in any order, from any dialect. */
export class ChatStreamEncoder implements StreamWriter {
  readonly #context: ReplyContext
  readonly #choices = new Map<number, ChoiceWriter>()
  /** Behind the choices of a chunk. OpenAI's streams that end with usage say until then that there is none. */
  readonly #closing: string
  /** What every chunk says of the answer. */
  #envelope: JsonObject = {}
  /** What only the first chunk says besides: the vendor's longer fields. */
  #once: JsonObject = {}
  /** A chunk up to its choices; '' before the start. */
  #head = ''
  #usage: Usage | undefined

  constructor(context: ReplyContext) {
    this.#context = context
    this.#closing = context.request.includeUsage === true ? `,"usage":null${END}` : END
  }

  push(part: StreamPart): string {
    switch (part.type) {
      case 'start':
        this.#begin(part)
        return ''
      case 'usage':
        this.#usage = part.usage
        return ''
      case 'error':
        return ''
      case 'raw':
        if (part.dialect !== DIALECT) return ''
        if (part.value.object === OBJECT) return this.#raw(part)
        break
      default:
    }
    const number = part.choice ?? 0
    const choice = this.#choices.get(number)
    if (choice !== undefined) return choice.write(part)
    return this.#open(number, part.type === 'tool-call-start') + this.#choices.get(number)!.write(part)
  }

  end(): string {
    let text = this.#choices.size === 0 ? this.#open(0, false) : ''
    for (const choice of this.#choices.values()) {
      if (!choice.isFinished) text += choice.write({ type: 'finish', finish: { unified: 'stop' } })
    }
    return `${text}${this.#usageChunk()}data: [DONE]\n\n`
  }

  #begin({ id, model, created, extensions }: Start | { [field in keyof Start]?: undefined }): void {
    if (this.#head !== '') return
    this.#envelope = {
      id: id ?? replyId(this.#context),
      object: OBJECT,
      created: created ?? now(),
      model: model ?? this.#context.model,
    }
    for (const [field, value] of Object.entries(extensions?.[DIALECT] ?? {})) {
      if (typeof value === 'object' && value !== null) this.#once[field] = value
      else this.#envelope[field] = value
    }
    this.#head = `data: ${JSON.stringify(this.#envelope).slice(0, -1)}`
  }

  #open(number: number, isCall: boolean): string {
    this.#begin({})
    this.#choices.set(number, new ChoiceWriter(number, this.#head, this.#closing))
    const first = JSON.stringify(this.#once)
    this.#once = {}
    if (first === '{}') return this.#choices.get(number)!.open(isCall)
    return new ChoiceWriter(number, `${this.#head},${first.slice(1, -1)}`, this.#closing).open(isCall)
  }

  /** A chunk, or a part of one, that only this dialect understands. */
  #raw({ value }: RawPart): string {
    this.#begin({})
    return sseFrame(JSON.stringify({ ...this.#envelope, ...this.#once, choices: [], ...value }))
  }

  /**
   * Asked for, usage comes in a chunk without choices. Unasked it comes only from an upstream of this dialect
   * that sends it anyway; then with a choice, which clients that never asked expect in every chunk.
   */
  #usageChunk(): string {
    if (this.#usage === undefined) return ''
    const isAsked = this.#context.request.includeUsage === true
    if (!isAsked && !isOwnUsage(this.#usage)) return ''
    const choices = isAsked ? '[]' : '[{"index":0,"delta":{},"logprobs":null,"finish_reason":null}]'
    return `${this.#head},"choices":${choices},"usage":${JSON.stringify(encodeUsage(this.#usage))}${END}`
  }
}
