/** Reads requests to the Chat Completions API. */
import { parseArguments } from './answer.ts'
import { object, objects, text } from './json.ts'
import type { Json } from './json.ts'
import type { Question, Turn } from './question.ts'

export function readChatRequest(body: Json): Question {
  const messages = objects(body.messages)
  const isSystem = ({ role }: Json): boolean => role === 'system' || role === 'developer'
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
    toolChoice: choiceOf(body.tool_choice),
    parallel: body.parallel_tool_calls as boolean | undefined,
    schema: object(object(body.response_format)?.json_schema)?.schema,
    limit: (body.max_completion_tokens ?? body.max_tokens) as number | undefined,
    temperature: body.temperature as number | undefined,
    stop: [body.stop ?? []].flat(),
    stream: body.stream === true,
  }
}

function turnsOf({ role, content, tool_calls: calls, tool_call_id: answered }: Json): Turn[] {
  if (role === 'tool') return [{ by: 'tool', call: text(answered), result: textIn(content) }]
  const by = role === 'assistant' ? 'assistant' : 'user'
  const said = typeof content === 'string' ? [{ type: 'text', text: content }] : objects(content)
  return [
    ...said.map((part): Turn => {
      if (part.type === 'text') return { by, text: text(part.text) }
      if (part.type === 'image_url') return { by: 'user', image: text(object(part.image_url)?.url) }
      throw new Error(`the oracle does not know the part ${String(part.type)}`)
    }),
    ...objects(calls).map((call): Turn => {
      const { name, arguments: written } = object(call.function) ?? {}
      return { by: 'assistant', call: text(call.id), name: text(name), arguments: parseArguments(text(written)) }
    }),
  ]
}

function choiceOf(choice: unknown): string {
  const named = object(object(choice)?.function)
  return named ? `tool ${text(named.name)}` : text(choice)
}

function textIn(content: unknown): string {
  return (
    text(content) ||
    objects(content)
      .map((part) => text(part.text))
      .join('\n')
  )
}
