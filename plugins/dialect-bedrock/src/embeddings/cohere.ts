/**
 * Cohere Embed (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed-v3.html, …-v4.html).
 * What it was worth stands in headers only.
 */
import type { Embedding, EmbeddingsRequest, EmbeddingsResponse, JsonObject, RequestContext } from '@sluice/core'
import { defined, isObject, listOf, textOf } from '@sluice/dialect-kit'
import { extended, leftovers } from '../extensions.ts'
import { bytesOf, contentsOf, textIn } from './inputs.ts'
import type { Content } from './inputs.ts'

type Words = ReadonlyMap<string, string>

const PURPOSES: Words = new Map([
  ['query', 'search_query'],
  ['document', 'search_document'],
  ['classification', 'classification'],
  ['clustering', 'clustering'],
])
/** Cohere insists on a purpose, which clients of others need not give. */
const DEFAULT_PURPOSE = 'document'
const ENDS_V3: Words = new Map([
  ['start', 'START'],
  ['end', 'END'],
  ['none', 'NONE'],
])
const ENDS_V4: Words = new Map([
  ['start', 'LEFT'],
  ['end', 'RIGHT'],
  ['none', 'NONE'],
])
/** Whoever wants base64 makes it of floats. */
const FORMATS: Words = new Map([
  ...['float', 'int8', 'uint8', 'binary', 'ubinary'].map((format) => [format, format] as const),
  ['base64', 'float'],
])

/** Texts, or one image. */
export function encodeCohereV3(request: EmbeddingsRequest, context: RequestContext): JsonObject {
  if (request.dimensions !== undefined) context.drop('dimensions', 'the model makes vectors of one length')
  const inputs = request.inputs.map(contentsOf)
  const [[image, another] = []] = inputs
  const isImage = inputs.length === 1 && image?.type === 'image' && another === undefined
  return {
    ...(isImage ? { images: [urlOf(image, 0)] } : { texts: inputs.map(textIn) }),
    ...settings(request, ENDS_V3, context),
    ...(isImage && { input_type: 'image' }),
  }
}

/** Texts, images, and both together. */
export function encodeCohereV4(request: EmbeddingsRequest, context: RequestContext): JsonObject {
  const inputs = request.inputs.map(contentsOf)
  const hasImage = inputs.some((contents) => contents.some(({ type }) => type === 'image'))
  return defined<JsonObject>({
    ...(hasImage ? { inputs: inputs.map(mixed) } : { texts: inputs.map(textIn) }),
    ...settings(request, ENDS_V4, context),
    output_dimension: request.dimensions,
  })
}

function mixed(contents: readonly Content[], index: number): JsonObject {
  const content = contents.map((part) => {
    return part.type === 'text'
      ? { type: 'text', text: part.text }
      : { type: 'image_url', image_url: urlOf(part, index) }
  })
  return { content }
}

function urlOf(image: Extract<Content, { type: 'image' }>, index: number): string {
  const { data, mediaType } = bytesOf(image, index)
  return `data:${mediaType};base64,${data}`
}

function settings({ purpose, formats, truncate }: EmbeddingsRequest, ends: Words, context: RequestContext): JsonObject {
  const known = formats?.flatMap((format) => FORMATS.get(format) ?? [])
  if (known?.length !== formats?.length)
    context.drop('embedding_types', 'Bedrock writes numbers, and fewer forms of them')
  const wanted = PURPOSES.get(purpose ?? DEFAULT_PURPOSE)
  if (wanted === undefined)
    context.drop('input_type', `Cohere knows no purpose "${purpose}"; "${DEFAULT_PURPOSE}" it is`)
  const end = truncate === undefined ? undefined : ends.get(truncate)
  if (truncate !== undefined && end === undefined) context.drop('truncate', 'Cohere cuts off the start or the end')
  return defined<JsonObject>({
    input_type: wanted ?? PURPOSES.get(DEFAULT_PURPOSE),
    embedding_types: known?.length ? [...new Set(known)] : undefined,
    truncate: end,
  })
}

const FIELDS = new Set(['id', 'embeddings', 'response_type', 'texts'])

/** Vectors come as a list of floats, or by format. Undefined if there are none. */
export function decodeCohere(body: JsonObject): EmbeddingsResponse | undefined {
  const lists = Array.isArray(body.embeddings) ? { float: body.embeddings } : body.embeddings
  if (!isObject(lists)) return undefined
  const embeddings: Embedding[] = []
  for (const format of FORMATS.keys()) {
    for (const [index, vector] of listOf(lists[format]).entries()) {
      const embedding = (embeddings[index] ??= { index, values: {} })
      if (Array.isArray(vector)) embedding.values[format] = vector as number[]
    }
  }
  return defined<EmbeddingsResponse>({
    operation: 'embeddings',
    id: textOf(body.id),
    embeddings,
    ...extended(leftovers(body, FIELDS) ?? {}),
  })
}
