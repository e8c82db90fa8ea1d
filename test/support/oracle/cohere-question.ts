/** Reads requests to Cohere's chat, version 2. */
import { parseArguments } from './answer.ts'
import { object, objects, text } from './json.ts'
import type { Json } from './json.ts'
import type { Question, Turn } from './question.ts'

export function readCohereRequest(body: Json): Question {
  const messages = objects(body.messages)
  const isSystem = ({ role }: Json): boolean => role === 'system'
  const format = object(body.response_format) ?? {}
  return {
    system: messages
      .filter(isSystem)
      .map(({ content }) => textIn(content))
      .join('\n'),
    turns: messages.filter((message) => !isSystem(message)).flatMap(turnsOf),
    tools: objects(body.tools).map((tool) => {
      const { name, description, parameters } = object(tool.function) ?? {}
      return { name: text(name), description: text(description), schema: parameters }
    }),
    toolChoice: text(body.tool_choice).toLowerCase(),
    // It always may.
    parallel: undefined,
    schema: format.json_schema ?? format.schema,
    limit: body.max_tokens as number | undefined,
    temperature: body.temperature as number | undefined,
    stop: [body.stop_sequences ?? []].flat(),
    stream: body.stream === true,
  }
}

function turnsOf({ role, content, tool_plan: plan, tool_calls: calls, tool_call_id: answered }: Json): Turn[] {
  if (role === 'tool') return [{ by: 'tool', call: text(answered), result: textIn(content) }]
  const by = role === 'assistant' ? 'assistant' : 'user'
  const said = typeof content === 'string' ? [{ type: 'text', text: content }] : objects(content)
  return [
    ...said.flatMap((part: Json): Turn[] => {
      if (part.type === 'thinking') return []
      if (part.type === 'text') return [{ by, text: text(part.text) }]
      if (part.type === 'image_url') return [{ by: 'user', image: text(object(part.image_url)?.url) }]
      throw new Error(`the oracle does not know the part ${String(part.type)}`)
    }),
    ...(text(plan) ? [{ by, text: text(plan) } as const] : []),
    ...objects(calls).map((call): Turn => {
      const { name, arguments: written } = object(call.function) ?? {}
      return { by: 'assistant', call: text(call.id), name: text(name), arguments: parseArguments(text(written)) }
    }),
  ]
}

function textIn(content: unknown): string {
  return (
    text(content) ||
    objects(content)
      .map((part) => text(part.text) || text(object(object(part.document)?.data)?.text))
      .join('\n')
  )
}
