/** A strict reading of a whole answer of Bedrock's Converse API. */
import { object, objects, text } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import { checkReport, STOPS } from './bedrock-stream.ts'

const KINDS = ['text', 'toolUse', 'reasoningContent', 'citationsContent']

/** @throws Error naming the first rule that the answer breaks */
export function checkConverse(body: Json): void {
  const { role, content } = object(object(body.output)?.message) ?? fail('there is no message')
  if (role !== 'assistant' || !Array.isArray(content)) fail('the message is not of the assistant, or has no content')
  for (const block of objects(content)) {
    const [kind = '', more] = Object.keys(block)
    if (more !== undefined || !KINDS.includes(kind)) fail(`there is no block ${Object.keys(block).join()}`)
    const call = object(block.toolUse)
    if (call && (text(call.toolUseId) === '' || text(call.name) === '' || object(call.input) === undefined)) {
      fail('a call has no id or name, or its input is no object')
    }
  }
  if (!STOPS.includes(body.stopReason)) fail(`there is no stopReason ${JSON.stringify(body.stopReason)}`)
  const called = objects(content).some(({ toolUse }) => toolUse)
  if (called ? body.stopReason === 'end_turn' : body.stopReason === 'tool_use')
    fail('stopReason does not go with the content')
  checkReport(body)
}

function fail(rule: string): never {
  throw new Error(`not an answer of Bedrock: ${rule}`)
}
