import type { Dialect } from '@sluice/core'
import { chat, chatInArray } from './chat/index.ts'
import { arrayEndpoints, endpoints, speaksGemini } from './endpoints.ts'
import { decodeError, encodeArrayError, encodeError, encodeStreamError } from './errors.ts'
import { NAME } from './extensions.ts'

/** Google's Gemini API, `generateContent` (https://ai.google.dev/api/generate-content), also as Vertex AI speaks it. */
export const gemini: Dialect = {
  name: NAME,
  codecs: { chat },
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
