/** `@sluice/route-balance`: which target of a model answers. */
import { definePlugin, milliseconds, parseTarget, Type } from '@sluice/core'
import { Health, sharedState, SYSTEM_CLOCK, TargetStats } from '@sluice/route-kit'
import { Gossip } from '@sluice/store-kit'
import { Prices } from '@sluice/usage-kit'
import { Balancer } from './balancer.ts'
import { isNews, joinNews } from './news.ts'
import type { News } from './news.ts'
import { Options, RouteSection } from './options.ts'
import { Plans } from './plans.ts'

/** Orders targets in `beforeRoute`, measures them, and provides `TargetStats`. */
export const balance = definePlugin({
  name: 'route-balance',
  version: '0.1.0',
  api: 1,
  provides: [TargetStats],
  uses: [Health, Prices, Gossip],
  countsUsage: true,
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  modelOptions: { route: Type.Object(RouteSection.properties, { additionalProperties: false }) },
  async setup(context) {
    const { id, options, hooks, find, provide, modelOptions } = context
    const { decay = '10s', exploration = 0.003, avoidFailing = true, ...defaults } = options
    const tools = { clock: SYSTEM_CLOCK, prices: find(Prices), exploration }
    const plans = new Plans((model) => modelOptions(model).route, defaults, tools)
    const balancer = new Balancer({
      id,
      clock: SYSTEM_CLOCK,
      plans,
      decay: milliseconds(decay),
      health: find(Health),
      avoidFailing,
      tell: ({ name }, news) => others.tell(name, news),
    })
    const others = await sharedState<News>(context, 'targets', {
      accepts: isNews,
      combine: joinNews,
      heard: (name, news, peer) => balancer.heard(parseTarget(name), news, peer),
    })
    provide(TargetStats, { of: (target) => balancer.figures(target) })

    hooks.ready.tap('models', (gateway) => plans.check(gateway.models().map(({ name }) => name)))
    hooks.beforeRoute.tap('order', (targets, exchange) => balancer.beforeRoute(targets, exchange))
    hooks.beforeAttempt.tap({ name: 'count', stage: 'last' }, (attempt, exchange) =>
      balancer.beforeAttempt(attempt, exchange),
    )
    hooks.onResponse.tap('measure', (_reply, exchange) => balancer.onResponse(exchange))
    hooks.afterAttempt.tap('measure', (attempt, exchange) => balancer.afterAttempt(attempt, exchange))
    hooks.onComplete.tap('settle', (exchange) => balancer.onComplete(exchange))
  },
})
