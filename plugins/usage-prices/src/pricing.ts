/** What an exchange cost, whoever served it. */
import type { Exchange, Operation, Usage } from '@sluice/core'
import type { Cost } from '@sluice/usage-kit'
import type { PriceList } from './price-list.ts'
import { reportedCost } from './reported.ts'

const NO_RATES = Object.freeze({})
/** No model was asked: the gateway had the answer. */
const CACHED: Cost = Object.freeze({ nanoUsd: 0, source: 'cache', rates: NO_RATES })
const FREE: Cost = Object.freeze({ nanoUsd: 0, source: 'free', rates: NO_RATES })
/** What no provider asks money for. */
const UNPAID: ReadonlySet<Operation> = new Set<Operation>(['count-tokens', 'files'])

export class Pricing {
  readonly #prices: PriceList
  readonly #trustReported: boolean

  constructor(prices: PriceList, trustReported: boolean) {
    this.#prices = prices
    this.#trustReported = trustReported
  }

  /** Null if nobody knows. */
  costOf(usage: Usage | undefined, exchange: Exchange): Cost | null {
    const target = exchange.attempts.at(-1)?.target
    if (!target) return CACHED
    if (UNPAID.has(exchange.operation)) return FREE
    if (!usage) return this.#prices.isOwn(target.provider) ? FREE : null
    const reported = this.#trustReported ? reportedCost(usage) : undefined
    if (reported !== undefined) {
      return { nanoUsd: this.#prices.withMargin(reported, target), source: 'reported', rates: NO_RATES }
    }
    return this.#prices.quote(target)?.cost(usage, exchange) ?? null
  }
}
