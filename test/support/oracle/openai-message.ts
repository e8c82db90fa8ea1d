/** A streamed completion put together by hand: texts grow, lists get longer, and pieces of calls find each other. */
import { chunksOf } from './openai.ts'
import { count, object, objects, text } from './json.ts'
import type { Json } from './json.ts'

type Fields = { [field: string]: unknown }

/** The body that the same answer would be without streaming. */
export function completionOf(stream: Buffer | string): Json {
  const chunks = chunksOf(stream)
  const choices = new Map<number, { index: number; message: Fields; finish_reason: unknown }>()
  for (const wire of chunks.flatMap((chunk) => objects(chunk.choices))) {
    const index = count(wire.index)
    const choice = choices.get(index) ?? { index, message: {}, finish_reason: null }
    choices.set(index, choice)
    choice.finish_reason = wire.finish_reason ?? choice.finish_reason
    grow(choice.message, object(wire.delta) ?? {})
  }
  const usage = chunks.findLast((chunk) => object(chunk.usage))?.usage
  return { ...chunks[0], object: 'chat.completion', usage, choices: [...choices.values()] }
}

function grow(message: Fields, { role, tool_calls: calls, ...delta }: Json): void {
  if (role) message.role = role
  for (const [field, value] of Object.entries(delta)) {
    if (typeof value === 'string') message[field] = text(message[field]) + value
    else if (Array.isArray(value)) message[field] = [...objects(message[field]), ...objects(value)]
    else message[field] ??= value
  }
  for (const { index, ...wire } of objects(calls)) {
    const list = (message.tool_calls ??= []) as (Json & { function: Fields })[]
    const { name, arguments: written } = object(wire.function) ?? {}
    const call = (list[count(index)] ??= { ...wire, function: { name, arguments: '' } })
    call.function.arguments = text(call.function.arguments) + text(written)
  }
}
