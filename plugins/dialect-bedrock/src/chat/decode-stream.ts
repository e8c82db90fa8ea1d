import { GatewayError } from '@sluice/core'
import type { JsonObject, StreamPart } from '@sluice/core'
import { isObject, objectOf, parseUpstreamObject, textOf } from '@sluice/dialect-kit'
import type { Frame, FrameDecoder } from '@sluice/dialect-kit'
import { decodeException } from '../errors.ts'
import { EXCEPTION } from '../event-stream/index.ts'
import { extended, FAMILY, leftovers, NAME } from '../extensions.ts'
import { chunkEvent, decodeWorth } from './chunk.ts'
import { decodeCitation } from './citations.ts'
import { decodeFinish } from './finish.ts'
import { RawBlock } from './raw-block.ts'
import { unescapeToolName } from './tool-names.ts'
import { decodeUsage } from './usage.ts'

/** `p` is padding, which hides the length of what is said. */
const START_FIELDS = new Set(['role', 'p'])
const STOP_FIELDS = new Set(['stopReason', 'p'])
const METADATA_FIELDS = new Set(['usage', 'p'])
const CONVERSE_EVENTS = [
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
]
const TOOL_USE_FIELDS = new Set(['toolUseId', 'name'])

/**
 * Reads the events of one streamed answer
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html). Only tool
 * calls have a `contentBlockStart`; the stop comes before the usage.
 */
export class BedrockStreamDecoder implements FrameDecoder {
  #started = false
  /** Held until `metadata`, which has more to say of the answer. */
  #stop: JsonObject | undefined
  #ended = false
  /** Open tool calls that have no arguments so far. */
  readonly #emptyCalls = new Set<number>()
  /** Open blocks that only Bedrock understands. */
  readonly #rawBlocks = new Map<number, RawBlock>()

  push({ event: type, data }: Frame, out: StreamPart[]): void {
    if (this.#ended) return
    if (type.startsWith(EXCEPTION)) {
      out.push({ type: 'error', error: decodeException(type.slice(EXCEPTION.length), data) })
      return
    }
    this.#event(type, parseUpstreamObject(data, 'an event'), out)
  }

  end(out: StreamPart[]): boolean {
    if (this.#ended) return true
    this.#closeAll(out)
    if (this.#stop === undefined) return false
    this.#finish(undefined, out)
    return true
  }

  #event(type: string, event: JsonObject, out: StreamPart[]): void {
    switch (type) {
      case 'contentBlockDelta':
        return this.#delta(event, out)
      case 'contentBlockStart':
        return this.#blockStart(event, out)
      case 'contentBlockStop':
        return this.#closeBlock(indexOf(event), out)
      case 'messageStart':
        if (this.#started) return
        this.#started = true
        out.push({ type: 'start', ...extended(leftovers(event, START_FIELDS) ?? {}) })
        return
      case 'messageStop':
        this.#closeAll(out)
        this.#stop ??= event
        return
      case 'metadata':
        return this.#metadata(event, out)
      case 'chunk':
        return this.#chunk(chunkEvent(event), out)
      case '':
        throw new GatewayError('upstream_error', 'The upstream sent an event without a type.')
      default:
        out.push({ type: 'raw', dialect: NAME, event: type, value: event })
    }
  }

  /** Only streams of InvokeModel have these, which pass unread: what is not understood of them is no loss. */
  #chunk(event: JsonObject, out: StreamPart[]): void {
    for (const type of CONVERSE_EVENTS) if (isObject(event[type])) this.#event(type, event[type], out)
    if (!this.#ended) decodeWorth(event, out)
  }

  #blockStart(event: JsonObject, out: StreamPart[]): void {
    const block = indexOf(event)
    this.#closeBlock(block, out)
    const start = objectOf(event.start) ?? {}
    const [kind = ''] = Object.keys(start)
    const value = objectOf(start[kind]) ?? {}
    // A call with a type is of a tool that runs at the provider.
    if (kind !== 'toolUse' || value.type !== undefined) {
      this.#rawBlocks.set(block, new RawBlock(kind, value))
      return
    }
    const id = textOf(value.toolUseId) ?? ''
    const name = unescapeToolName(textOf(value.name) ?? '')
    out.push({ type: 'tool-call-start', block, id, name, ...extended(leftovers(value, TOOL_USE_FIELDS)) })
    this.#emptyCalls.add(block)
  }

  #delta(event: JsonObject, out: StreamPart[]): void {
    const block = indexOf(event)
    const delta = objectOf(event.delta) ?? {}
    const raw = this.#rawBlocks.get(block)
    if (raw !== undefined) raw.add(delta)
    else if (typeof delta.text === 'string') {
      if (delta.text !== '') out.push({ type: 'text-delta', block, text: delta.text })
    } else if (isObject(delta.toolUse)) {
      const { input } = delta.toolUse
      if (typeof input !== 'string' || input === '') return
      this.#emptyCalls.delete(block)
      out.push({ type: 'tool-call-delta', block, arguments: input })
    } else if (isObject(delta.reasoningContent)) pushReasoning(delta.reasoningContent, block, out)
    else if (isObject(delta.citation)) out.push({ type: 'citation', block, citation: decodeCitation(delta.citation) })
    else out.push({ type: 'raw', dialect: NAME, event: 'contentBlockDelta', value: event })
  }

  #closeBlock(block: number, out: StreamPart[]): void {
    if (this.#emptyCalls.delete(block)) out.push({ type: 'tool-call-delta', block, arguments: '{}' })
    const raw = this.#rawBlocks.get(block)
    if (raw === undefined) return
    this.#rawBlocks.delete(block)
    out.push({ type: 'raw', dialect: NAME, value: raw.value() })
  }

  #closeAll(out: StreamPart[]): void {
    for (const block of this.#emptyCalls) this.#closeBlock(block, out)
    for (const block of this.#rawBlocks.keys()) this.#closeBlock(block, out)
  }

  #metadata(event: JsonObject, out: StreamPart[]): void {
    this.#closeAll(out)
    this.#ended = true
    if (this.#stop !== undefined) this.#finish(leftovers(event, METADATA_FIELDS), out)
    if (isObject(event.usage)) out.push({ type: 'usage', usage: decodeUsage(event.usage) })
  }

  #finish(metadata: JsonObject | undefined, out: StreamPart[]): void {
    const more = leftovers(this.#stop!, STOP_FIELDS)
    const own = metadata === undefined ? more : { ...more, metadata }
    out.push({ type: 'finish', finish: decodeFinish(this.#stop!), ...extended(own) })
  }
}

function pushReasoning({ text, signature, redactedContent }: JsonObject, block: number, out: StreamPart[]): void {
  if (typeof text === 'string' && text !== '') out.push({ type: 'reasoning-delta', block, text })
  if (typeof signature === 'string' && signature !== '')
    out.push({ type: 'reasoning-signature', block, signature, origin: FAMILY })
  if (typeof redactedContent === 'string')
    out.push({ type: 'reasoning-redacted', block, data: redactedContent, origin: FAMILY })
}

function indexOf(event: JsonObject): number {
  return typeof event.contentBlockIndex === 'number' ? event.contentBlockIndex : 0
}
