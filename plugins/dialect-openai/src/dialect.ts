/** The dialect `openai-chat`: what OpenAI's Chat Completions API and the many APIs modelled on it speak. */
import type { Dialect } from '@sluice/core'
import { chat } from './chat/index.ts'
import { DIALECT } from './chat/extensions.ts'
import { endpoints } from './endpoints.ts'
import { decodeError, encodeError, encodeStreamError } from './errors.ts'

/** The Dialect object, for tests and tools; gateways add it through the plugin. */
export const openaiChat: Dialect = {
  name: DIALECT,
  codecs: { chat },
  endpoints,
  // Not openai-organization and openai-project: they select the account of a credential that is not the client's.
  requestHeaders: ['openai-beta', 'idempotency-key'],
  replyHeaders: ['openai-*', 'x-ratelimit-*', 'retry-after', 'retry-after-ms'],
  encodeError,
  encodeStreamError,
  decodeError,
}
