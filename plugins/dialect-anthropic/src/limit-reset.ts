import { secondsUntil, textOf } from '@sluice/dialect-kit'
import type { IncomingHttpHeaders } from 'node:http'

const LIMIT_RESET = /^anthropic-ratelimit-(.+)-reset$/

/** Seconds until every limit that is used up is reset (RFC 3339 times in `anthropic-ratelimit-*-reset`). */
export function limitReset(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  let anyLimit: number | undefined
  let usedUp: number | undefined
  for (const name in headers) {
    const limit = LIMIT_RESET.exec(name)?.[1]
    const wait = limit === undefined ? undefined : secondsUntil(textOf(headers[name]) ?? '', now)
    if (wait === undefined) continue
    anyLimit = Math.max(anyLimit ?? 0, wait)
    if (headers[`anthropic-ratelimit-${limit}-remaining`] === '0') usedUp = Math.max(usedUp ?? 0, wait)
  }
  return usedUp ?? anyLimit
}
