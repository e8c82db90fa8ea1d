/** Reads requests to the Messages API. */
import { object, objects, text } from './json.ts'
import type { Json } from './json.ts'
import type { Question, Turn } from './question.ts'

export function readMessagesRequest(body: Json): Question {
  const choice = object(body.tool_choice) ?? {}
  const disabled = choice.disable_parallel_tool_use
  return {
    system: textIn(body.system),
    turns: objects(body.messages).flatMap(turnsOf),
    tools: objects(body.tools).map(({ name, description, input_schema: schema }) => {
      return { name: text(name), description: text(description), schema }
    }),
    toolChoice: choiceOf(choice),
    parallel: typeof disabled === 'boolean' ? !disabled : undefined,
    schema: (object(object(body.output_config)?.format) ?? object(body.output_format))?.schema,
    limit: body.max_tokens as number | undefined,
    temperature: body.temperature as number | undefined,
    stop: [body.stop_sequences ?? []].flat(),
    stream: body.stream === true,
  }
}

function turnsOf({ role, content }: Json): Turn[] {
  const by = role === 'assistant' ? 'assistant' : 'user'
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : objects(content)
  return blocks.flatMap((block: Json): Turn[] => {
    const source = object(block.source) ?? {}
    switch (block.type) {
      case 'text':
        return [{ by, text: text(block.text) }]
      case 'image':
        return [
          { by: 'user', image: text(source.url) || `data:${text(source.media_type)};base64,${text(source.data)}` },
        ]
      case 'document':
        // A text document is but text to APIs without documents.
        return [{ by, text: text(source.data) }]
      case 'thinking':
      case 'redacted_thinking':
        return []
      case 'tool_use':
        return [{ by: 'assistant', call: text(block.id), name: text(block.name), arguments: block.input }]
      case 'tool_result':
        return [{ by: 'tool', call: text(block.tool_use_id), result: textIn(block.content) }]
      default:
        throw new Error(`the oracle does not know the block ${String(block.type)}`)
    }
  })
}

const CHOICES: { readonly [type: string]: string } = { auto: 'auto', any: 'required', none: 'none' }

function choiceOf({ type, name }: Json): string {
  return type === 'tool' ? `tool ${text(name)}` : (CHOICES[text(type)] ?? '')
}

function textIn(content: unknown): string {
  return (
    text(content) ||
    objects(content)
      .map((block) => text(block.text))
      .join('\n')
  )
}
