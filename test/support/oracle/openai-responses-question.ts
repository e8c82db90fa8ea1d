/** Reads requests to the Responses API. */
import { parseArguments } from './answer.ts'
import { object, objects, text } from './json.ts'
import type { Json } from './json.ts'
import type { Question, Turn } from './question.ts'

export function readResponsesRequest(body: Json): Question {
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : objects(body.input)
  const isSystem = ({ role }: Json): boolean => role === 'system' || role === 'developer'
  const format = object(object(body.text)?.format) ?? {}
  return {
    system: [text(body.instructions), ...items.filter(isSystem).map(({ content }) => textIn(content))]
      .filter(Boolean)
      .join('\n'),
    turns: items.filter((item) => !isSystem(item)).flatMap(turnsOf),
    tools: objects(body.tools).map(({ name, description, parameters }) => {
      return { name: text(name), description: text(description), schema: parameters }
    }),
    toolChoice: choiceOf(body.tool_choice),
    parallel: body.parallel_tool_calls as boolean | undefined,
    schema: format.schema,
    limit: body.max_output_tokens as number | undefined,
    temperature: body.temperature as number | undefined,
    // This API has none.
    stop: [],
    stream: body.stream === true,
  }
}

function turnsOf(item: Json): Turn[] {
  switch (item.type) {
    case 'reasoning':
      return []
    case 'function_call':
      return [
        {
          by: 'assistant',
          call: text(item.call_id),
          name: text(item.name),
          arguments: parseArguments(text(item.arguments)),
        },
      ]
    case 'function_call_output':
      return [{ by: 'tool', call: text(item.call_id), result: textIn(item.output) }]
    default: {
      const by = item.role === 'assistant' ? 'assistant' : 'user'
      const { content } = item
      const said = typeof content === 'string' ? [{ type: 'input_text', text: content }] : objects(content)
      return said.map((part: Json): Turn => {
        if (part.type === 'input_image') return { by: 'user', image: text(part.image_url) }
        if (typeof part.text === 'string') return { by, text: part.text }
        throw new Error(`the oracle does not know the part ${String(part.type)}`)
      })
    }
  }
}

function choiceOf(choice: unknown): string {
  const named = object(choice)
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
