/**
 * Parts → a client's stream of chunks. What all chunks have in common is built once; a piece of text costs one
 * JSON.stringify of that text.
 */
import type { DialectName, JsonObject, ReplyContext, StreamWriter, StreamPart, Usage } from '@sluice/core'
import { sseFrame } from '@sluice/dialect-kit'
import { encodeUsage, isOwnUsage } from '../chat/usage.ts'
import { now } from '../now.ts'

/** A part that belongs to a choice. */
export type ChoicePart = Exclude<StreamPart, { type: 'start' | 'usage' | 'error' }>

/** Writes the chunks of one choice of one stream. */
export interface ChoiceEncoder {
  readonly isFinished: boolean
  /** The first chunk. @param isCall whether the answer begins with a tool call */
  open(isCall: boolean): string
  /** The chunk that says `part`; '' for a part that the API has no words for. */
  write(part: ChoicePart): string
}

/** What differs between the APIs that stream in chunks. */
export interface ChunkWriting {
  dialect: DialectName
  /** `object` of a chunk. */
  object: string
  /** Id of an answer whose upstream gave none. */
  replyId: (context: ReplyContext) => string
  /**
   * @param envelope the chunk up to its choices
   * @param closing the chunk behind its choices
   */
  choice(index: number, envelope: string, closing: string): ChoiceEncoder
  /** A choice that says nothing. */
  blank: string
}

type Start = Extract<StreamPart, { type: 'start' }>
type RawPart = Extract<StreamPart, { type: 'raw' }>

const END = '}\n\n'

/** Made for one stream. Takes parts in any order, from any dialect. */
export class ChunkEncoder implements StreamWriter {
  readonly #context: ReplyContext
  readonly #form: ChunkWriting
  readonly #choices = new Map<number, ChoiceEncoder>()
  /** Behind the choices of a chunk. OpenAI's streams that end with usage say until then that there is none. */
  readonly #closing: string
  /** What every chunk says of the answer. */
  #envelope: JsonObject = {}
  /** What only the first chunk says besides: the vendor's longer fields. */
  #once: JsonObject = {}
  /** A chunk up to its choices; '' before the start. */
  #head = ''
  #usage: Usage | undefined

  constructor(context: ReplyContext, form: ChunkWriting) {
    this.#context = context
    this.#form = form
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
        if (part.dialect !== this.#form.dialect) return ''
        if (part.value.object === this.#form.object) return this.#raw(part)
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
    const { dialect, object, replyId } = this.#form
    this.#envelope = {
      id: id ?? replyId(this.#context),
      object,
      created: created ?? now(),
      model: model ?? this.#context.model,
    }
    for (const [field, value] of Object.entries(extensions?.[dialect] ?? {})) {
      if (typeof value === 'object' && value !== null) this.#once[field] = value
      else this.#envelope[field] = value
    }
    this.#head = `data: ${JSON.stringify(this.#envelope).slice(0, -1)}`
  }

  #open(number: number, isCall: boolean): string {
    this.#begin({})
    this.#choices.set(number, this.#form.choice(number, this.#head, this.#closing))
    const first = JSON.stringify(this.#once)
    this.#once = {}
    if (first === '{}') return this.#choices.get(number)!.open(isCall)
    return this.#form.choice(number, `${this.#head},${first.slice(1, -1)}`, this.#closing).open(isCall)
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
    const choices = isAsked ? '[]' : `[${this.#form.blank}]`
    return `${this.#head},"choices":${choices},"usage":${JSON.stringify(encodeUsage(this.#usage))}${END}`
  }
}
