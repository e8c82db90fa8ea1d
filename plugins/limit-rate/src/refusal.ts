/** What a client is told that has to wait. */
import { GatewayError } from '@sluice/core'
import type { Claim, Level } from '@sluice/store-kit'
import type { Count } from './count.ts'

/** @param retryAfter milliseconds; Infinity if the request is larger than the limit */
export function refusal(count: Count, { amount }: Claim, level: Level | undefined, retryAfter: number): GatewayError {
  const limit = `the limit "${count.rule.name}" of ${count.text}`
  const countsTokens = count.unit !== 'requests' && count.unit !== 'concurrency'
  if (retryAfter === Infinity) {
    const size = countsTokens
      ? `may take ${amount} tokens, more than ${limit} ever allows`
      : `is more than ${limit} allows`
    const advice = countsTokens ? ' Send less, or lower the limit of its output.' : ''
    return new GatewayError('rate_limit_exceeded', `The request ${size}.${advice}`)
  }
  const left = countsTokens && level ? `: ${level.remaining} are left, and the request may take ${amount}` : ''
  const seconds = retryAfter / 1000
  return new GatewayError('rate_limit_exceeded', `This reaches ${limit}${left}. Try again in ${inWords(seconds)}.`, {
    retryAfter: seconds,
  })
}

function inWords(seconds: number): string {
  if (seconds < 1) return `${Math.max(1, Math.ceil(seconds * 1000))} ms`
  return seconds < 120 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
}
