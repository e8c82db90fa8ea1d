/** The dialects of OpenAI's two APIs for chat. */
import type { Dialect } from '@sluice/core'
import * as chatErrors from './chat/errors.ts'
import { DIALECT as CHAT } from './chat/extensions.ts'
import { chat } from './chat/index.ts'
import { chatEndpoints, responsesEndpoints } from './endpoints.ts'
import * as responsesErrors from './responses/errors.ts'
import { DIALECT as RESPONSES } from './responses/extensions.ts'
import { responses } from './responses/index.ts'

const headers: Pick<Dialect, 'requestHeaders' | 'replyHeaders'> = {
  // Not openai-organization and openai-project: they select the account of a credential that is not the client's.
  requestHeaders: ['openai-beta', 'idempotency-key'],
  replyHeaders: ['openai-*', 'x-ratelimit-*', 'retry-after', 'retry-after-ms'],
}

/** `openai-chat`: what OpenAI's Chat Completions API and the many APIs modelled on it speak. For tests and tools; gateways add it through the plugin. */
export const openaiChat: Dialect = {
  name: CHAT,
  codecs: { chat },
  endpoints: chatEndpoints,
  ...headers,
  encodeError: chatErrors.encodeError,
  encodeStreamError: chatErrors.encodeStreamError,
  decodeError: chatErrors.decodeError,
}

/** `openai-responses`: what OpenAI's Responses API speaks. For tests and tools, too. */
export const openaiResponses: Dialect = {
  name: RESPONSES,
  codecs: { chat: responses },
  endpoints: responsesEndpoints,
  ...headers,
  encodeError: responsesErrors.encodeError,
  encodeStreamError: responsesErrors.encodeStreamError,
  decodeError: responsesErrors.decodeError,
}
