/** A strict reading of a whole answer of Cohere's chat. */
import { object, objects, text } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import { checkUsage, FINISHES } from './cohere-stream.ts'

/** @throws Error naming the first rule that the answer breaks */
export function checkCohere(body: Json, isCounted: boolean): void {
  if (text(body.id) === '') fail('it has no id')
  if (!FINISHES.includes(body.finish_reason)) fail(`there is no finish_reason ${JSON.stringify(body.finish_reason)}`)
  const { role, content, tool_calls: calls } = object(body.message) ?? fail('there is no message')
  if (role !== 'assistant') fail('the role is not assistant')
  // Where tools are called, there may be none.
  if (!Array.isArray(content ?? (calls && []))) fail('the content is no list')
  for (const block of objects(content)) {
    if (typeof block[text(block.type)] !== 'string' || !['text', 'thinking'].includes(text(block.type)))
      fail('a block is of an unknown kind')
  }
  for (const call of objects(calls)) {
    const { name, arguments: written } = object(call.function) ?? {}
    if (text(call.id) === '' || call.type !== 'function' || text(name) === '') fail('a call has no id, type or name')
    if (typeof written !== 'string') fail('arguments are no text')
  }
  if ((body.finish_reason === 'TOOL_CALL') !== objects(calls).length > 0)
    fail('finish_reason does not go with the content')
  if (isCounted) checkUsage(object(body.usage) ?? {})
  else if (body.usage !== undefined) fail('there is usage that nobody counted')
}

function fail(rule: string): never {
  throw new Error(`not an answer of Cohere: ${rule}`)
}
