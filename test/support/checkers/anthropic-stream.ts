/** A strict reading of how the Messages API streams. */
import { object, text } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import { splitFrames } from './split-frames.ts'

export const STOPS: readonly unknown[] = [
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
]
/** What may grow a block, by the block's type. */
export const DELTAS: { readonly [block: string]: readonly string[] } = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
}
/** Whole at their start. */
export const WHOLE: readonly string[] = ['redacted_thinking', 'web_search_tool_result']

/** @throws Error naming the first rule that the stream breaks */
export function checkAnthropicStream(stream: Buffer | string): void {
  const checker = new Checker()
  for (const { event, data } of splitFrames(stream)) {
    const value = JSON.parse(data) as Json
    if (value.type !== event) fail(`the event "${event}" calls itself ${String(value.type)}`)
    checker.check(event, value)
  }
  checker.end()
}

class Checker {
  #state: 'new' | 'open' | 'delta' | 'over' = 'new'
  #blocks = 0
  /** The open block. */
  #block: { type: string; written: string; isSigned: boolean } | undefined
  #called = false

  check(event: string, value: Json): void {
    if (this.#state === 'over') fail(`${event} follows the end`)
    if (event === 'error') return this.#error(value)
    if (event === 'message_start') return this.#start(object(value.message) ?? {})
    if (this.#state === 'new') fail(`${event} comes before message_start`)
    if (event === 'ping') return
    if (event === 'message_stop') {
      if (this.#state !== 'delta') fail('message_stop comes without message_delta')
      this.#state = 'over'
      return
    }
    if (this.#state === 'delta') fail(`${event} follows message_delta`)
    switch (event) {
      case 'content_block_start':
        return this.#open(value)
      case 'content_block_delta':
        return this.#grow(value)
      case 'content_block_stop':
        return this.#close(value)
      case 'message_delta':
        return this.#finish(value)
      default:
        fail(`there is no event ${event}`)
    }
  }

  end(): void {
    if (this.#state !== 'over') fail('the stream has no end')
  }

  #error({ error }: Json): void {
    const { type, message } = object(error) ?? {}
    if (typeof type !== 'string' || typeof message !== 'string') fail('an error has no type or no message')
    this.#state = 'over'
  }

  #start({ id, type, role, model, content, stop_reason: stop, usage }: Json): void {
    if (this.#state !== 'new') fail('message_start is repeated')
    this.#state = 'open'
    if (typeof id !== 'string' || id === '' || typeof model !== 'string' || model === '') fail('no id or no model')
    if (type !== 'message' || role !== 'assistant') fail('the message is not one of the assistant')
    if (!Array.isArray(content) || content.length > 0) fail('the message does not begin empty')
    if (stop !== null) fail('the message begins with its end')
    checkCounts(usage, ['input_tokens', 'output_tokens'])
  }

  #open({ index, content_block: wire }: Json): void {
    if (this.#block !== undefined) fail('a block begins within another one')
    if (index !== this.#blocks++) fail(`block ${String(index)} is out of order`)
    const block = object(wire) ?? {}
    const type = text(block.type)
    if (!(type in DELTAS) && !WHOLE.includes(type)) fail(`there is no block ${type}`)
    if (type === 'text' && block.text !== '') fail('a text does not begin empty')
    if (type === 'thinking' && (block.thinking !== '' || block.signature !== '')) fail('thinking does not begin empty')
    if (type === 'redacted_thinking' && text(block.data) === '') fail('encrypted thinking is empty')
    if (DELTAS[type]?.includes('input_json_delta')) {
      this.#called ||= type === 'tool_use'
      if (text(block.id) === '' || text(block.name) === '') fail('a call has no id or no name')
      if (Object.keys(object(block.input) ?? { missing: true }).length > 0) fail('a call does not begin with {}')
    }
    this.#block = { type, written: '', isSigned: false }
  }

  #grow({ index, delta: wire }: Json): void {
    const delta = object(wire) ?? {}
    const block = this.#block
    if (block === undefined || index !== this.#blocks - 1) return fail('a delta belongs to no open block')
    if (!DELTAS[block.type]?.includes(text(delta.type))) fail(`${text(delta.type)} stands in a block ${block.type}`)
    if (block.isSigned) fail('thinking goes on after its signature')
    block.isSigned = delta.type === 'signature_delta'
    const field = { text_delta: 'text', thinking_delta: 'thinking', signature_delta: 'signature' }[text(delta.type)]
    if (field !== undefined && typeof delta[field] !== 'string') fail(`${text(delta.type)} has no text`)
    if (delta.type === 'citations_delta' && text(object(delta.citation)?.type) === '') fail('a citation has no type')
    if (delta.type !== 'input_json_delta') return
    if (typeof delta.partial_json !== 'string') fail('a piece of a call is no text')
    block.written += delta.partial_json
  }

  #close({ index }: Json): void {
    if (this.#block === undefined || index !== this.#blocks - 1) fail('a block ends that is not open')
    const { written } = this.#block
    if (written !== '' && object(JSON.parse(written)) === undefined) fail('the input of a call is no object')
    this.#block = undefined
  }

  #finish({ delta, usage }: Json): void {
    if (this.#block !== undefined) fail('message_delta comes within a block')
    const { stop_reason: stop, stop_sequence: sequence } = object(delta) ?? {}
    if (!STOPS.includes(stop)) fail(`there is no stop_reason ${JSON.stringify(stop)}`)
    if (this.#called ? stop === 'end_turn' : stop === 'tool_use') fail('stop_reason does not go with the content')
    // Which one it was, not every upstream says.
    if (stop !== 'stop_sequence' && sequence !== null) fail('stop_sequence does not go with stop_reason')
    checkCounts(usage, ['output_tokens'])
    this.#state = 'delta'
  }
}

/** Whether `usage` has these counts. */
export function checkCounts(usage: unknown, fields: readonly string[]): void {
  for (const field of fields) if (!Number.isInteger(object(usage)?.[field])) fail(`usage has no ${field}`)
}

function fail(rule: string): never {
  throw new Error(`not an Anthropic stream: ${rule}`)
}
