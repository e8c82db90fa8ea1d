import type { Dialect } from '@sluice/core'
import { chat } from './chat/index.ts'
import { embed } from './embed/index.ts'
import { endpoints, speaksCohere } from './endpoints.ts'
import { decodeError, encodeError, encodeStreamError } from './errors.ts'
import { NAME } from './extensions.ts'
import { rerank } from './rerank/index.ts'

/** Cohere's API, version 2 (https://docs.cohere.com/v2/reference/chat). */
export const cohere: Dialect = {
  name: NAME,
  codecs: { chat, embeddings: embed, rerank },
  endpoints,
  recognises: speaksCohere,
  requestHeaders: ['x-client-name'],
  replyHeaders: ['num_chars', 'num_tokens', 'retry-after', 'x-api-warning', 'x-debug-trace-id', 'x-trial-endpoint-*'],
  encodeError,
  encodeStreamError,
  decodeError,
}
