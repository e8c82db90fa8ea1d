/** Reads one of the candidates of a stream. */
import type { JsonObject, StreamPart } from '@sluice/core'
import { FRAME_LIMIT, isObject } from '@sluice/dialect-kit'
import { extended, NAME } from '../extensions.ts'
import type { CallIds } from './call-ids.ts'
import { citationsIn } from './citations.ts'
import { decodeFinish, isReason } from './finish.ts'
import { decodePart } from './parts.ts'

type At = { block: number; choice?: number }

export class CandidateReader {
  isFinished = false
  readonly #index: number
  readonly #ids: CallIds
  /** Number of the open block, and what it is; what is neither text nor thought opens none that could go on. */
  #block = -1
  #kind: 'text' | 'thought' | undefined
  /** Texts so far, by block: citations count in them. */
  readonly #texts = new Map<number, string>()
  #size = 0
  #hasCalls = false
  #reason: unknown
  /** What is said of the candidate as a whole; what comes later replaces what came before. */
  readonly #fields: JsonObject = {}

  constructor(index: number, ids: CallIds) {
    this.#index = index
    this.#ids = ids
  }

  read(candidate: JsonObject, out: StreamPart[]): void {
    for (const field in candidate) {
      const value = candidate[field]
      if (value === null) continue
      if (field === 'content') {
        if (isObject(value) && Array.isArray(value.parts)) this.#readParts(value.parts, candidate.logprobsResult, out)
      } else if (field === 'finishReason') {
        if (!isReason(value)) continue
        this.isFinished = true
        this.#reason = value
      } else if (field !== 'index' && field !== 'logprobsResult') this.#keep(field, value)
    }
  }

  /** The stream is over. */
  settle(out: StreamPart[]): void {
    const texts = [...this.#texts.values()]
    const blocks = [...this.#texts.keys()]
    for (const { text, citation } of citationsIn(this.#fields, texts)) {
      out.push({ type: 'citation', ...this.#at(blocks[text]!), citation })
    }
    if (!this.isFinished) return
    const finish = decodeFinish(this.#reason, this.#hasCalls)
    const choice = this.#index === 0 ? {} : { choice: this.#index }
    out.push({ type: 'finish', finish, ...choice, ...extended(this.#fields) })
  }

  /** While a search goes on, its results are an empty object. */
  #keep(field: string, value: unknown): void {
    const isEmpty = isObject(value) && Object.keys(value).length === 0
    if (!isEmpty || !(field in this.#fields)) this.#fields[field] = value
  }

  #readParts(parts: readonly unknown[], logprobs: unknown, out: StreamPart[]): void {
    let unsaid = isObject(logprobs) ? logprobs : undefined
    for (const part of parts) {
      if (!isObject(part)) continue
      if (typeof part.text !== 'string') this.#readOther(part, out)
      else if (part.thought === true) this.#readThought(part, part.text, out)
      else if (this.#readText(part, part.text, unsaid, out)) unsaid = undefined
    }
    if (unsaid !== undefined) this.#fields.logprobsResult = unsaid
  }

  /** False if there was nothing to say. */
  #readText(part: JsonObject, text: string, logprobs: JsonObject | undefined, out: StreamPart[]): boolean {
    let more: JsonObject | undefined
    for (const field in part) if (field !== 'text' && part[field] !== null) (more ??= {})[field] = part[field]
    if (text === '' && more === undefined) return false
    if (this.#kind !== 'text') this.#open('text')
    const block = this.#block
    this.#size += Math.max(1, text.length)
    if (this.#size <= FRAME_LIMIT) this.#texts.set(block, (this.#texts.get(block) ?? '') + text)
    const delta: StreamPart & { type: 'text-delta' } = { type: 'text-delta', block, text }
    if (this.#index !== 0) delta.choice = this.#index
    if (logprobs !== undefined) delta.logprobs = logprobs
    if (more !== undefined) delta.extensions = { [NAME]: more }
    out.push(delta)
    return true
  }

  #readThought({ thoughtSignature }: JsonObject, text: string, out: StreamPart[]): void {
    const hasSignature = typeof thoughtSignature === 'string' && thoughtSignature !== ''
    if (text === '' && !hasSignature) return
    if (this.#kind !== 'thought') this.#open('thought')
    if (text !== '') {
      const delta: StreamPart & { type: 'reasoning-delta' } = {
        type: 'reasoning-delta',
        block: this.#block,
        text,
        summary: true,
      }
      if (this.#index !== 0) delta.choice = this.#index
      out.push(delta)
    }
    if (hasSignature)
      out.push({ type: 'reasoning-signature', ...this.#at(this.#block), signature: thoughtSignature, origin: NAME })
  }

  /** Calls come whole. For media and what Google ran itself a stream has no canonical words. */
  #readOther(value: JsonObject, out: StreamPart[]): void {
    const part = decodePart(value, this.#ids)
    this.#kind = undefined
    if (part.type !== 'tool-call') {
      out.push({ type: 'raw', dialect: NAME, value, ...(this.#index !== 0 && { choice: this.#index }) })
      return
    }
    this.#hasCalls = true
    const at = this.#at(++this.#block)
    const { type: _, arguments: args, ...call } = part
    out.push({ type: 'tool-call-start', ...at, ...call }, { type: 'tool-call-delta', ...at, arguments: args })
  }

  #open(kind: 'text' | 'thought'): void {
    this.#kind = kind
    this.#block++
  }

  #at(block: number): At {
    return this.#index === 0 ? { block } : { block, choice: this.#index }
  }
}
