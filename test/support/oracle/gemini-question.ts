/** Reads requests to the Gemini API. */
import { object, objects, text } from './json.ts'
import type { Json } from './json.ts'
import type { Question, Turn } from './question.ts'

/** @param path of the request, where it says whether it wants a stream */
export function readGenerateRequest(body: Json, path: string): Question {
  const config = object(body.generationConfig) ?? {}
  return {
    system: objects(object(body.systemInstruction)?.parts)
      .map((part) => text(part.text))
      .join('\n'),
    turns: objects(body.contents).flatMap(({ role, parts }) => objects(parts).flatMap((part) => turnsOf(part, role))),
    tools: objects(body.tools)
      .flatMap(({ functionDeclarations }) => objects(functionDeclarations))
      .map(({ name, description, parameters, parametersJsonSchema }) => {
        return {
          name: text(name),
          description: text(description),
          schema: parametersJsonSchema ?? plainSchema(parameters),
        }
      }),
    toolChoice: choiceOf(object(object(body.toolConfig)?.functionCallingConfig) ?? {}),
    // It always may.
    parallel: undefined,
    schema: config.responseJsonSchema ?? plainSchema(config.responseSchema),
    limit: config.maxOutputTokens as number | undefined,
    temperature: config.temperature as number | undefined,
    stop: [config.stopSequences ?? []].flat(),
    stream: path.includes(':streamGenerateContent'),
  }
}

function turnsOf(part: Json, role: unknown): Turn[] {
  const by = role === 'model' ? 'assistant' : 'user'
  if (part.thought === true) return []
  const call = object(part.functionCall)
  if (call) return [{ by: 'assistant', call: text(call.id), name: text(call.name), arguments: call.args ?? {} }]
  const answered = object(part.functionResponse)
  if (answered) return [{ by: 'tool', call: text(answered.id), result: resultIn(object(answered.response) ?? {}) }]
  const blob = object(part.inlineData)
  if (blob) return [{ by: 'user', image: `data:${text(blob.mimeType)};base64,${plainBase64(text(blob.data))}` }]
  const file = object(part.fileData)
  if (file) return [{ by: 'user', image: text(file.fileUri) }]
  if (typeof part.text === 'string') return [{ by, text: part.text }]
  throw new Error(`the oracle does not know the part ${Object.keys(part).join()}`)
}

/** `output` is the word that Google's documents name for a result that is no object. */
function resultIn(response: Json): string {
  return typeof response.output === 'string' ? response.output : JSON.stringify(response)
}

/** Google also takes the alphabet for addresses. */
function plainBase64(data: string): string {
  return data.replaceAll('-', '+').replaceAll('_', '/')
}

const CHOICES: { readonly [mode: string]: string } = { AUTO: 'auto', ANY: 'required', NONE: 'none' }

function choiceOf({ mode, allowedFunctionNames: names }: Json): string {
  return Array.isArray(names) && names.length === 1 ? `tool ${text(names[0])}` : (CHOICES[text(mode)] ?? '')
}

/** OpenAPI's names of types, as JSON Schema has them. */
function plainSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plainSchema)
  const fields = object(schema)
  if (fields === undefined) return schema
  const plain = Object.entries(fields).map(([key, value]) => {
    return [key, key === 'type' && typeof value === 'string' ? value.toLowerCase() : plainSchema(value)]
  })
  return Object.fromEntries(plain)
}
