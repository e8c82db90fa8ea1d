/** A strict reading of a whole answer of the Chat Completions API. */
import { object, objects, text } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import { checkUsage, FINISHES } from './openai-stream.ts'

/** @throws Error naming the first rule that the answer breaks */
export function checkCompletion(body: Json, isCounted: boolean): void {
  if (body.object !== 'chat.completion') fail(`it calls itself ${String(body.object)}`)
  if (text(body.id) === '' || text(body.model) === '' || !Number.isInteger(body.created))
    fail('it has no id, model or time')
  const choices = objects(body.choices)
  if (choices.length === 0) fail('there is no choice')
  for (const [index, { index: at, message, finish_reason: finish }] of choices.entries()) {
    if (at !== index) fail(`choice ${index} has the number ${String(at)}`)
    if (!FINISHES.includes(finish)) fail(`there is no finish_reason ${JSON.stringify(finish)}`)
    checkMessage(object(message) ?? fail('a choice has no message'))
  }
  const usage = object(body.usage)
  if (isCounted) checkUsage(usage ?? {})
  else if (usage) fail('there is usage that nobody counted')
}

function checkMessage({ role, content, tool_calls: calls }: Json): void {
  if (role !== 'assistant') fail('the role is not assistant')
  if (content !== null && typeof content !== 'string') fail('the content is no text, and not null')
  for (const call of objects(calls)) {
    const { name, arguments: written } = object(call.function) ?? {}
    if (text(call.id) === '' || call.type !== 'function' || text(name) === '') fail('a call has no id, type or name')
    if (typeof written !== 'string') fail('arguments are no text')
  }
}

function fail(rule: string): never {
  throw new Error(`not an OpenAI completion: ${rule}`)
}
