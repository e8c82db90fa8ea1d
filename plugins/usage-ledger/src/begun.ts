import { exchangeKey } from '@sluice/core'
import type { Attempt, Exchange } from '@sluice/core'
import { estimateTokens } from '@sluice/usage-kit'
import type { Begun } from './records.ts'
import { headOf } from './row.ts'
import type { Draft, RowForm } from './row.ts'

/** The row of an exchange so far. */
export const HEAD = exchangeKey<Draft>('usage-ledger/head')

/** What is to be remembered of an exchange in case nobody sees its end. */
export function begunOf({ target }: Attempt, exchange: Exchange, form: RowForm): Begun {
  const head = headOf(exchange, form)
  exchange.set(HEAD, head)
  const { input, output } = estimated(exchange)
  return { head, provider: target.provider, model: target.model, input, output }
}

function estimated(exchange: Exchange): { input: number; output: number } {
  try {
    return estimateTokens(exchange)
  } catch {
    // A shape that only the provider can judge.
    return { input: Math.ceil(exchange.bytesIn / 4), output: 0 }
  }
}
