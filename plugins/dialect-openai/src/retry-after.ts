/** How long a refused request should wait, from any of the places vendors say it in. */
import type { JsonObject } from '@sluice/core'
import { objectOf } from '@sluice/dialect-kit'

/** Above this a bare number is a moment (epoch milliseconds), not a wait. */
const EPOCH = 1e11

type Headers = { readonly [name: string]: string | string[] | undefined }

/**
 * Seconds to wait; undefined if nothing says it.
 * @param now milliseconds since the epoch
 */
export function retryAfter(headers: Headers, body: unknown, now: number): number | undefined {
  // Azure sends 0 milliseconds beside a whole second: zero says nothing.
  const ms = Number(textIn(headers, 'retry-after-ms'))
  if (ms > 0) return ms / 1000
  return waitIn(textIn(headers, 'retry-after'), now) ?? resetIn(headers, now) ?? resetInBody(body, now)
}

/** A number of seconds, a Go duration such as `1m2.5s`, an HTTP date, or a moment in epoch milliseconds. */
function waitIn(text: string | undefined, now: number): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const number = Number(text)
  if (Number.isFinite(number)) return Math.max(0, number > EPOCH ? (number - now) / 1000 : number)
  const duration = goDuration(text)
  if (duration !== undefined) return duration
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000)
}

const UNITS: { readonly [unit: string]: number } = { h: 3600, m: 60, s: 1, ms: 0.001, us: 1e-6, µs: 1e-6, ns: 1e-9 }

function goDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|us|µs|ns|m|s))+$/.test(text)) return undefined
  let seconds = 0
  for (const [, amount, unit] of text.matchAll(/([\d.]+)([a-zµ]+)/g))
    seconds += Number(amount) * (UNITS[unit ?? ''] ?? 0)
  return seconds
}

/** The limit that is used up says when it is full again; of two, the later. */
function resetIn(headers: Headers, now: number): number | undefined {
  let wait: number | undefined
  for (const limit of ['', '-requests', '-tokens']) {
    if (textIn(headers, `x-ratelimit-remaining${limit}`) !== '0') continue
    const reset = waitIn(textIn(headers, `x-ratelimit-reset${limit}`), now)
    if (reset !== undefined) wait = Math.max(wait ?? 0, reset)
  }
  return wait
}

/** OpenRouter repeats its headers in the body. */
function resetInBody(body: unknown, now: number): number | undefined {
  const metadata = objectOf(objectOf(objectOf(body)?.error)?.metadata)
  const headers: JsonObject = objectOf(metadata?.headers) ?? {}
  const reset = headers['X-RateLimit-Reset']
  return typeof reset === 'string' ? waitIn(reset, now) : undefined
}

function textIn(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
