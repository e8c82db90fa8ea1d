/** What a request may cost at most, before anybody knows which target serves it. */
import { GatewayError } from '@sluice/core'
import type { Exchange, Logger, Target } from '@sluice/core'
import type { Estimate, NanoUsd, Prices } from '@sluice/usage-kit'

/** Targets come from clients, too (`provider/model`): no more than this are remembered as told. */
const TOLD = 1000

export class Pricing {
  readonly #prices: Prices
  readonly #refuses: boolean
  readonly #log: Logger
  readonly #told = new Set<string>()

  /** @param refuses whether targets are left out of which nobody knows the price */
  constructor(prices: Prices, refuses: boolean, log: Logger) {
    this.#prices = prices
    this.#refuses = refuses
    this.#log = log
  }

  /**
   * The price at the dearest target, at least one nano-dollar, so that nothing goes through a budget of which nothing
   * is left. @throws GatewayError `budget_exceeded` if there is no target whose price is known and there must be one
   */
  most({ targets, model }: Exchange, { input, output }: Estimate): NanoUsd {
    let most: NanoUsd = 1
    let known = 0
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i]!
      const quote = this.#prices.quote(target)
      if (quote) {
        most = Math.max(most, quote.most(input, output))
        known++
      } else this.#tell(target)
    }
    if (this.#refuses && known === 0 && targets.length > 0) {
      throw new GatewayError(
        'budget_exceeded',
        `Nobody knows what the model "${model}" costs, and budgets hold only for what has a price. Use another model, or have its price configured.`,
        { param: 'model' },
      )
    }
    return Math.min(Math.ceil(most), Number.MAX_SAFE_INTEGER)
  }

  /** Those that may be used. */
  usable(targets: readonly Target[]): readonly Target[] {
    return this.#refuses ? targets.filter((target) => this.#prices.quote(target)) : targets
  }

  #tell({ provider, model }: Target): void {
    const name = `${provider}/${model}`
    if (this.#told.has(name) || this.#told.size >= TOLD) return
    this.#told.add(name)
    const what = this.#refuses ? 'budgets keep it from being used' : 'budgets count it as nothing'
    this.#log.warn({ target: name }, `the price of ${name} is unknown: ${what}`)
  }
}
