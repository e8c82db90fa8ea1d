/** A strict reading of a whole answer of the Responses API. */
import { object, objects, text } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import { PREFIXES } from './openai-responses-item.ts'
import { checkResponse, checkUsage } from './openai-responses-stream.ts'

/** @throws Error naming the first rule that the answer breaks */
export function checkWholeResponse(body: Json, isCounted: boolean): void {
  checkResponse(body, text(body.status))
  const ids = new Set<unknown>()
  for (const item of objects(body.output)) {
    if (PREFIXES[text(item.type)]?.test(text(item.id)) !== true)
      fail(`the item ${text(item.type)} has the id ${text(item.id)}`)
    if (ids.has(item.id)) fail(`two items have the id ${text(item.id)}`)
    ids.add(item.id)
    checkItem(item)
  }
  if (isCounted) checkUsage(object(body.usage) ?? {})
  else if (body.usage !== null) fail('there is usage that nobody counted')
}

function checkItem(item: Json): void {
  if (item.type === 'message') {
    if (item.role !== 'assistant' || objects(item.content).length === 0)
      fail('a message is empty, or not of the assistant')
    for (const part of objects(item.content)) {
      if (part.type === 'refusal' ? typeof part.refusal !== 'string' : typeof part.text !== 'string')
        fail('a part says nothing')
      if (part.type === 'output_text' && !Array.isArray(part.annotations)) fail('a text has no annotations')
    }
  }
  if (item.type === 'reasoning' && !Array.isArray(item.summary)) fail('a thought has no summary')
  if (item.type === 'function_call' && (text(item.call_id) === '' || typeof item.arguments !== 'string')) {
    fail('a call has no id or no arguments')
  }
}

function fail(rule: string): never {
  throw new Error(`not a response: ${rule}`)
}
