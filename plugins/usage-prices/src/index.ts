/** `@sluice/usage-prices`: what each target costs. */
import { definePlugin, Type } from '@sluice/core'
import { COST, Prices } from '@sluice/usage-kit'
import { costStage, isAsked, noteAsked, withCost, withoutQuestion } from './include.ts'
import { Options } from './options.ts'
import { PriceList } from './price-list.ts'
import { Pricing } from './pricing.ts'

/** Provides `Prices`, and prices every exchange. */
export const prices = definePlugin({
  name: 'usage-prices',
  version: '0.1.0',
  api: 1,
  provides: [Prices],
  countsUsage: true,
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  setup({ options, hooks, provide }) {
    const list = new PriceList(options)
    const pricing = new Pricing(list, options.trustReported ?? false)
    provide(Prices, list)

    hooks.ready.tap('providers', (gateway) => list.learnFrom(gateway))
    hooks.onUsage.tap({ name: 'price', stage: 'late' }, (usage, exchange) => {
      exchange.set(COST, pricing.costOf(usage, exchange))
    })

    hooks.authorize.tap({ name: 'include', stage: 'last' }, noteAsked)
    hooks.transformRequest.tap({ name: 'include', stage: 'last', when: isAsked }, withoutQuestion)
    hooks.transformResponse.tap({ name: 'include', stage: 'last', when: isAsked }, (response, exchange) =>
      withCost(response, exchange, pricing),
    )
    hooks.transformStream.tap({ name: 'include', stage: 'last', when: isAsked }, (stages, exchange) => [
      ...stages,
      costStage(exchange, pricing),
    ])
  },
})
