/** Requests, both directions. */
import { invalidRequest } from '@sluice/core'
import type { BodyCodec, JsonObject, RerankRequest, RerankResponse } from '@sluice/core'
import {
  Drops,
  defined,
  isObject,
  optionalBoolean,
  optionalNumber,
  optionalString,
  requiredArray,
  requiredString,
} from '@sluice/dialect-kit'
import { fields, keep, keeperOf, restore } from '../kept.ts'
import { textIn } from './form.ts'
import type { RerankForm } from './form.ts'

export function requestIn(
  form: RerankForm,
): Pick<BodyCodec<RerankRequest, RerankResponse>, 'decodeRequest' | 'encodeRequest'> {
  const { dialect, limit, textOnly } = form
  const known = fields('model query documents return_documents max_tokens_per_doc', limit)
  const { keptIn } = keeperOf(dialect)
  return {
    decodeRequest: (body) =>
      defined<RerankRequest>({
        operation: 'rerank',
        model: optionalString(body, 'model') ?? '',
        stream: false,
        query: requiredString(body, 'query'),
        documents: requiredArray(body, 'documents').map(decodeDocument),
        topN: optionalNumber(body, limit),
        returnDocuments: optionalBoolean(body, 'return_documents'),
        maxTokensPerDocument: optionalNumber(body, 'max_tokens_per_doc'),
        // Always there: it tells the encoder that the request came in this dialect.
        extensions: { [dialect]: keep(body, known) },
      }),
    encodeRequest(request, context) {
      const { query, documents, topN, returnDocuments, maxTokensPerDocument } = request
      const drops = new Drops(context, dialect)
      drops.addForeign(request.extensions)
      const own = dialect in request.extensions
      if (maxTokensPerDocument !== undefined && !own)
        drops.add('max_tokens_per_doc', 'the vendor decides how much of a document counts')
      return {
        ...restore(keptIn(request)),
        model: context.model,
        query,
        documents: textOnly ? documents.map(textIn) : documents,
        ...defined({
          [limit]: topN,
          return_documents: returnDocuments,
          max_tokens_per_doc: own ? maxTokensPerDocument : undefined,
        }),
      }
    },
  }
}

function decodeDocument(document: unknown, index: number): string | JsonObject {
  if (typeof document === 'string' || isObject(document)) return document
  throw invalidRequest(`"documents[${index}]" must be a text or an object.`, `documents[${index}]`)
}
