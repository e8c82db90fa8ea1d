/**
 * Embeddings of texts, which Vertex AI gives through `predict`
 * (https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api): the Gemini API's
 * `batchEmbedContents` as instances and parameters.
 */
import { invalidRequest } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import type { Drop } from './gemini.ts'
import { camelCased, fieldOf, hasParts, isObject, objectIn, spellingsOf } from './json.ts'

const CONFIG = spellingsOf('embedContentConfig')
/** What is said of each instance, and its name there. */
const OF_INSTANCE = [
  [spellingsOf('taskType'), 'task_type'],
  [spellingsOf('title'), 'title'],
] as const
/** What is said once for all. */
const OF_ALL = [spellingsOf('outputDimensionality'), spellingsOf('autoTruncate')]
const KNOWN = new Set([
  'model',
  'content',
  CONFIG[0],
  ...OF_INSTANCE.map(([[field]]) => field),
  ...OF_ALL.map(([field]) => field),
])

/** @throws GatewayError `invalid_request` for what is not text, or for settings that are not the same for all */
export function vertexEmbeddingsBody({ requests }: JsonObject, drop: Drop): JsonObject {
  const items = Array.isArray(requests) ? requests.filter(isObject) : []
  const instances = items.map((item, index) => instanceOf(item, `requests[${index}].content`))
  const [parameters, ...others] = items.map(parametersOf)
  if (others.some((each) => JSON.stringify(each) !== JSON.stringify(parameters)))
    throw invalidRequest('On Vertex AI, all requests of a batch must have the same settings.', 'requests')
  for (const item of items) reportUnknown(item, drop)
  return { instances, ...(parameters && Object.keys(parameters).length > 0 && { parameters }) }
}

function instanceOf(item: JsonObject, path: string): JsonObject {
  const instance: JsonObject = { content: textIn(item['content'], path) }
  for (const [field, name] of OF_INSTANCE) {
    const value = settingOf(item, field)
    if (value !== undefined) instance[name] = value
  }
  return instance
}

function parametersOf(item: JsonObject): JsonObject {
  const settings = OF_ALL.map((field) => [field[0], settingOf(item, field)] as const)
  return Object.fromEntries(settings.filter(([, value]) => value !== undefined))
}

/** From either of its places. */
function settingOf(item: JsonObject, field: (typeof OF_ALL)[number]): unknown {
  const config = objectIn(item, CONFIG)
  return fieldOf(item, field) ?? (config && fieldOf(config, field)) ?? undefined
}

function reportUnknown(item: JsonObject, drop: Drop): void {
  for (const field in { ...objectIn(item, CONFIG), ...item }) {
    if (!KNOWN.has(camelCased(field))) drop(field, 'Vertex AI has no such parameter for texts')
  }
}

function textIn(content: unknown, path: string): string {
  const texts = (hasParts(content) ? content.parts : []).map((part) => {
    if (isObject(part) && typeof part['text'] === 'string') return part['text']
    throw invalidRequest(`"${path}" has a part that is not text, which cannot be embedded on Vertex AI.`, path)
  })
  return texts.join('')
}
