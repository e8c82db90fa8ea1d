import { GatewayError } from '@sluice/core'
import type { Exchange } from '@sluice/core'

/** Characters of the longest credential. */
export const CREDENTIAL_LIMIT = 4096

/** Beside `authorization`: where the SDKs of Anthropic, Azure and Google put theirs. */
const HEADERS = ['x-api-key', 'api-key', 'x-goog-api-key'] as const
/** Visible ASCII. A comma is what joins a header that was sent twice. */
const FORM = /^[!-+\--~]+$/

/**
 * The credential that the client sent: `Authorization: Bearer`, `x-api-key`, `api-key`, `x-goog-api-key` or `?key=`.
 * Undefined if it sent none; other schemes of `Authorization` and empty values count as none.
 * @throws GatewayError `invalid_api_key` if several places say different things, or one says what no credential can be
 */
export function presentedCredential({ headers, start }: Pick<Exchange, 'headers' | 'start'>): string | undefined {
  let found = bearer(headers.authorization)
  for (const name of HEADERS) found = agreed(found, headers[name])
  if (start.search === '') return found
  for (const value of new URLSearchParams(start.search).getAll('key')) found = agreed(found, value)
  return found
}

/** What stands behind the scheme (RFC 9110, section 11.4; RFC 6750), in which case does not count. */
function bearer(value: string | undefined): string | undefined {
  if (value === undefined || value.length < 8 || value.slice(0, 6).toLowerCase() !== 'bearer') return undefined
  if (value[6] !== ' ' && value[6] !== '\t') return undefined
  let from = 6
  while (value[from] === ' ') from++
  return agreed(undefined, value.slice(from))
}

function agreed(found: string | undefined, value: string | readonly string[] | undefined): string | undefined {
  if (value === undefined || value === '') return found
  if (value === found) return found
  if (typeof value !== 'string' || value.length > CREDENTIAL_LIMIT || !FORM.test(value)) {
    const form = `visible ASCII characters without spaces and commas, ${CREDENTIAL_LIMIT} at most`
    throw new GatewayError('invalid_api_key', `The API key is not valid: a key is made of ${form}, and sent once.`)
  }
  if (found === undefined) return value
  throw new GatewayError(
    'invalid_api_key',
    'The request holds two different API keys. Send one, as "Authorization: Bearer <key>" or in one other place.',
  )
}

/** What is said of every credential that is not good, whatever is wrong with it: nobody learns which ones exist. */
export function invalidCredential(): GatewayError {
  return new GatewayError(
    'invalid_api_key',
    'The API key is missing or not valid. Send it as "Authorization: Bearer <key>".',
  )
}
