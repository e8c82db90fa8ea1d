import { object, objects } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import type { Question, Turn } from '../oracle/question.ts'
import { said } from './asker.ts'
import type { Asker } from './asker.ts'

export const openaiChat: Asker = {
  ask: (question, model) => ({
    path: '/v1/chat/completions',
    headers: { authorization: 'Bearer sk-client' },
    body: said({
      model,
      messages: [
        ...(question.system ? [{ role: 'system', content: question.system }] : []),
        ...question.turns.reduce(addTurn, []),
      ],
      tools: question.tools.map(({ name, description, schema }) => {
        return { type: 'function', function: said({ name, description, parameters: schema }) }
      }),
      tool_choice: choiceOf(question),
      parallel_tool_calls: question.parallel,
      response_format: question.schema && {
        type: 'json_schema',
        json_schema: { name: 'answer', schema: question.schema, strict: true },
      },
      max_completion_tokens: question.limit,
      temperature: question.temperature,
      stop: question.stop,
      stream: question.stream,
      stream_options: question.stream ? { include_usage: true } : undefined,
    }),
  }),
  goOn: (asked, answer, results) => ({
    ...asked,
    body: {
      ...asked.body,
      messages: [
        ...objects(asked.body.messages),
        object(objects(answer.choices)[0]?.message) ?? {},
        ...results.map(({ call, result }) => ({ role: 'tool', tool_call_id: call, content: result })),
      ],
    },
  }),
}

/** Calls of one turn share a message; so do texts and images. */
function addTurn(messages: Json[], turn: Turn): Json[] {
  const last = messages.at(-1)
  if (turn.by === 'tool') return [...messages, { role: 'tool', tool_call_id: turn.call, content: turn.result }]
  if ('call' in turn) {
    const call = {
      id: turn.call,
      type: 'function',
      function: { name: turn.name, arguments: JSON.stringify(turn.arguments) },
    }
    if (last?.role !== 'assistant') return [...messages, { role: 'assistant', content: null, tool_calls: [call] }]
    return [...messages.slice(0, -1), { ...last, tool_calls: [...objects(last.tool_calls), call] }]
  }
  if (turn.by === 'assistant') return [...messages, { role: 'assistant', content: turn.text }]
  const part =
    'image' in turn ? { type: 'image_url', image_url: { url: turn.image } } : { type: 'text', text: turn.text }
  if (last?.role !== 'user') return [...messages, { role: 'user', content: [part] }]
  return [...messages.slice(0, -1), { role: 'user', content: [...objects(last.content), part] }]
}

function choiceOf({ toolChoice }: Question): unknown {
  const [kind, name] = toolChoice.split(' ')
  return kind === 'tool' ? { type: 'function', function: { name } } : toolChoice
}
