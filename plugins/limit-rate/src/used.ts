/** What a request came to in truth, when it is over. */
import type { Exchange } from '@sluice/core'
import type { Taken } from '@sluice/limit-kit'
import { stepsOf } from '@sluice/usage-kit'
import type { Count } from './count.ts'

/** `undefined` stands for a further portion of the claim before. */
export type Of = Count | undefined

/** For each claim; what was claimed in portions is used up portion after portion. */
export function usedOf({ claims, of }: Taken<Of>, exchange: Exchange): number[] {
  const amounts: number[] = []
  for (let i = 0; i < claims.length;) {
    const first = i
    let left = used(of[first]!, claims[first]!.amount, exchange)
    do {
      const amount = Math.min(left, claims[i]!.amount)
      amounts.push(amount)
      left -= amount
      i++
    } while (i < claims.length && of[i] === undefined)
    amounts[first]! += left
  }
  return amounts
}

function used({ unit, rule }: Count, claimed: number, exchange: Exchange): number {
  if (unit === 'concurrency') return 0
  if (unit === 'requests') return (rule.perAttempt ? wasCalled(exchange) : counts(exchange)) ? 1 : 0
  const { usage, answered } = exchange
  if (stepsOf(exchange)) return 0 // each of them has its own
  // Of an answer that nobody counted the estimate is all there is.
  if (!usage) return answered ? claimed : 0
  if (unit === 'inputTokens') return whole(usage.input.total)
  if (unit === 'outputTokens') return whole(usage.output.total)
  return whole(usage.input.total + usage.output.total)
}

/** Not what was refused, failed, came from a cache or was given up before a model was asked. */
function counts({ outcome, answered, attempts, cache }: Exchange): boolean {
  if (cache === 'hit') return false
  return outcome === 'ok' || answered || (outcome === 'client_closed' && attempts.length > 0)
}

/** Not if a plugin kept the call from being made. */
function wasCalled({ attempts }: Exchange): boolean {
  return attempts.at(-1)?.error?.hook !== 'beforeAttempt'
}

/** Providers report what they like. */
function whole(tokens: number): number {
  return tokens > 0 ? Math.min(Math.ceil(tokens), Number.MAX_SAFE_INTEGER) : 0
}
