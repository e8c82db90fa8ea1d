import { GatewayError } from '@sluice/core'
import type { JsonObject, StreamPart } from '@sluice/core'
import { isObject, objectOf, parseUpstreamObject, textOf } from '@sluice/dialect-kit'
import type { Frame, FrameDecoder } from '@sluice/dialect-kit'
import { decodeErrorEvent } from '../errors.ts'
import { extended, leftovers, NAME } from '../extensions.ts'
import { decodeCitation } from './citations.ts'
import { decodeFinish } from './finish.ts'
import { RawBlock } from './raw-block.ts'
import { decodeUsage, mergeUsage } from './usage.ts'

/** The usage of the start is kept with what the model has no word for: a re-encoded start has it again. */
const MESSAGE_FIELDS = new Set(['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence'])
const TOOL_FIELDS = new Set(['type', 'id', 'name', 'input'])
const DELTA_FIELDS = new Set(['stop_reason', 'stop_sequence'])
const MESSAGE_DELTA_FIELDS = new Set(['type', 'delta', 'usage'])

/** Reads the events of one streamed message (https://platform.claude.com/docs/en/build-with-claude/streaming). */
export class AnthropicStreamDecoder implements FrameDecoder {
  #usage: JsonObject | undefined
  #usageSent = false
  #started = false
  #finished = false
  #stopped = false
  /** The open block, if only Anthropic understands it. */
  #raw: RawBlock | undefined
  /** Number of the open block, if it is a tool call without arguments so far, and what they are if none come. */
  #emptyCall: { block: number; arguments: string } | undefined

  push(frame: Frame, out: StreamPart[]): void {
    if (this.#stopped) return
    const event = parseUpstreamObject(frame.data, 'an event')
    const type = textOf(event.type) ?? frame.event
    switch (type) {
      case 'content_block_delta':
        return this.#delta(event, out)
      case 'content_block_start':
        return this.#blockStart(event, out)
      case 'content_block_stop':
        return this.#closeBlock(out)
      case 'message_start':
        return this.#start(objectOf(event.message) ?? {}, out)
      case 'message_delta':
        return this.#messageDelta(event, out)
      case 'message_stop':
        this.#closeBlock(out)
        this.#sendUsage(out)
        this.#stopped = true
        return
      case 'ping':
        return
      case 'error':
        out.push({ type: 'error', error: decodeErrorEvent(event) })
        return
      case '':
        if (!isObject(event.error))
          throw new GatewayError('upstream_error', 'The upstream sent an event without a type.')
        out.push({ type: 'error', error: decodeErrorEvent(event) })
        return
      default:
        out.push({ type: 'raw', dialect: NAME, event: type, value: event })
    }
  }

  end(out: StreamPart[]): boolean {
    // A stream that was cut off has cost what its start said.
    this.#sendUsage(out)
    return this.#finished || this.#stopped
  }

  #start(message: JsonObject, out: StreamPart[]): void {
    if (this.#started) return
    this.#started = true
    this.#usage = mergeUsage(this.#usage, message.usage)
    const id = textOf(message.id)
    const model = textOf(message.model)
    out.push({
      type: 'start',
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...extended(leftovers(message, MESSAGE_FIELDS) ?? {}),
    })
  }

  #blockStart(event: JsonObject, out: StreamPart[]): void {
    this.#closeBlock(out)
    const block = indexOf(event)
    const content = objectOf(event.content_block) ?? {}
    switch (content.type) {
      case 'text':
        if (typeof content.text === 'string' && content.text !== '')
          out.push({ type: 'text-delta', block, text: content.text })
        return
      case 'thinking':
        if (typeof content.thinking === 'string' && content.thinking !== '') {
          out.push({ type: 'reasoning-delta', block, text: content.thinking })
        }
        return
      case 'redacted_thinking':
        out.push({ type: 'reasoning-redacted', block, data: textOf(content.data) ?? '', origin: NAME })
        return
      case 'tool_use': {
        const more = extended(leftovers(content, TOOL_FIELDS))
        out.push({
          type: 'tool-call-start',
          block,
          id: textOf(content.id) ?? '',
          name: textOf(content.name) ?? '',
          ...more,
        })
        this.#emptyCall = { block, arguments: JSON.stringify(objectOf(content.input) ?? {}) }
        return
      }
      default:
        this.#raw = new RawBlock(block, content)
    }
  }

  #delta(event: JsonObject, out: StreamPart[]): void {
    const block = indexOf(event)
    const delta = objectOf(event.delta) ?? {}
    if (this.#raw?.index === block) return this.#raw.add(delta)
    switch (delta.type) {
      case 'text_delta':
        if (typeof delta.text === 'string' && delta.text !== '')
          out.push({ type: 'text-delta', block, text: delta.text })
        return
      case 'input_json_delta':
        if (typeof delta.partial_json !== 'string' || delta.partial_json === '') return
        if (this.#emptyCall?.block === block) this.#emptyCall = undefined
        out.push({ type: 'tool-call-delta', block, arguments: delta.partial_json })
        return
      case 'thinking_delta':
        if (typeof delta.thinking === 'string' && delta.thinking !== '') {
          out.push({ type: 'reasoning-delta', block, text: delta.thinking })
        }
        return
      case 'signature_delta':
        if (typeof delta.signature === 'string' && delta.signature !== '') {
          out.push({ type: 'reasoning-signature', block, signature: delta.signature, origin: NAME })
        }
        return
      case 'citations_delta':
        out.push({ type: 'citation', block, citation: decodeCitation(objectOf(delta.citation) ?? {}) })
        return
      default:
        out.push({ type: 'raw', dialect: NAME, event: 'content_block_delta', value: event })
    }
  }

  /** Blocks follow one another, so that whatever ends one ends the open one. */
  #closeBlock(out: StreamPart[]): void {
    if (this.#emptyCall !== undefined) {
      out.push({ type: 'tool-call-delta', block: this.#emptyCall.block, arguments: this.#emptyCall.arguments })
      this.#emptyCall = undefined
    }
    if (this.#raw !== undefined) {
      out.push({ type: 'raw', dialect: NAME, value: this.#raw.value() })
      this.#raw = undefined
    }
  }

  #messageDelta(event: JsonObject, out: StreamPart[]): void {
    this.#closeBlock(out)
    const delta = objectOf(event.delta) ?? {}
    this.#usage = mergeUsage(this.#usage, event.usage)
    if (this.#finished || typeof delta.stop_reason !== 'string') return
    this.#finished = true
    const more = leftovers(event, MESSAGE_DELTA_FIELDS)
    const inDelta = leftovers(delta, DELTA_FIELDS)
    const own = inDelta === undefined ? more : { ...more, delta: inDelta }
    out.push({ type: 'finish', finish: decodeFinish(delta), ...extended(own) })
    this.#sendUsage(out)
  }

  #sendUsage(out: StreamPart[]): void {
    if (this.#usageSent || this.#usage === undefined) return
    this.#usageSent = true
    out.push({ type: 'usage', usage: decodeUsage(this.#usage) })
  }
}

function indexOf(event: JsonObject): number {
  return typeof event.index === 'number' ? event.index : 0
}
