/** Streams: chunks whose choices hold a piece of text. */
import type { JsonObject, StreamPart } from '@sluice/core'
import type { ChoiceDecoder, ChunkForm } from '../chunks/decode-chunks.ts'
import type { ChoiceEncoder, ChoicePart, ChunkWriting } from '../chunks/encode-chunks.ts'
import { decodeFinish } from '../chat/finish.ts'
import { inlineError } from './errors.ts'
import { DIALECT } from './extensions.ts'
import { encodeFinish } from './finish.ts'
import { replyId } from './response.ts'

const OBJECT = 'text_completion'

class TextReader implements ChoiceDecoder {
  isFinished = false
  readonly #at: { choice?: number }

  constructor(index: number) {
    this.#at = index > 0 ? { choice: index } : {}
  }

  read({ text, logprobs, finish_reason: reason }: JsonObject, out: StreamPart[]): void {
    const hasLogprobs = (logprobs ?? undefined) !== undefined
    if (typeof text === 'string' && (text !== '' || hasLogprobs)) {
      out.push({ type: 'text-delta', block: 0, text, ...(hasLogprobs && { logprobs }), ...this.#at })
    }
    if (typeof reason === 'string') this.#end(reason, out)
  }

  finish(out: StreamPart[]): void {
    this.#end('stop', out)
  }

  settle(): void {}

  #end(reason: string, out: StreamPart[]): void {
    if (this.isFinished) return
    this.isFinished = true
    const finish = decodeFinish(reason, { calls: false, refused: false })
    out.push({ type: 'finish', finish, ...this.#at, extensions: { [DIALECT]: {} } })
  }
}

class TextWriter implements ChoiceEncoder {
  isFinished = false
  readonly #envelope: string
  /** The chunk before its text, and behind it. */
  readonly #head: string
  readonly #tail: string
  readonly #index: number
  readonly #closing: string

  constructor(index: number, envelope: string, closing: string) {
    this.#envelope = envelope
    this.#index = index
    this.#closing = closing
    this.#head = `${envelope},"choices":[{"text":`
    this.#tail = `,"index":${index},"logprobs":null,"finish_reason":null}]${closing}`
  }

  open(): string {
    return `${this.#head}""${this.#tail}`
  }

  write(part: ChoicePart): string {
    switch (part.type) {
      case 'text-delta':
        // The form of chats' log probabilities is another one.
        return isOwn(part.logprobs) ? this.#chunk(part.text, part.logprobs, null) : this.#text(part.text)
      case 'refusal-delta':
        return this.#text(part.text)
      case 'finish': {
        if (this.isFinished) return ''
        this.isFinished = true
        const own = part.extensions?.[DIALECT] !== undefined
        return this.#chunk('', null, own && part.finish.raw ? part.finish.raw : encodeFinish(part.finish))
      }
      default:
        return ''
    }
  }

  #text(text: string): string {
    return this.#head + JSON.stringify(text) + this.#tail
  }

  #chunk(text: string, logprobs: unknown, reason: string | null): string {
    const choice = { text, index: this.#index, logprobs, finish_reason: reason }
    return `${this.#envelope},"choices":[${JSON.stringify(choice)}]${this.#closing}`
  }
}

/** Lists of tokens side by side; chats have one list of objects. */
function isOwn(logprobs: unknown): boolean {
  return typeof logprobs === 'object' && logprobs !== null && 'tokens' in logprobs
}

export const READING: ChunkForm = {
  dialect: DIALECT,
  object: OBJECT,
  family: OBJECT,
  choice: (index) => new TextReader(index),
  inlineError,
}

export const WRITING: ChunkWriting = {
  dialect: DIALECT,
  object: OBJECT,
  replyId,
  choice: (index, envelope, closing) => new TextWriter(index, envelope, closing),
  blank: '{"text":"","index":0,"logprobs":null,"finish_reason":null}',
}
