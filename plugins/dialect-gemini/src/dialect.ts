import type { Dialect } from '@sluice/core'
import { chat, chatInArray } from './chat/index.ts'
import { countTokens } from './count-tokens.ts'
import { batchEmbedContents, embedContent } from './embeddings/index.ts'
import { arrayEndpoints, endpoints, singleEndpoints, speaksGemini } from './endpoints.ts'
import { decodeError, encodeArrayError, encodeError, encodeStreamError } from './errors.ts'
import { NAME } from './extensions.ts'

/** Google's Gemini API (https://ai.google.dev/api), also as Vertex AI speaks it. */
export const gemini: Dialect = {
  name: NAME,
  codecs: { chat, 'count-tokens': countTokens, embeddings: batchEmbedContents },
  endpoints,
  recognises: speaksGemini,
  // Not x-goog-user-project: it selects who pays for a credential that is not the client's.
  requestHeaders: ['x-vertex-ai-*'],
  replyHeaders: ['x-gemini-*', 'retry-after'],
  encodeError,
  encodeStreamError,
  decodeError,
}

/**
 * The same with streams as one JSON array, which the API sends where the client does not ask for server-sent
 * events. No provider speaks it, so that its streams are always translated.
 */
export const geminiArray: Dialect = {
  ...gemini,
  name: `${NAME}-array`,
  codecs: { chat: chatInArray },
  endpoints: arrayEndpoints,
  encodeStreamError: encodeArrayError,
}

/**
 * The same for embeddings of one content, which the API takes without a list. No provider speaks it: upstreams are
 * asked for a batch of one.
 */
export const geminiSingle: Dialect = {
  ...gemini,
  name: `${NAME}-single`,
  codecs: { embeddings: embedContent },
  endpoints: singleEndpoints,
}
