/** What an exchange came to. */
import type { Exchange, Usage } from '@sluice/core'
import { targetName } from '@sluice/route-kit'
import { costOf } from '@sluice/usage-kit'

/** Of one answer. Milliseconds count from the first call of a target; `ttftMs` is that of a stream. */
export interface Measured {
  /** The target that answered. */
  served: string | undefined
  durationMs: number
  ttftMs: number | undefined
  usage: Usage | undefined
  /** Undefined if nobody knows. */
  costNanoUsd: number | undefined
}

/** Of an exchange that is over. */
export function measure(exchange: Exchange): Measured {
  const { attempts, stream, usage, startedAt, endedAt } = exchange
  const last = attempts.at(-1)
  const from = attempts[0]?.startedAt ?? startedAt
  return {
    served: last && targetName(last.target),
    durationMs: Math.round((last?.endedAt || endedAt) - from),
    ttftMs: stream && last && last.firstByteAt > 0 ? Math.round(last.firstByteAt - from) : undefined,
    usage,
    costNanoUsd: costOf(exchange)?.nanoUsd,
  }
}
