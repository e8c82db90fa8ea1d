/** The errors of `openai-chat`. */
import type { GatewayError } from '@sluice/core'
import { sseFrame } from '@sluice/dialect-kit'
import { errorsOf } from '../errors.ts'
import { DIALECT } from './extensions.ts'

export const { decodeError, encodeError, inlineError } = errorsOf(DIALECT)

/** One event that SDKs turn into an exception. No `[DONE]` follows it. */
export function encodeStreamError(error: GatewayError): string {
  return sseFrame(JSON.stringify(encodeError(error)))
}
