/** Requests of `POST /v2/rerank`, in both directions. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, RequestContext, RerankRequest } from '@sluice/core'
import {
  Drops,
  defined,
  isObject,
  optionalBoolean,
  optionalNumber,
  requiredArray,
  requiredString,
} from '@sluice/dialect-kit'
import { fieldsInWords } from '../chat/documents.ts'
import { extended, kept, leftovers, NAME, restore } from '../extensions.ts'

const FIELDS = new Set(['model', 'query', 'documents', 'top_n', 'return_documents', 'max_tokens_per_doc'])

/** A client's request. What the model has no word for is kept in `extensions.cohere`. */
export function decodeRequest(body: JsonObject): RerankRequest {
  const { rest, spelling } = leftovers(body, FIELDS)
  return defined<RerankRequest>({
    operation: 'rerank',
    model: requiredString(body, 'model'),
    stream: false,
    query: requiredString(body, 'query'),
    documents: requiredArray(body, 'documents').map(decodeDocument),
    topN: optionalNumber(body, 'top_n'),
    returnDocuments: optionalBoolean(body, 'return_documents'),
    maxTokensPerDocument: optionalNumber(body, 'max_tokens_per_doc'),
    ...extended(rest, spelling),
  })
}

/** Objects are of version 1 of the API, and of those that were modelled on it. */
function decodeDocument(item: unknown, index: number): string | JsonObject {
  if (typeof item === 'string' || isObject(item)) return item
  throw invalidRequest(`"documents[${index}]" must be a text.`, `documents[${index}]`)
}

/**
 * A request for the target. Of another dialect's, Cohere gets documents as texts; that they are to come
 * back is nothing to ask Cohere for, as they are at hand where the answer is written.
 */
export function encodeRequest(request: RerankRequest, context: RequestContext): JsonObject {
  const isOwn = kept(request) !== undefined
  if (!isOwn) new Drops(context, NAME).addForeign(request.extensions)
  const { query, documents, topN, returnDocuments, maxTokensPerDocument } = request
  const fields = defined<JsonObject>({
    model: context.model,
    query,
    documents: isOwn ? documents : documents.map((each) => (isObject(each) ? fieldsInWords(each) : each)),
    top_n: topN,
    return_documents: isOwn ? returnDocuments : undefined,
    max_tokens_per_doc: maxTokensPerDocument,
  })
  return { ...restore(request), ...fields }
}
