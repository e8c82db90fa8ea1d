/** What plugins of routing let each other know about an exchange. */
import { exchangeKey } from '@sluice/core'
import type { Exchange } from '@sluice/core'
import type { StrategyName } from './strategies.ts'

/** The strategy by which its targets are ordered, whatever the config says for its model. Set before stage `normal`. */
export const STRATEGY = exchangeKey<StrategyName>('route-kit/strategy')

/** Set where the model whose targets are tried is not the one that the client named: an alias or a rule stands between. */
export const ROUTED_MODEL = exchangeKey<string>('route-kit/model')

/** The model whose sections (`route`, `resilience`, …) hold for the exchange. */
export function routedModel(exchange: Exchange): string {
  return exchange.get(ROUTED_MODEL) ?? exchange.model
}
