/** Where vendors of reranking differ. */
import type { DialectName, JsonObject } from '@sluice/core'
import { invalidRequest } from '@sluice/core'

export interface RerankForm {
  dialect: DialectName
  /** Field of the request: how many results are wanted. */
  limit: 'top_n' | 'top_k'
  /** Field of the response. */
  results: 'results' | 'data'
  /** Whether documents are texts, and may not be objects. */
  textOnly: boolean
}

/** `POST /v1/rerank` as Jina has it (https://api.jina.ai/redoc), and Cohere's first API, vLLM, Together and OpenRouter. */
export const JINA: RerankForm = { dialect: 'jina', limit: 'top_n', results: 'results', textOnly: false }
/** Voyage's (https://docs.voyageai.com/reference/reranker-api). */
export const VOYAGE: RerankForm = { dialect: 'voyage', limit: 'top_k', results: 'data', textOnly: true }

/** A document for a vendor that takes texts. Throws `invalid_request` for one that is none. */
export function textIn(document: string | JsonObject, index: number): string {
  if (typeof document === 'string') return document
  if (typeof document.text === 'string') return document.text
  throw invalidRequest(`"documents[${index}]" must be a text, or have one in "text".`, `documents[${index}]`)
}
