import { objects } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import type { Question, Turn } from '../oracle/question.ts'
import { said } from './asker.ts'
import type { Asker } from './asker.ts'

export const openaiResponses: Asker = {
  ask: (question, model) => ({
    path: '/v1/responses',
    headers: { authorization: 'Bearer sk-client' },
    body: said({
      model,
      instructions: question.system,
      input: question.turns.map(itemOf),
      tools: question.tools.map(({ name, description, schema }) => {
        return { type: 'function', ...said({ name, description, parameters: schema }), strict: false }
      }),
      tool_choice: choiceOf(question),
      parallel_tool_calls: question.parallel,
      text: question.schema && {
        format: { type: 'json_schema', name: 'answer', schema: question.schema, strict: true },
      },
      max_output_tokens: question.limit,
      temperature: question.temperature,
      stream: question.stream,
      store: false,
      include: ['reasoning.encrypted_content'],
    }),
  }),
  goOn: (asked, answer, results) => ({
    ...asked,
    body: {
      ...asked.body,
      input: [
        ...objects(asked.body.input),
        ...objects(answer.output),
        ...results.map(({ call, result }) => ({ type: 'function_call_output', call_id: call, output: result })),
      ],
    },
  }),
}

function itemOf(turn: Turn): Json {
  if (turn.by === 'tool') return { type: 'function_call_output', call_id: turn.call, output: turn.result }
  if ('call' in turn) {
    return { type: 'function_call', call_id: turn.call, name: turn.name, arguments: JSON.stringify(turn.arguments) }
  }
  if ('image' in turn) {
    return { role: 'user', content: [{ type: 'input_image', image_url: turn.image, detail: 'auto' }] }
  }
  const type = turn.by === 'assistant' ? 'output_text' : 'input_text'
  return { role: turn.by, content: [{ type, text: turn.text }] }
}

function choiceOf({ toolChoice }: Question): unknown {
  const [kind, name] = toolChoice.split(' ')
  return kind === 'tool' ? { type: 'function', name } : toolChoice
}
