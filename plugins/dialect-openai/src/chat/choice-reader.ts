/** Reads the deltas of one choice. Keeps count of its blocks: a new one begins where the kind of content changes. */
import type { JsonObject, StreamPart } from '@sluice/core'
import { isBlank, isObject, objectOf, textOf } from '@sluice/dialect-kit'
import type { ChoiceDecoder } from '../chunks/decode-chunks.ts'
import type { ChoicePart } from '../chunks/encode-chunks.ts'
import { decodeCitation } from './citations.ts'
import { fields } from '../kept.ts'
import { DIALECT } from './extensions.ts'
import { decodeFinish } from './finish.ts'
import { textOfThinking } from './parts.ts'
import { ToolCallReader } from './tool-call-reader.ts'

// `text`, `seed`, `token_id` (Together), the cumulative `message` (Perplexity) and `padding` add nothing to the delta.
const CHOICE_FIELDS = fields('index delta logprobs finish_reason message text seed')
const DELTA_FIELDS = fields(
  'role content refusal annotations audio tool_calls token_id padding',
  'reasoning_content reasoning reasoning_details',
)

type Kind = 'text' | 'reasoning' | 'refusal' | 'audio' | 'tool'

/** Made for one choice of one stream; keeps counters and which block is open, no content. */
export class ChoiceReader implements ChoiceDecoder {
  isFinished = false
  readonly #index: number
  readonly #responseId: string | undefined
  #blocks = 0
  #kind: Kind | undefined
  #block = 0
  #textBlock: number | undefined
  #tools: ToolCallReader | undefined
  #refused = false

  constructor(index: number, responseId: string | undefined) {
    this.#index = index
    this.#responseId = responseId
  }

  read(choice: JsonObject, out: StreamPart[]): void {
    // An answer sent whole, as if streamed, has a message in place of deltas.
    const delta = objectOf(choice.delta) ?? (this.#blocks === 0 ? objectOf(choice.message) : undefined)
    if (delta !== undefined) this.#readDelta(delta, choice.logprobs ?? undefined, out)
    const others = unknownIn(choice, CHOICE_FIELDS)
    if (typeof choice.finish_reason !== 'string') {
      if (others !== undefined) this.#pushRaw(others, out)
    } else if (!this.isFinished) this.#end(choice.finish_reason, others, out) // OpenRouter finishes twice
  }

  /** The stream is over without a reason given for this choice's end. */
  finish(out: StreamPart[]): void {
    if (!this.isFinished) this.#end('stop', undefined, out)
  }

  /** Nothing more comes: gives calls that got no arguments their `{}`. */
  settle(out: StreamPart[]): void {
    this.#tools?.settle(out)
  }

  /** Opens the block that a new tool call is. */
  openTool(): number {
    this.#kind = 'tool'
    return this.#blocks++
  }

  emit(part: ChoicePart, out: StreamPart[]): void {
    if (this.#index > 0) part.choice = this.#index
    out.push(part)
  }

  #readDelta(delta: JsonObject, logprobs: unknown, out: StreamPart[]): void {
    const { content } = delta
    this.#readThoughts(delta, out)
    if (typeof content === 'string' && (content !== '' || hasTokens(logprobs))) this.#pushText(content, logprobs, out)
    else if (Array.isArray(content)) for (const item of content) this.#readItem(objectOf(item) ?? {}, out)
    if (typeof delta.refusal === 'string' && delta.refusal !== '') {
      this.#refused = true
      this.emit({ type: 'refusal-delta', block: this.#enter('refusal'), text: delta.refusal }, out)
    }
    if (isObject(delta.audio)) this.#readAudio(delta.audio, out)
    if (Array.isArray(delta.annotations)) this.#readAnnotations(delta.annotations, out)
    if (Array.isArray(delta.tool_calls) && delta.tool_calls.length > 0) {
      this.#tools ??= new ToolCallReader(this, this.#responseId)
      this.#tools.read(delta.tool_calls, out)
    }
    const others = unknownIn(delta, DELTA_FIELDS)
    if (others !== undefined) this.#pushRaw({ delta: others }, out)
  }

  /** Some vendors say the same in two of the fields. */
  #readThoughts(delta: JsonObject, out: StreamPart[]): void {
    const text = textOf(delta.reasoning_content) || textOf(delta.reasoning)
    if (text) this.#pushThought(text, out)
    if (!Array.isArray(delta.reasoning_details)) return
    for (const item of delta.reasoning_details) {
      const detail = objectOf(item) ?? {}
      const said = textOf(detail.text) || textOf(detail.summary)
      if (!text && said) this.#pushThought(said, out)
      if (typeof detail.signature === 'string' && detail.signature !== '') {
        const block = this.#enter('reasoning')
        this.emit({ type: 'reasoning-signature', block, signature: detail.signature, origin: DIALECT }, out)
      }
      if (typeof detail.data === 'string') {
        // Each encrypted thought is a block of its own.
        this.#kind = undefined
        const block = this.#enter('reasoning')
        this.emit({ type: 'reasoning-redacted', block, data: detail.data, origin: DIALECT }, out)
        this.#kind = undefined
      }
    }
  }

  /** Mistral's content in parts: thoughts and text. */
  #readItem(item: JsonObject, out: StreamPart[]): void {
    if (item.type === 'text' && typeof item.text === 'string') {
      if (item.text !== '') this.#pushText(item.text, undefined, out)
    } else if (item.type === 'thinking') {
      const text = textOfThinking(item.thinking)
      if (text !== '') this.#pushThought(text, out)
    } else if (item.type !== undefined) this.emit({ type: 'raw', dialect: DIALECT, value: item }, out)
  }

  #pushText(text: string, logprobs: unknown, out: StreamPart[]): void {
    const block = this.#enter('text')
    this.#textBlock = block
    const part: ChoicePart = { type: 'text-delta', block, text }
    if (logprobs !== undefined) part.logprobs = logprobs
    this.emit(part, out)
  }

  #pushThought(text: string, out: StreamPart[]): void {
    this.emit({ type: 'reasoning-delta', block: this.#enter('reasoning'), text }, out)
  }

  #readAudio(audio: JsonObject, out: StreamPart[]): void {
    const part: Extract<ChoicePart, { type: 'audio-delta' }> = { type: 'audio-delta', block: this.#enter('audio') }
    if (typeof audio.id === 'string') part.id = audio.id
    if (typeof audio.data === 'string') part.data = audio.data
    if (typeof audio.transcript === 'string') part.transcript = audio.transcript
    if (typeof audio.expires_at === 'number') part.expiresAt = audio.expires_at
    this.emit(part, out)
  }

  #readAnnotations(annotations: readonly unknown[], out: StreamPart[]): void {
    for (const item of annotations) {
      if (!isObject(item)) continue
      this.#textBlock ??= this.#enter('text')
      this.emit({ type: 'citation', block: this.#textBlock, citation: decodeCitation(item) }, out)
    }
  }

  #pushRaw(fields: JsonObject, out: StreamPart[]): void {
    const value = { object: 'chat.completion.chunk', choices: [{ index: this.#index, delta: {}, ...fields }] }
    this.emit({ type: 'raw', dialect: DIALECT, value }, out)
  }

  #end(reason: unknown, others: JsonObject | undefined, out: StreamPart[]): void {
    this.isFinished = true
    this.settle(out)
    const finish = decodeFinish(reason, { calls: this.#tools !== undefined, refused: this.#refused })
    this.emit({ type: 'finish', finish, extensions: { [DIALECT]: others ?? {} } }, out)
  }

  /** The block of `kind` that is open, or a new one. */
  #enter(kind: Kind): number {
    if (this.#kind !== kind) {
      this.#kind = kind
      this.#block = this.#blocks++
    }
    return this.#block
  }
}

/** Logprobs of tokens without text, e.g. of the bytes of a character. */
function hasTokens(logprobs: unknown): boolean {
  return isObject(logprobs) && Array.isArray(logprobs.content) && logprobs.content.length > 0
}

/** The fields that only this dialect knows and that say something. */
function unknownIn(wire: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let unknown: JsonObject | undefined
  for (const field in wire) if (!known.has(field) && !isVoid(wire[field])) (unknown ??= {})[field] = wire[field]
  return unknown
}

/** Blank, or Azure's filter results without results. */
function isVoid(value: unknown): boolean {
  return isBlank(value) || (isObject(value) && Object.keys(value).length === 0)
}
