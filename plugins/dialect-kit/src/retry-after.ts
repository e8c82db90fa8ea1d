import type { IncomingHttpHeaders } from 'node:http'

/**
 * How long a refused client should wait, in seconds; undefined if the provider did not say.
 * `retry-after-ms` is the finer one where both are there, but some send it as 0.
 * @param now milliseconds since the epoch
 */
export function retryAfter(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  const milliseconds = positive(Number(first(headers['retry-after-ms'])))
  if (milliseconds !== undefined) return milliseconds / 1000
  const value = headers['retry-after']
  return value === undefined ? undefined : (positive(Number(value)) ?? secondsUntil(value, now))
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

function positive(value: number): number | undefined {
  return Number.isFinite(value) && value > 0 ? value : undefined
}

/** Whole seconds from `now` to a moment in any form that `Date.parse` takes; undefined if it is past, or none. */
export function secondsUntil(date: string, now = Date.now()): number | undefined {
  return positive(Math.ceil((Date.parse(date) - now) / 1000))
}
