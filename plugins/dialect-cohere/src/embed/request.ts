/** Requests of `POST /v2/embed`, in both directions. */
import { invalidRequest } from '@sluice/core'
import type { EmbeddingsRequest, JsonObject, RequestContext } from '@sluice/core'
import { defined, objectOf, optionalArray, optionalNumber, requiredString, textOf } from '@sluice/dialect-kit'
import { extended, kept, leftovers, restore, spellingOf } from '../extensions.ts'
import { fit } from './fit.ts'
import { decodeInputs, encodeInputs, INPUT_FIELDS } from './inputs.ts'
import { decodePurpose, encodePurpose, kindIn } from './purpose.ts'
import { decodeTruncate, encodeTruncate } from './truncate.ts'

const FIELDS = new Set([...INPUT_FIELDS, 'model', 'input_type', 'embedding_types', 'output_dimension', 'truncate'])

/** A client's request. What the model has no word for is kept in `extensions.cohere`. */
export function decodeRequest(body: JsonObject): EmbeddingsRequest {
  const { inputs, wire } = decodeInputs(body)
  const purpose = decodePurpose(body)
  const truncate = decodeTruncate(body)
  const { rest, spelling } = leftovers(body, FIELDS, { inputs, wire, ...kindIn(body) })
  if (truncate === undefined && textOf(body.truncate)) rest.truncate = body.truncate
  return defined<EmbeddingsRequest>({
    operation: 'embeddings',
    model: requiredString(body, 'model'),
    stream: false,
    inputs,
    dimensions: optionalNumber(body, 'output_dimension'),
    formats: decodeFormats(body),
    purpose,
    truncate,
    ...extended(rest, spelling),
  })
}

/** An empty list asks for nothing. */
function decodeFormats(body: JsonObject): string[] | undefined {
  const formats = optionalArray(body, 'embedding_types')?.map((item, index) => {
    if (typeof item === 'string') return item
    throw invalidRequest(`"embedding_types[${index}]" must be a text.`, `embedding_types[${index}]`)
  })
  return formats?.length ? formats : undefined
}

/** A request for the target; one of another dialect is first brought to what Cohere takes. */
export function encodeRequest(request: EmbeddingsRequest, context: RequestContext): JsonObject {
  const isOwn = kept(request) !== undefined
  const { inputs, purpose, formats, dimensions, truncate } = isOwn ? request : fit(request, context)
  const was = spellingOf(request)
  const fields = defined<JsonObject>({
    model: context.model,
    // Inputs that nobody changed go out as they came.
    ...(was.inputs === inputs ? objectOf(was.wire) : encodeInputs(inputs)),
    input_type: purpose === undefined ? was.kind : encodePurpose(purpose),
    embedding_types: formats,
    output_dimension: dimensions,
    truncate: truncate && encodeTruncate(truncate),
  })
  return { ...restore(request), ...fields }
}
