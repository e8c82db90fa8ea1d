import { GatewayError } from '@sluice/core'
import type { JsonObject, StreamPart } from '@sluice/core'
import { isObject, parseUpstreamObject, textOf } from '@sluice/dialect-kit'
import type { Frame, FrameDecoder } from '@sluice/dialect-kit'
import { decodeErrorBody } from '../errors.ts'
import { extended, NAME } from '../extensions.ts'
import { CallIds } from './call-ids.ts'
import { CandidateReader } from './candidate-reader.ts'
import { blocked, isResponse, RESPONSE_FIELDS, secondsOf } from './decode-response.ts'
import { decodeUsage } from './usage.ts'

/** Name of raw parts that hold fields of a response, not a part of its content. */
export const FIELDS_EVENT = 'response'

/** More than anybody asks for. */
const MAX_CANDIDATES = 128

/** Reads the responses of one stream. Counts are cumulative, so that they and the finish wait for the end. */
export class GeminiStreamDecoder implements FrameDecoder {
  readonly #candidates = new Map<number, CandidateReader>()
  #ids: CallIds | undefined
  /** What responses said beside candidates and counts. */
  #fields: JsonObject = {}
  #usage: JsonObject | undefined

  push(frame: Frame, out: StreamPart[]): void {
    const body = parseUpstreamObject(frame.data, 'an event')
    if (isObject(body.error)) {
      out.push({ type: 'error', error: decodeErrorBody(body) })
      return
    }
    if (!isResponse(body)) throw new GatewayError('upstream_error', 'The upstream sent an event that is not of Gemini.')
    if (this.#ids === undefined) this.#start(body, out)
    else this.#readFields(body, out)
    if (isObject(body.usageMetadata)) this.#usage = body.usageMetadata
    const { candidates } = body
    if (!Array.isArray(candidates)) return
    for (let i = 0; i < candidates.length; i++) {
      const candidate: unknown = candidates[i]
      if (isObject(candidate)) this.#candidate(candidate, i).read(candidate, out)
    }
  }

  end(out: StreamPart[]): boolean {
    let isWhole = this.#candidates.size > 0
    for (const candidate of this.#candidates.values()) {
      candidate.settle(out)
      if (!candidate.isFinished) isWhole = false
    }
    if (this.#candidates.size === 0 && isObject(this.#fields.promptFeedback)) {
      isWhole = true
      const { finish, extensions } = blocked(this.#fields)
      out.push({ type: 'finish', finish, ...(extensions && { extensions }) })
    }
    if (this.#usage !== undefined) out.push({ type: 'usage', usage: decodeUsage(this.#usage) })
    return isWhole
  }

  #start(body: JsonObject, out: StreamPart[]): void {
    const id = textOf(body.responseId)
    const model = textOf(body.modelVersion)
    const created = secondsOf(body.createTime)
    this.#ids = new CallIds(id)
    for (const field in body) if (!RESPONSE_FIELDS.has(field)) this.#fields[field] = body[field]
    out.push({
      type: 'start',
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(created !== undefined && { created }),
      ...extended({ ...this.#fields }),
    })
  }

  /** Most responses repeat what the first one said. */
  #readFields(body: JsonObject, out: StreamPart[]): void {
    for (const field in body) {
      if (RESPONSE_FIELDS.has(field)) continue
      const value = body[field]
      const before = this.#fields[field]
      if (value === before || JSON.stringify(value) === JSON.stringify(before)) continue
      this.#fields[field] = value
      out.push({ type: 'raw', dialect: NAME, event: FIELDS_EVENT, value: { [field]: value } })
    }
  }

  #candidate({ index }: JsonObject, position: number): CandidateReader {
    const number = typeof index === 'number' ? index : position
    let candidate = this.#candidates.get(number)
    if (candidate !== undefined) return candidate
    if (this.#candidates.size >= MAX_CANDIDATES)
      throw new GatewayError('upstream_error', 'The upstream sent too many candidates in one answer.')
    candidate = new CandidateReader(number, this.#ids!)
    this.#candidates.set(number, candidate)
    return candidate
  }
}
