import type { IncomingHttpHeaders } from 'node:http'

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

function positive(value: number): number | undefined {
  return Number.isFinite(value) && value > 0 ? value : undefined
}

function secondsUntil(date: string, now: number): number | undefined {
  return positive(Math.ceil((Date.parse(date) - now) / 1000))
}

/**
 * How long a refused client should wait, in seconds; undefined if the provider did not say.
 * `retry-after-ms` is the finer one where both are there, but some send it as 0.
 */
export function retryAfter(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  const milliseconds = positive(Number(header(headers, 'retry-after-ms')))
  if (milliseconds !== undefined) return milliseconds / 1000
  const value = header(headers, 'retry-after')
  return value === undefined ? undefined : (positive(Number(value)) ?? secondsUntil(value, now))
}

const LIMIT_RESET = /^anthropic-ratelimit-(.+)-reset$/

/** Seconds until every limit that is used up is reset (RFC 3339 times in `anthropic-ratelimit-*-reset`). */
export function limitReset(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  let anyLimit: number | undefined
  let usedUp: number | undefined
  for (const name in headers) {
    const limit = LIMIT_RESET.exec(name)?.[1]
    const wait = limit === undefined ? undefined : secondsUntil(header(headers, name) ?? '', now)
    if (wait === undefined) continue
    anyLimit = Math.max(anyLimit ?? 0, wait)
    if (header(headers, `anthropic-ratelimit-${limit}-remaining`) === '0') usedUp = Math.max(usedUp ?? 0, wait)
  }
  return usedUp ?? anyLimit
}
