import { GatewayError } from '@sluice/core'
import type { JsonObject, StreamPart } from '@sluice/core'
import { isEmpty, isObject, objectOf, parseUpstreamObject, textOf } from '@sluice/dialect-kit'
import type { Frame, FrameDecoder } from '@sluice/dialect-kit'
import { errorIn } from '../errors.ts'
import { extended, keep, keepAll, leftovers, NAME } from '../extensions.ts'
import { citesText, PLAN } from './assistant.ts'
import { decodeCitation } from './citations.ts'
import { decodeFinish } from './finish.ts'
import { CALL_FIELDS, saysNothing } from './tool-calls.ts'
import { decodeUsage } from './usage.ts'

const START_FIELDS = new Set(['id', 'type', 'delta'])
const MESSAGE_FIELDS = new Set(['role', 'content', 'tool_plan', 'tool_calls', 'citations'])
const END_FIELDS = new Set(['type', 'delta'])
const END_DELTA_FIELDS = new Set(['finish_reason', 'usage'])
const NOTHING: JsonObject = Object.freeze({})

/** Reads the events of one streamed answer (https://docs.cohere.com/v2/docs/streaming). */
export class CohereStreamDecoder implements FrameDecoder {
  /** Blocks so far. Cohere numbers contents and calls each on its own, and the plan not at all. */
  #blocks = 0
  /** The open content: its number at Cohere (-1: none), its kind, and its block (-1: nothing said yet). */
  #index = -1
  #kind: 'text' | 'thinking' = 'text'
  #block = -1
  /** Block of the last text, for citations; of the plan; of the open call. */
  #text = -1
  #plan = -1
  #call = -1
  /** Whether the open call has arguments; whether there was any call. */
  #argued = false
  #called = false
  #started = false
  #finished = false
  #failed = false

  push({ event: name, data }: Frame, out: StreamPart[]): void {
    if (this.#finished || this.#failed || data === '' || data === '[DONE]') return
    const event = parseUpstreamObject(data, 'an event')
    const type = textOf(event.type) ?? name
    switch (type) {
      case 'content-delta':
        return this.#contentDelta(event, out)
      case 'content-start':
        return this.#contentStart(event, out)
      case 'content-end':
        this.#index = -1
        return
      case 'tool-plan-delta':
        return this.#planDelta(event, out)
      case 'tool-call-start':
        return this.#callStart(event, out)
      case 'tool-call-delta':
        return this.#callDelta(event, out)
      case 'tool-call-end':
        return this.#callEnd(out)
      case 'citation-start':
        return this.#citation(event, out)
      case 'citation-end':
        return
      case 'message-start':
        return this.#start(event, out)
      case 'message-end':
        return this.#end(event, out)
      default:
        return this.#other(type, event, out)
    }
  }

  end(): boolean {
    return this.#finished
  }

  #start(event: JsonObject, out: StreamPart[]): void {
    if (this.#started) return
    this.#started = true
    const id = textOf(event.id)
    const { rest } = leftovers(event, START_FIELDS)
    const message = leftovers(messageIn(event), MESSAGE_FIELDS).rest
    if (!isEmpty(message)) rest.message = message
    out.push({ type: 'start', ...(id !== undefined && { id }), ...extended(rest) })
  }

  #contentStart(event: JsonObject, out: StreamPart[]): void {
    const content = objectOf(messageIn(event).content) ?? NOTHING
    if (content.type !== 'text' && content.type !== 'thinking' && content.type !== undefined) {
      out.push({ type: 'raw', dialect: NAME, event: 'content-start', value: event })
      return
    }
    this.#open(indexOf(event), content.type === 'thinking' || 'thinking' in content ? 'thinking' : 'text')
    this.#contentDelta(event, out)
  }

  #open(index: number, kind: 'text' | 'thinking'): void {
    this.#index = index
    this.#kind = kind
    this.#block = -1
  }

  #contentDelta(event: JsonObject, out: StreamPart[]): void {
    const content = objectOf(messageIn(event).content) ?? NOTHING
    const { text, thinking } = content
    const { logprobs } = event
    const index = indexOf(event)
    if (typeof text === 'string') {
      if (text === '' && logprobs === undefined) return
      const block = this.#enter(index, 'text')
      out.push({ type: 'text-delta', block, text, ...(logprobs !== undefined && { logprobs }) })
    } else if (typeof thinking === 'string') {
      if (thinking !== '') out.push({ type: 'reasoning-delta', block: this.#enter(index, 'thinking'), text: thinking })
      // The model has no place for those of a thought.
      if (logprobs !== undefined) {
        const delta = { message: { content: { thinking: '' } } }
        out.push({ type: 'raw', dialect: NAME, event: 'content-delta', value: { ...event, delta } })
      }
    } else if (event.type === 'content-delta') {
      out.push({ type: 'raw', dialect: NAME, event: 'content-delta', value: event })
    }
  }

  /** The block of the open content, which gets its number with the first thing it says. */
  #enter(index: number, kind: 'text' | 'thinking'): number {
    if (index !== this.#index || kind !== this.#kind) this.#open(index, kind)
    if (this.#block === -1) this.#block = this.#blocks++
    if (kind === 'text') this.#text = this.#block
    return this.#block
  }

  #planDelta(event: JsonObject, out: StreamPart[]): void {
    const text = textOf(messageIn(event).tool_plan)
    if (text === undefined || text === '') return
    if (this.#plan === -1) this.#plan = this.#blocks++
    out.push({ type: 'text-delta', block: this.#plan, text, ...PLAN })
  }

  #callStart(event: JsonObject, out: StreamPart[]): void {
    this.#callEnd(out)
    const call = callIn(event)
    const called = objectOf(call.function) ?? NOTHING
    this.#call = this.#blocks++
    this.#called = true
    this.#argued = false
    out.push({
      type: 'tool-call-start',
      block: this.#call,
      id: textOf(call.id) ?? '',
      name: textOf(called.name) ?? '',
      ...keep(call, CALL_FIELDS),
    })
    this.#callDelta(event, out)
  }

  #callDelta(event: JsonObject, out: StreamPart[]): void {
    const text = textOf(objectOf(callIn(event).function)?.arguments)
    if (text === undefined || text === '' || (!this.#argued && saysNothing(text))) return
    if (this.#call === -1) this.#call = this.#blocks++
    this.#argued = true
    out.push({ type: 'tool-call-delta', block: this.#call, arguments: text })
  }

  #callEnd(out: StreamPart[]): void {
    if (this.#call !== -1 && !this.#argued) out.push({ type: 'tool-call-delta', block: this.#call, arguments: '{}' })
    this.#call = -1
  }

  /** A citation of a thought or a plan is told to Cohere's own clients only. */
  #citation(event: JsonObject, out: StreamPart[]): void {
    const { citations } = messageIn(event)
    const citation = objectOf(Array.isArray(citations) ? citations[0] : citations)
    if (citation !== undefined && citesText(citation.type) && this.#text !== -1)
      out.push({ type: 'citation', block: this.#text, citation: decodeCitation(citation) })
    else out.push({ type: 'raw', dialect: NAME, event: 'citation-start', value: event })
  }

  #end(event: JsonObject, out: StreamPart[]): void {
    const error = errorIn(event)
    if (error !== undefined) return this.#fail(error, out)
    this.#callEnd(out)
    this.#finished = true
    const delta = objectOf(event.delta) ?? NOTHING
    const { rest } = leftovers(event, END_FIELDS)
    const more = leftovers(delta, END_DELTA_FIELDS).rest
    if (!isEmpty(more)) rest.delta = more
    const counts = objectOf(delta.usage)
    const usage = counts && decodeUsage(counts)
    out.push({ type: 'finish', finish: decodeFinish(delta.finish_reason, this.#called), ...keepAll({ rest }) })
    if (usage !== undefined) out.push({ type: 'usage', usage })
  }

  #other(type: string, event: JsonObject, out: StreamPart[]): void {
    const error = type === '' || type === 'error' ? errorIn(event) : undefined
    if (error !== undefined) return this.#fail(error, out)
    if (type === '') throw new GatewayError('upstream_error', 'The upstream sent an event without a type.')
    out.push({ type: 'raw', dialect: NAME, event: type, value: event })
  }

  #fail(error: GatewayError, out: StreamPart[]): void {
    this.#failed = true
    out.push({ type: 'error', error })
  }
}

function messageIn(event: JsonObject): JsonObject {
  const { delta } = event
  return (isObject(delta) && objectOf(delta.message)) || NOTHING
}

/** An object in every recording; a list by its name. */
function callIn(event: JsonObject): JsonObject {
  const { tool_calls: calls } = messageIn(event)
  return objectOf(Array.isArray(calls) ? calls[0] : calls) ?? NOTHING
}

function indexOf(event: JsonObject): number {
  return typeof event.index === 'number' ? event.index : 0
}
