import type { Dialect } from '@sluice/core'
import { chat } from './chat/index.ts'
import { countTokens } from './count-tokens.ts'
import { endpoints, speaksAnthropic } from './endpoints.ts'
import { decodeError, encodeError, encodeStreamError } from './errors.ts'
import { NAME } from './extensions.ts'

/** The Anthropic Messages API, `anthropic-version: 2023-06-01` (https://platform.claude.com/docs/en/api/messages). */
export const anthropic: Dialect = {
  name: NAME,
  codecs: { chat, 'count-tokens': countTokens },
  endpoints,
  recognises: speaksAnthropic,
  requestHeaders: ['anthropic-version', 'anthropic-beta'],
  replyHeaders: ['anthropic-*', 'request-id', 'retry-after', 'x-should-retry'],
  encodeError,
  encodeStreamError,
  decodeError,
}
