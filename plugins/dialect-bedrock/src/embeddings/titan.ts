/**
 * Amazon Titan Embeddings: one input a call
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html, …-embed-mm.html).
 */
import type { EmbeddingsRequest, EmbeddingsResponse, JsonObject, RequestContext } from '@sluice/core'
import { countOf, defined } from '@sluice/dialect-kit'
import { extended, leftovers } from '../extensions.ts'
import { bytesOf, onlyInput, refuse, textIn } from './inputs.ts'

/** Titan Embeddings G1. */
export function encodeTitanV1(request: EmbeddingsRequest, context: RequestContext): JsonObject {
  dropUnknown(request, context)
  if (request.dimensions !== undefined) context.drop('dimensions', 'the model makes vectors of one length')
  return { inputText: textIn(onlyInput(request), 0) }
}

/** Titan Text Embeddings V2. */
export function encodeTitanV2(request: EmbeddingsRequest, context: RequestContext): JsonObject {
  dropUnknown(request, context)
  return defined<JsonObject>({ inputText: textIn(onlyInput(request), 0), dimensions: request.dimensions })
}

/** Titan Multimodal Embeddings G1: a text, an image, or both together. */
export function encodeTitanImage(request: EmbeddingsRequest, context: RequestContext): JsonObject {
  dropUnknown(request, context)
  const contents = onlyInput(request)
  const texts = contents.filter((part) => part.type === 'text')
  const [image, another] = contents.filter((part) => part.type === 'image')
  if (another) refuse(0, 'has more than one image; the model takes one')
  return defined<JsonObject>({
    inputText: texts.length > 0 ? textIn(texts, 0) : undefined,
    inputImage: image && bytesOf(image, 0).data,
    embeddingConfig: request.dimensions === undefined ? undefined : { outputEmbeddingLength: request.dimensions },
  })
}

/** Whoever wants base64 makes it of floats. Titan's binary form has a number for each bit, which no other's has. */
function dropUnknown({ formats = [], purpose, truncate }: EmbeddingsRequest, context: RequestContext): void {
  if (formats.some((format) => format !== 'float' && format !== 'base64'))
    context.drop('embedding_types', 'the model writes floats')
  if (purpose !== undefined) context.drop('input_type', 'the model makes the same vectors for all purposes')
  if (truncate !== undefined && truncate !== 'none') context.drop('truncate', 'the model refuses what is too long')
}

const FIELDS = new Set(['embedding', 'embeddingsByType', 'inputTextTokenCount', 'message'])

/** Undefined if there is no embedding. */
export function decodeTitan(body: JsonObject): EmbeddingsResponse | undefined {
  const { embedding, inputTextTokenCount } = body
  if (!Array.isArray(embedding)) return undefined
  return {
    operation: 'embeddings',
    embeddings: [{ index: 0, values: { float: embedding as number[] } }],
    usage: {
      input: { total: countOf(inputTextTokenCount), cacheRead: 0, cacheWrite: 0 },
      output: { total: 0, reasoning: 0 },
      raw: { inputTextTokenCount },
    },
    ...extended(leftovers(body, FIELDS) ?? {}),
  }
}
