/** What an exchange that is over says of the arm it was assigned to. */
import type { Attempt, Exchange } from '@sluice/core'
import { costOf } from '@sluice/usage-kit'
import type { Sample } from './counts.ts'
import type { Assignment } from './live.ts'

/**
 * Undefined if the arm had no say: none of its targets was called, or the client went away before it answered. It is
 * an error of the arm if its last call failed, for whatever reason: what clients do wrong is all arms' lot alike, and
 * that one of them takes what another refuses is a difference worth knowing.
 */
export function sampleOf(exchange: Exchange, { live, arm }: Assignment): Sample | undefined {
  let first: Attempt | undefined
  let last: Attempt | undefined
  for (const attempt of exchange.attempts) {
    // What never left the gateway says nothing of the target.
    if (attempt.error?.hook === 'beforeAttempt' || live.armOf(attempt.target) !== arm) continue
    first ??= attempt
    last = attempt
  }
  if (!first || !last || exchange.outcome === 'client_closed') return undefined
  const isError = last.error !== undefined
  const isServed = !isError && last === exchange.attempts.at(-1)
  const { usage } = exchange
  return {
    isError,
    latency: last.endedAt - first.startedAt,
    ttft: exchange.stream ? last.firstByteAt - first.startedAt : undefined,
    nanoUsd: isServed ? costOf(exchange)?.nanoUsd : undefined,
    inputTokens: isServed ? (usage?.input.total ?? 0) : 0,
    outputTokens: isServed ? (usage?.output.total ?? 0) : 0,
  }
}
