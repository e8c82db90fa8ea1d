/**
 * An upstream's stream of chunks → parts. Vendors differ in nearly everything but `choices[]`: who sends usage
 * where and how often, the first and last frames, repeated roles and finishes. All of it is taken.
 */
import { GatewayError } from '@sluice/core'
import type { DialectName, JsonObject, StreamPart } from '@sluice/core'
import type { Frame, FrameDecoder } from '@sluice/dialect-kit'
import { isBlank, isObject, objectOf, parseUpstreamObject, textOf } from '@sluice/dialect-kit'
import { decodeUsage } from '../chat/usage.ts'
import type { Errors } from '../errors.ts'
import { fields } from '../kept.ts'

/** Reads one choice of one stream. */
export interface ChoiceDecoder {
  readonly isFinished: boolean
  read(choice: JsonObject, out: StreamPart[]): void
  /** The stream is over without a reason given for this choice's end. */
  finish(out: StreamPart[]): void
  /** Nothing more comes. */
  settle(out: StreamPart[]): void
}

/** What differs between the APIs that stream in chunks. */
export interface ChunkForm {
  dialect: DialectName
  /** `object` of a chunk, and the beginning that all kinds of chunks have in common. */
  object: string
  family: string
  choice(index: number, responseId: string | undefined): ChoiceDecoder
  inlineError: Errors['inlineError']
}

/** Fields of a chunk that have a place in the parts, and padding that nobody needs. */
const FIELDS = fields('id object created model choices usage obfuscation p padding')

/** No vendor allows as many answers to one request. */
const MAX_CHOICES = 128

/** Made for one stream. Throws `upstream_error` on a frame that is not of the dialect. */
export class ChunkDecoder implements FrameDecoder {
  readonly #form: ChunkForm
  readonly #choices = new Map<number, ChoiceDecoder>()
  /** Fields that need not be told any more: what only this dialect knows is told once. */
  readonly #known = new Set(FIELDS)
  /** What is known before the first part; undefined once it was told. */
  #start: JsonObject | undefined = {}
  #id: string | undefined
  #usage: JsonObject | undefined
  #isDone = false
  #isBroken = false

  constructor(form: ChunkForm) {
    this.#form = form
  }

  push({ data }: Frame, out: StreamPart[]): void {
    if (this.#isDone || this.#isBroken || data === '') return
    if (data === '[DONE]') return this.#finish(out)
    const chunk = parseUpstreamObject(data, 'an event')
    const { choices } = chunk
    if (!Array.isArray(choices) || chunk.error) {
      const error = this.#form.inlineError(chunk)
      if (error !== undefined) {
        this.#isBroken = true
        out.push({ type: 'error', error })
        return
      }
      if (!Array.isArray(choices)) return this.#pushUsage(chunk)
    }
    this.#readEnvelope(chunk, choices.length > 0, out)
    for (let i = 0; i < choices.length; i++) {
      const choice: unknown = choices[i]
      if (!isObject(choice))
        throw new GatewayError('upstream_error', 'The upstream sent a choice that is not an object.')
      this.#reader(choice.index, i).read(choice, out)
    }
    if (isObject(chunk.usage)) this.#usage = chunk.usage
    else if (isObject(chunk.x_groq)) this.#usage = objectOf(chunk.x_groq.usage) ?? this.#usage
  }

  end(out: StreamPart[]): boolean {
    if (!this.#isDone) this.#settle(out)
    if (this.#isBroken) return false
    if (this.#isDone) return true
    for (const choice of this.#choices.values()) if (!choice.isFinished) return false
    return this.#choices.size > 0
  }

  /** `[DONE]`: the vendor calls the answer whole, also one whose end it never gave a reason for. */
  #finish(out: StreamPart[]): void {
    this.#isDone = true
    for (const choice of this.#choices.values()) choice.finish(out)
    this.#settle(out)
  }

  #settle(out: StreamPart[]): void {
    for (const choice of this.#choices.values()) choice.settle(out)
    const usage = this.#usage && decodeUsage(this.#usage)
    if (usage !== undefined) out.push({ type: 'usage', usage })
    this.#usage = undefined
  }

  /** A frame without choices. */
  #pushUsage({ usage, object }: JsonObject): void {
    if (isObject(usage)) this.#usage = usage
    else if (textOf(object)?.startsWith(this.#form.family) !== true) {
      throw new GatewayError('upstream_error', 'The upstream sent an event that is not a piece of a completion.')
    }
  }

  /** Azure's first frame has no id, no model and no choices: the start waits for the next one. */
  #readEnvelope(chunk: JsonObject, hasChoices: boolean, out: StreamPart[]): void {
    const { dialect, object } = this.#form
    let news: JsonObject | undefined = this.#start
    for (const field in chunk) {
      if (this.#known.has(field) || (this.#start === undefined && isBlank(chunk[field]))) continue
      this.#known.add(field)
      ;(news ??= {})[field] = chunk[field]
    }
    if (this.#start === undefined) {
      if (news !== undefined) out.push({ type: 'raw', dialect, value: { object, ...news } })
    } else if (hasChoices || !isBlank(chunk.id ?? null)) {
      out.push(startPart(chunk, dialect, this.#start))
      this.#id = textOf(chunk.id)
      this.#start = undefined
    }
  }

  #reader(index: unknown, position: number): ChoiceDecoder {
    const number = index ?? position
    if (typeof number !== 'number' || !(number >= 0 && number < MAX_CHOICES) || !Number.isInteger(number)) {
      throw new GatewayError('upstream_error', 'The upstream sent a choice whose "index" is out of range.')
    }
    let reader = this.#choices.get(number)
    if (reader === undefined) this.#choices.set(number, (reader = this.#form.choice(number, this.#id)))
    return reader
  }
}

/** The dialect's fields are always there: they tell an answer of this dialect from those of others. */
function startPart(chunk: JsonObject, dialect: DialectName, fields: JsonObject): StreamPart {
  const start: Extract<StreamPart, { type: 'start' }> = { type: 'start', extensions: { [dialect]: fields } }
  if (typeof chunk.id === 'string' && chunk.id !== '') start.id = chunk.id
  if (typeof chunk.model === 'string' && chunk.model !== '') start.model = chunk.model
  if (typeof chunk.created === 'number') start.created = chunk.created
  return start
}
