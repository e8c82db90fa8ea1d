/**
 * An upstream's stream → parts. Vendors differ in which of the many events they send: a text may come in
 * pieces, whole, or only in its item or the final response.
 */
import { GatewayError } from '@sluice/core'
import type { Extensions, JsonObject, StreamPart } from '@sluice/core'
import type { Frame, FrameDecoder } from '@sluice/dialect-kit'
import { isObject, listOf, objectOf, parseUpstreamObject, textOf, unknownFields } from '@sluice/dialect-kit'
import { fields } from '../kept.ts'
import { DIALECT } from './extensions.ts'
import { decodeFinish } from './finish.ts'
import { ItemReader, rawEvent } from './item-reader.ts'
import type { Blocks } from './item-reader.ts'
import { failureIn, PRELUDE } from './probe.ts'
import { decodeUsage } from './usage.ts'

const FIELDS = fields('id created_at model output usage status')
/** More items than any answer has. */
const MAX_ITEMS = 4096

/** They end what came in pieces, or announce it. */
const SILENT: ReadonlySet<string> = new Set([
  'response.content_part.added',
  'response.content_part.done',
  'response.function_call_arguments.done',
  'response.custom_tool_call_input.done',
  'response.reasoning_text.done',
  'response.reasoning_summary_part.added',
  'response.reasoning_summary_text.done',
  'response.reasoning_summary_part.done',
])

/** Made for one stream. Throws `upstream_error` on a frame that is not of the dialect. */
export class ResponsesStreamDecoder implements FrameDecoder {
  /** By `output_index`. */
  readonly #items = new Map<number, ItemReader>()
  readonly #blocks: Blocks = { next: 0 }
  #isStarted = false
  #isOver = false
  #isBroken = false
  #refused = false
  #calls = false

  push({ event: name, data }: Frame, out: StreamPart[]): void {
    if (this.#isOver || this.#isBroken || data === '' || data === '[DONE]') return
    const event = parseUpstreamObject(data, 'an event')
    const type = textOf(event.type) ?? name
    switch (type) {
      case 'response.output_text.delta':
        return this.#item(event, 'message', out).text(event.content_index, textIn(event), event.logprobs, out)
      case 'response.function_call_arguments.delta':
        return this.#item(event, 'function_call', out).arguments(textIn(event), out)
      case 'response.custom_tool_call_input.delta':
        return this.#item(event, 'custom_tool_call', out).arguments(textIn(event), out)
      case 'response.reasoning_summary_text.delta':
        return this.#item(event, 'reasoning', out).thought(event.summary_index ?? 0, textIn(event), out)
      case 'response.reasoning_text.delta':
        return this.#item(event, 'reasoning', out).thought(undefined, textIn(event), out)
      case 'response.refusal.delta':
        this.#refused = true
        return this.#item(event, 'message', out).refusal(event.content_index, textIn(event), out)
      case 'response.output_text.annotation.added':
        if (isObject(event.annotation))
          this.#item(event, 'message', out).citation(event.content_index, event.annotation, out)
        return
      case 'response.output_text.done':
      case 'response.refusal.done':
        return this.#item(event, 'message', out).whole(event.content_index, event, out)
      case 'response.output_item.added':
        this.#add(this.#index(event), objectOf(event.item) ?? {}, out)
        return
      case 'response.output_item.done': {
        const item = objectOf(event.item) ?? {}
        const index = this.#index(event)
        return (this.#items.get(index) ?? this.#add(index, item, out)).done(item, out)
      }
      case 'response.completed':
      case 'response.incomplete':
        return this.#end(objectOf(event.response) ?? {}, out)
      default:
        this.#other(type, event, out)
    }
  }

  end(): boolean {
    return this.#isOver && !this.#isBroken
  }

  #other(type: string, event: JsonObject, out: StreamPart[]): void {
    if (SILENT.has(type)) return
    if (PRELUDE.has(type)) {
      if (isObject(event.response)) this.#start(event.response, out)
      return
    }
    const error = failureIn(type, event)
    if (error !== undefined) {
      this.#isBroken = true
      out.push({ type: 'error', error })
      return
    }
    // The name of an event is written in a line of its own.
    if (!/^[\w.-]+$/.test(type))
      throw new GatewayError('upstream_error', 'The upstream sent an event that is not one of a response.')
    out.push(rawEvent(type, event))
  }

  #start(response: JsonObject, out: StreamPart[]): void {
    if (this.#isStarted) return
    this.#isStarted = true
    const start: Extract<StreamPart, { type: 'start' }> = { type: 'start', extensions: keptOf(response) }
    if (typeof response.id === 'string') start.id = response.id
    if (typeof response.model === 'string') start.model = response.model
    if (typeof response.created_at === 'number') start.created = response.created_at
    out.push(start)
  }

  #end(response: JsonObject, out: StreamPart[]): void {
    this.#start(response, out)
    const output = listOf(response.output).filter(isObject)
    if (this.#items.size === 0) for (const [index, item] of output.entries()) this.#add(index, item, out)
    for (const [index, reader] of this.#items) {
      const item = output[index]
      // Some vendors give their items another order, or leave them out.
      reader.done(item?.type === reader.type ? item : {}, out)
    }
    for (const { type, content } of output) {
      if (isCall(type)) this.#calls = true
      if (listOf(content).some((part) => objectOf(part)?.type === 'refusal')) this.#refused = true
    }
    this.#isOver = true
    const finish = decodeFinish(response, { calls: this.#calls, refused: this.#refused })
    out.push({ type: 'finish', finish, extensions: keptOf(response) })
    const usage = isObject(response.usage) ? decodeUsage(response.usage) : undefined
    if (usage !== undefined) out.push({ type: 'usage', usage })
  }

  /** The item that an event is about; one that was not announced must be of `type`. */
  #item(event: JsonObject, type: string, out: StreamPart[]): ItemReader {
    const index = this.#index(event)
    return this.#items.get(index) ?? this.#add(index, { type, id: event.item_id }, out)
  }

  #add(index: number, item: JsonObject, out: StreamPart[]): ItemReader {
    if (isCall(item.type)) this.#calls = true
    const reader = new ItemReader(item, this.#blocks, out)
    this.#items.set(index, reader)
    return reader
  }

  #index({ output_index: index }: JsonObject): number {
    if (typeof index !== 'number') return Math.max(0, this.#items.size - 1)
    if (!Number.isInteger(index) || index < 0 || index >= MAX_ITEMS)
      throw new GatewayError('upstream_error', 'The upstream sent an item whose "output_index" is out of range.')
    return index
  }
}

function isCall(type: unknown): boolean {
  return type === 'function_call' || type === 'custom_tool_call'
}

function textIn({ delta }: JsonObject): string {
  return textOf(delta) ?? ''
}

/** What only this dialect knows of a response. Always there: it tells its own answers from those of others. */
function keptOf(response: JsonObject): Extensions {
  return unknownFields(response, FIELDS, DIALECT) ?? { [DIALECT]: {} }
}
