import { object, objects } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import type { Question, Turn } from '../oracle/question.ts'
import { dataOf, said } from './asker.ts'
import type { Asker } from './asker.ts'
import { grouped } from './grouped.ts'

export const bedrock: Asker = {
  ask: (question, model) => ({
    path: `/model/${encodeURIComponent(model)}/${question.stream ? 'converse-stream' : 'converse'}`,
    headers: { authorization: 'Bearer sk-client' },
    body: said({
      system: question.system ? [{ text: question.system }] : undefined,
      messages: grouped(question.turns, 'assistant', blockOf).map(({ role, parts }) => ({ role, content: parts })),
      toolConfig:
        question.tools.length > 0
          ? said({ tools: question.tools.map(specOf), toolChoice: choiceOf(question) })
          : undefined,
      inferenceConfig: said({
        maxTokens: question.limit,
        temperature: question.temperature,
        stopSequences: question.stop,
      }),
      outputConfig: question.schema && {
        textFormat: {
          type: 'json_schema',
          structure: { jsonSchema: { name: 'answer', schema: JSON.stringify(question.schema) } },
        },
      },
    }),
  }),
  goOn: (asked, answer, results) => ({
    ...asked,
    body: {
      ...asked.body,
      messages: [
        ...objects(asked.body.messages),
        object(object(answer.output)?.message) ?? {},
        {
          role: 'user',
          content: results.map(({ call, result }) => ({
            toolResult: { toolUseId: call, content: [{ text: result }] },
          })),
        },
      ],
    },
  }),
}

function blockOf(turn: Turn): Json {
  if (turn.by === 'tool') return { toolResult: { toolUseId: turn.call, content: [{ text: turn.result }] } }
  if ('call' in turn) return { toolUse: { toolUseId: turn.call, name: turn.name, input: turn.arguments } }
  if ('text' in turn) return { text: turn.text }
  const image = dataOf(turn.image)
  if (image === undefined) throw new Error('Bedrock takes images that are sent along')
  return { image: { format: image.format, source: { bytes: image.data } } }
}

function specOf({ name, description, schema }: Question['tools'][number]): Json {
  return { toolSpec: said({ name, description, inputSchema: { json: schema } }) }
}

function choiceOf({ toolChoice }: Question): unknown {
  const [kind = '', name] = toolChoice.split(' ')
  if (kind === 'tool') return { tool: { name } }
  return { required: { any: {} }, auto: { auto: {} } }[kind]
}
