import { GatewayError } from '@sluice/core'
import type { Prices } from '@sluice/usage-kit'
import type { Field } from '../field.ts'
import type { Passage } from '../passage.ts'
import type { Strategy, Tools } from './strategy.ts'
import { Weighted } from './weighted.ts'

/** The cheapest for this request: its input as estimated, its output as is usual for the model. What has no known price comes last. */
export class Cost implements Strategy {
  readonly unit = 'nano-dollars expected'
  readonly #prices: Prices
  /** Among equals. */
  readonly #chance: Weighted

  constructor({ prices, clock }: Tools) {
    if (!prices) {
      const cure = 'which no configured plugin provides. Add usage-prices.'
      throw new GatewayError('config_invalid', `strategy: "cost" needs the capability "Prices", ${cure}`)
    }
    this.#prices = prices
    this.#chance = new Weighted(() => clock.random())
  }

  rank(field: Field, passage: Passage): void {
    this.#chance.rank(field)
    field.sort()
    const { input } = passage.estimate
    const output = passage.exchange.operation === 'chat' ? passage.expectedOutput : 0
    for (const candidate of field.candidates) {
      candidate.score = this.#prices.quote(candidate.target)?.most(input, output) ?? Infinity
    }
  }
}
