/** `@sluice/route-resilience`: retries, fallbacks, circuit breakers, time limits, load shedding. */
import { Audit } from '@sluice/admin-kit'
import { definePlugin, Type } from '@sluice/core'
import { Health, routedModel, SYSTEM_CLOCK } from '@sluice/route-kit'
import { Gossip, Store } from '@sluice/store-kit'
import { Guide } from './alternatives.ts'
import { mountCircuits } from './circuits.ts'
import { Departure, PROBE } from './departure.ts'
import { checkModels } from './models-check.ts'
import { Options, Policy } from './options.ts'
import { pause } from './pause.ts'
import { compilePolicy, Policies } from './policy.ts'
import { Prober } from './prober.ts'
import { Recovery } from './recovery.ts'
import { probingOf } from './settings.ts'
import { shareHealth } from './shared-health.ts'
import { shed } from './shed.ts'
import { slowStreamGuard } from './slow-stream.ts'
import { hasWishes, isAsking, stopAsking, takeWishes, wishesOf } from './wishes.ts'

/** Decides in `onAttemptError`, learns in `afterAttempt`. Provides `Health`. */
export const resilience = definePlugin({
  name: 'route-resilience',
  version: '0.1.0',
  api: 1,
  provides: [Health],
  uses: [Store, Audit, Gossip],
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  modelOptions: { resilience: Type.Object(Policy.properties, { additionalProperties: false }) },
  async setup(context) {
    const { id, options, hooks, gateway, find, findTargets, modelOptions, provide, router, onClose } = context
    const clock = SYSTEM_CLOCK
    const health = await shareHealth(context, options, clock)
    provide(Health, health)
    const store = find(Store)
    mountCircuits(store ? { router, store, audit: find(Audit) } : { router }, health, clock)

    const policies = new Policies(compilePolicy(options, {}))
    const guide = new Guide({ policies, findTargets, wishesOf })
    const recovery = new Recovery({ id, policies, guide, health, clock })
    const departure = new Departure(policies, health, clock)
    hooks.beforeRoute.tap({ name: 'health', stage: 'late' }, (targets, exchange) => recovery.route(targets, exchange))
    hooks.beforeAttempt.tap('departure', (attempt, exchange) => departure.prepare(attempt, exchange))
    hooks.onAttemptError.tap({ name: 'recovery', stage: 'late' }, (attempt, exchange) => {
      health.ended(attempt)
      if (exchange.get(PROBE) !== undefined) return 'fail'
      const step = recovery.next(attempt, exchange)
      if (step.verdict === 'fail' && step.told !== attempt.error) throw step.told
      if (step.pause === 0) return step.verdict
      return pause(step.pause, exchange.signal).then(() => step.verdict)
    })
    hooks.afterAttempt.tap('health', (attempt) => health.ended(attempt))
    hooks.onResponse.tap('health', (_, { answered, attempts, stream }) => {
      const attempt = attempts.at(-1)
      if (answered && attempt && !attempt.error) health.began(attempt, stream)
    })
    hooks.transformStream.tap('slow', (stages, exchange) => {
      const { slowStream } = policies.of(routedModel(exchange))
      return slowStream && [slowStreamGuard(slowStream), ...stages]
    })

    const { clientFallbacks: most = 5, probes, shedding } = options
    hooks.transformRequest.tap({ name: 'asking', stage: 'first', when: isAsking }, stopAsking)
    if (most > 0) {
      hooks.transformRequest.tap({ name: 'wishes', stage: 'first', when: hasWishes }, (request, exchange) =>
        takeWishes(request, exchange, { gateway, findTargets, most }),
      )
    }
    if (shedding) shed(hooks, shedding, onClose)

    hooks.ready.tap('models', () => {
      const own = gateway.models().flatMap(({ name }) => {
        const { resilience: policy } = modelOptions(name)
        return policy ? [{ name, policy }] : []
      })
      checkModels(
        [
          [`plugins[${id}]`, options],
          ...own.map(({ name, policy }) => [`models[${name}].resilience`, policy] as const),
        ],
        [`plugins[${id}].probes.targets`, probes?.targets ?? []],
        gateway,
      )
      const { hookTimeout } = gateway.inspect().server as { hookTimeout: number }
      policies.common = compilePolicy(options, {}, hookTimeout)
      for (const { name, policy } of own) policies.set(name, compilePolicy(options, policy, hookTimeout))
      if (!probes) return
      const prober = new Prober({ ...probingOf(probes), gateway, health, clock })
      onClose(() => prober.stop())
      prober.start()
    })
  },
})
