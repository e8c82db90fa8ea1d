import { object, objects } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import type { Question, Turn } from '../oracle/question.ts'
import { dataOf, said } from './asker.ts'
import type { Asker } from './asker.ts'
import { grouped } from './grouped.ts'

export const gemini: Asker = {
  ask: (question, model) => ({
    path: `/v1beta/models/${model}:${question.stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: { 'x-goog-api-key': 'sk-client' },
    body: said({
      systemInstruction: question.system ? { parts: [{ text: question.system }] } : undefined,
      contents: grouped(question.turns, 'model', partOf(question.turns)),
      tools: question.tools.length > 0 ? [{ functionDeclarations: question.tools.map(declarationOf) }] : undefined,
      toolConfig: choiceOf(question),
      generationConfig: said({
        maxOutputTokens: question.limit,
        temperature: question.temperature,
        stopSequences: question.stop,
        responseMimeType: question.schema ? 'application/json' : undefined,
        responseJsonSchema: question.schema,
      }),
    }),
  }),
  goOn: (asked, answer, results) => ({
    ...asked,
    body: {
      ...asked.body,
      contents: [
        ...objects(asked.body.contents),
        object(objects(answer.candidates)[0]?.content) ?? {},
        { role: 'user', parts: results.map((result) => responseOf(result, answer)) },
      ],
    },
  }),
}

/** A result names its function, and its call by the id that this had, if any. */
function responseOf({ call, name, result }: { call: string; name: string; result: string }, answer: Json): Json {
  const isKnown = JSON.stringify(answer).includes(JSON.stringify(call))
  return { functionResponse: { ...(isKnown && { id: call }), name, response: { output: result } } }
}

function partOf(turns: readonly Turn[]): (turn: Turn) => Json {
  const names = new Map(turns.flatMap((turn) => ('name' in turn ? [[turn.call, turn.name] as const] : [])))
  return (turn) => {
    if (turn.by === 'tool') {
      return { functionResponse: { id: turn.call, name: names.get(turn.call), response: { output: turn.result } } }
    }
    if ('call' in turn) return { functionCall: { id: turn.call, name: turn.name, args: turn.arguments } }
    if ('text' in turn) return { text: turn.text }
    const { mediaType, data } = dataOf(turn.image) ?? {}
    return mediaType ? { inlineData: { mimeType: mediaType, data } } : { fileData: { fileUri: turn.image } }
  }
}

function declarationOf({ name, description, schema }: Question['tools'][number]): Json {
  return said({ name, description, parametersJsonSchema: schema })
}

function choiceOf({ toolChoice }: Question): unknown {
  const [kind = '', name] = toolChoice.split(' ')
  if (kind === '') return undefined
  const mode = { auto: 'AUTO', none: 'NONE' }[kind] ?? 'ANY'
  return { functionCallingConfig: { mode, ...(name && { allowedFunctionNames: [name] }) } }
}
