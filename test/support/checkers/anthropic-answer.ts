/** A strict reading of a whole answer of the Messages API. */
import { object, objects, text } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import { checkCounts, DELTAS, STOPS, WHOLE } from './anthropic-stream.ts'

/** @throws Error naming the first rule that the answer breaks */
export function checkMessage(body: Json): void {
  const { type, role, stop_reason: stop, stop_sequence: sequence } = body
  if (type !== 'message' || role !== 'assistant') fail('it is no message of the assistant')
  if (text(body.id) === '' || text(body.model) === '') fail('it has no id or no model')
  if (!Array.isArray(body.content)) fail('it has no content')
  for (const block of objects(body.content)) checkBlock(block)
  const called = objects(body.content).some((block) => block.type === 'tool_use')
  if (!STOPS.includes(stop)) fail(`there is no stop_reason ${JSON.stringify(stop)}`)
  if (called ? stop === 'end_turn' : stop === 'tool_use') fail('stop_reason does not go with the content')
  if (sequence === undefined || (stop !== 'stop_sequence' && sequence !== null))
    fail('stop_sequence does not go with stop_reason')
  checkCounts(body.usage, ['input_tokens', 'output_tokens'])
}

const TEXTS: { readonly [type: string]: readonly string[] } = {
  text: ['text'],
  thinking: ['thinking', 'signature'],
  redacted_thinking: ['data'],
  tool_use: ['id', 'name'],
}

function checkBlock(block: Json): void {
  const type = text(block.type)
  if (!(type in DELTAS) && !WHOLE.includes(type)) fail(`there is no block ${type}`)
  for (const field of TEXTS[type] ?? []) if (typeof block[field] !== 'string') fail(`a block ${type} has no ${field}`)
  if (type === 'tool_use' && object(block.input) === undefined) fail('the input of a call is no object')
}

function fail(rule: string): never {
  throw new Error(`not an Anthropic message: ${rule}`)
}
