import type { GatewayError, JsonObject, ReplyContext, StreamPart, StreamWriter } from '@sluice/core'
import { encodeError } from '../errors.ts'
import { kept, NAME } from '../extensions.ts'
import { CandidateWriter } from './candidate-writer.ts'
import { FIELDS_EVENT } from './decode-stream.ts'
import { isCandidate } from './encode-response.ts'
import { encodeUsage } from './usage.ts'

type Part<T extends StreamPart['type']> = Extract<StreamPart, { type: T }>

/** How the responses of a stream are put one after the other. */
export interface StreamForm {
  /** Before them all. */
  open: string
  before: string
  after: string
  /** In place of `after`, behind the last one. */
  end: string
}

export const EVENT_FORM: StreamForm = { open: '', before: 'data: ', after: '\n\n', end: '\n\n' }
export const ARRAY_FORM: StreamForm = { open: '[', before: '', after: ',\n', end: ']' }

/**
 * Writes one streamed answer. Calls of functions go out whole; finish and usage come in any order, so that
 * both wait for the last response.
 */
export class GeminiStreamWriter implements StreamWriter {
  readonly #context: ReplyContext
  readonly #form: StreamForm
  readonly #candidates = new Map<number, CandidateWriter>()
  #hasBegun = false
  /** Whether the answer was decoded by this dialect. */
  #own = false
  /** What every response says of the answer, and how that stands in JSON behind its candidates. */
  #fields: JsonObject = {}
  #always = ''
  /** Longer fields, which only the next response says. */
  #once = ''
  #usage: Part<'usage'>['usage'] | undefined
  /** Whether the prompt was refused: an answer without candidates. */
  #isBlocked = false

  constructor(context: ReplyContext, form: StreamForm) {
    this.#context = context
    this.#form = form
  }

  push(part: StreamPart): string {
    const open = this.#hasBegun ? '' : this.#begin(part.type === 'start' ? part : { type: 'start' })
    switch (part.type) {
      case 'start':
      case 'error':
        return open
      case 'usage':
        this.#usage = part.usage
        return open
      case 'raw':
        if (part.dialect !== NAME) return open
        if (part.event !== FIELDS_EVENT) break
        this.#say(part.value)
        return open
      case 'finish':
        if (isCandidate(part)) break
        this.#isBlocked = true
        return open
      default:
    }
    const candidate = this.#candidate(part.choice ?? 0).write(part)
    return candidate === '' ? open : open + this.#response(candidate)
  }

  end(): string {
    let before = this.#hasBegun ? '' : this.#begin({ type: 'start' })
    if (this.#candidates.size === 0 && !this.#isBlocked) this.#candidate(0)
    const last: JsonObject[] = []
    for (const candidate of this.#candidates.values()) {
      const calls = candidate.calls()
      if (calls !== '') before += this.#response(calls)
      last.push(candidate.last())
    }
    const response = {
      ...(last.length > 0 && { candidates: last }),
      ...(this.#usage && { usageMetadata: encodeUsage(this.#usage, this.#own) }),
    }
    const said = JSON.stringify(response).slice(0, -1) + this.#once + this.#always
    return `${before}${this.#form.before}${said.replace(/^\{,/, '{')}}${this.#form.end}`
  }

  error(error: GatewayError): string {
    const open = this.#hasBegun ? '' : this.#form.open
    return open + this.#form.before + JSON.stringify(encodeError(error)) + this.#form.end
  }

  #begin(start: Part<'start'>): string {
    this.#hasBegun = true
    this.#own = kept(start) !== undefined
    const model = start.model ?? (this.#own ? undefined : this.#context.model)
    const id = start.id ?? (this.#own ? undefined : this.#context.id)
    this.#say({
      ...kept(start),
      ...(model !== undefined && { modelVersion: model }),
      ...(id !== undefined && { responseId: id }),
    })
    return this.#form.open
  }

  /** From the next response on. */
  #say(fields: JsonObject): void {
    for (const field in fields) {
      const value = fields[field]
      if (typeof value === 'object') this.#once += `,${JSON.stringify(field)}:${JSON.stringify(value)}`
      else this.#fields[field] = value
    }
    const text = JSON.stringify(this.#fields).slice(1, -1)
    this.#always = text === '' ? '' : `,${text}`
  }

  #candidate(index: number): CandidateWriter {
    let candidate = this.#candidates.get(index)
    if (candidate === undefined) this.#candidates.set(index, (candidate = new CandidateWriter(index)))
    return candidate
  }

  /** @param candidate JSON */
  #response(candidate: string): string {
    const once = this.#once
    this.#once = ''
    return `${this.#form.before}{"candidates":[${candidate}]${once}${this.#always}}${this.#form.after}`
  }
}
