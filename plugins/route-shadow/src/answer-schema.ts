import { Type } from '@sluice/core'
import type { ChatResponse, JsonObject } from '@sluice/core'

const count = { type: 'number', minimum: 0 }
const counts = (...names: readonly string[]): JsonObject => ({
  type: 'object',
  required: names,
  properties: Object.fromEntries(names.map((name) => [name, count])),
})
const object = (properties: JsonObject, more: JsonObject): JsonObject => ({ type: 'object', properties, ...more })
const text = { type: 'string' }
const type = (rule: JsonObject): JsonObject => ({ type: 'string', ...rule })
const READ = ['text', 'refusal', 'tool-call']

const parts = [
  object({ type: type({ enum: ['text', 'refusal'] }), text }, { required: ['type', 'text'] }),
  object(
    { type: type({ const: 'tool-call' }), name: text, arguments: text },
    { required: ['type', 'name', 'arguments'] },
  ),
  object({ type: type({ not: { enum: READ } }) }, { required: ['type'] }),
]
const choice = object({ parts: { type: 'array', items: { anyOf: parts } } }, { required: ['parts'] })
const usage = object(
  { input: counts('total', 'cacheRead', 'cacheWrite'), output: counts('total', 'reasoning') },
  { required: ['input', 'output'] },
)

/** An answer in canonical form, as far as it is read here. */
export const AnswerSchema = Type.Unsafe<ChatResponse>({
  ...object({ choices: { type: 'array', items: choice }, usage }, { required: ['choices'] }),
  description: 'The answer in canonical form; without it, it failed.',
})
