/** Reads requests to Bedrock's Converse API. */
import { object, objects, text } from './json.ts'
import type { Json } from './json.ts'
import type { Question, Turn } from './question.ts'

/** @param path of the request, where it says whether it wants a stream */
export function readConverseRequest(body: Json, path: string): Question {
  const config = object(body.inferenceConfig) ?? {}
  const tooling = object(body.toolConfig) ?? {}
  const structure = object(object(object(body.outputConfig)?.textFormat)?.structure)
  const schema = text(object(structure?.jsonSchema)?.schema)
  return {
    system: objects(body.system)
      .flatMap((block) => ('text' in block ? text(block.text) : []))
      .join('\n'),
    turns: objects(body.messages).flatMap(({ role, content }) =>
      objects(content).flatMap((block) => turnsOf(block, role)),
    ),
    tools: objects(tooling.tools)
      .flatMap(({ toolSpec }) => objects([toolSpec]))
      .map(({ name, description, inputSchema }) => {
        return { name: text(name), description: text(description), schema: object(inputSchema)?.json }
      }),
    toolChoice: choiceOf(object(tooling.toolChoice) ?? {}),
    // It always may.
    parallel: undefined,
    schema: schema ? (JSON.parse(schema) as unknown) : undefined,
    limit: config.maxTokens as number | undefined,
    temperature: config.temperature as number | undefined,
    stop: [config.stopSequences ?? []].flat(),
    stream: path.endsWith('/converse-stream'),
  }
}

function turnsOf(block: Json, role: unknown): Turn[] {
  const by = role === 'assistant' ? 'assistant' : 'user'
  if (typeof block.text === 'string') return [{ by, text: block.text }]
  const call = object(block.toolUse)
  if (call) return [{ by: 'assistant', call: text(call.toolUseId), name: text(call.name), arguments: call.input }]
  const answered = object(block.toolResult)
  if (answered) return [{ by: 'tool', call: text(answered.toolUseId), result: resultIn(answered.content) }]
  const image = object(block.image)
  if (image)
    return [{ by: 'user', image: `data:image/${text(image.format)};base64,${text(object(image.source)?.bytes)}` }]
  if ('reasoningContent' in block || 'cachePoint' in block) return []
  throw new Error(`the oracle does not know the block ${Object.keys(block).join()}`)
}

function resultIn(content: unknown): string {
  return objects(content)
    .map((item) => (typeof item.text === 'string' ? item.text : JSON.stringify(item.json)))
    .join('\n')
}

function choiceOf(choice: Json): string {
  const named = object(choice.tool)
  if (named) return `tool ${text(named.name)}`
  return choice.any ? 'required' : choice.auto ? 'auto' : ''
}
