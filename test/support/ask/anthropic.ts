import { objects } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import type { Question, Turn } from '../oracle/question.ts'
import { dataOf, said } from './asker.ts'
import type { Asker } from './asker.ts'
import { grouped } from './grouped.ts'

export const anthropic: Asker = {
  ask: (question, model) => ({
    path: '/v1/messages',
    headers: { 'x-api-key': 'sk-client', 'anthropic-version': '2023-06-01' },
    body: said({
      model,
      system: question.system,
      messages: grouped(question.turns, 'assistant', blockOf).map(({ role, parts }) => ({ role, content: parts })),
      tools: question.tools.map(({ name, description, schema }) => said({ name, description, input_schema: schema })),
      tool_choice: choiceOf(question),
      output_config: question.schema && { format: { type: 'json_schema', schema: question.schema } },
      // There is no request without one.
      max_tokens: question.limit ?? 4096,
      temperature: question.temperature,
      stop_sequences: question.stop,
      stream: question.stream,
    }),
  }),
  goOn: (asked, answer, results) => ({
    ...asked,
    body: {
      ...asked.body,
      messages: [
        ...objects(asked.body.messages),
        { role: 'assistant', content: answer.content },
        {
          role: 'user',
          content: results.map(({ call, result }) => ({ type: 'tool_result', tool_use_id: call, content: result })),
        },
      ],
    },
  }),
}

function blockOf(turn: Turn): Json {
  if (turn.by === 'tool') return { type: 'tool_result', tool_use_id: turn.call, content: turn.result }
  if ('call' in turn) return { type: 'tool_use', id: turn.call, name: turn.name, input: turn.arguments }
  if ('text' in turn) return { type: 'text', text: turn.text }
  const { mediaType, data } = dataOf(turn.image) ?? {}
  const source = mediaType ? { type: 'base64', media_type: mediaType, data } : { type: 'url', url: turn.image }
  return { type: 'image', source }
}

function choiceOf({ toolChoice, parallel }: Question): unknown {
  const [kind = '', name] = toolChoice.split(' ')
  const type = kind === 'required' ? 'any' : kind
  if (type === '' && parallel === undefined) return undefined
  return said({ type: type || 'auto', name, disable_parallel_tool_use: parallel === undefined ? undefined : !parallel })
}
