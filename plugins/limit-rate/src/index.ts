/** `@sluice/limit-rate`: limits on requests, tokens and concurrency. */
import { adminResource, Audit } from '@sluice/admin-kit'
import { definePlugin, Type } from '@sluice/core'
import { compileRules, LimitsSection, RuleBook } from '@sluice/limit-kit'
import { Counters, Store } from '@sluice/store-kit'
import { Demands } from './demand.ts'
import { Limiter } from './limiter.ts'
import { LimitRule, Options } from './options.ts'
import { compileRule } from './rule.ts'
import type { CompiledRule } from './rule.ts'
import { scopeReader } from './scopes.ts'

const COLLECTION = 'limits'

/** Claims in `authorize`, `admit` and `beforeAttempt`, settles in `onComplete`. */
export const rateLimit = definePlugin({
  name: 'limit-rate',
  version: '0.1.0',
  api: 1,
  requires: [Counters],
  uses: [Store, Audit],
  countsUsage: true,
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  keyOptions: { limits: LimitsSection },
  async setup({ id, options, hooks, get, find, log, router, gateway, onClose }) {
    const { rules = [], defaultOutput = 4096, whenUnavailable = 'allow' } = options
    const configured = compileRules(rules, (rule) => compileRule(rule, `${id}|rule|${rule.name}`))
    const store = find(Store)
    let stored: RuleBook<CompiledRule> | undefined
    if (store) {
      const compile = (record: { id: string; value: object }): CompiledRule =>
        compileRule(record.value as LimitRule, `${id}|stored|${record.id}`)
      stored = await RuleBook.open({ store, collection: COLLECTION, schema: LimitRule, log, compile })
      onClose(() => stored?.close())
      adminResource(
        { router, store, audit: find(Audit) },
        {
          name: COLLECTION,
          title: 'limit',
          idPrefix: 'limit_',
          schema: LimitRule,
          beforeWrite(input) {
            compileRule(input, '')
            return input
          },
        },
      )
    }
    const relays = new Set<string>()
    const demands = new Demands(() => [configured, stored?.rules ?? []], scopeReader(id), defaultOutput, relays)
    hooks.ready.tap('relays', () => {
      for (const provider of gateway.inspect().providers) if (provider.asksOthers) relays.add(provider.id)
    })
    const limiter = new Limiter(demands, { counters: get(Counters), id, log, whenUnavailable })
    onClose(() => limiter.close())

    hooks.authorize.tap({ name: 'requests', stage: 'late' }, (exchange) => limiter.authorize(exchange))
    hooks.admit.tap('spending', (exchange) => limiter.admit(exchange))
    hooks.beforeAttempt.tap({ name: 'provider', stage: 'early' }, (attempt, exchange) =>
      limiter.beforeAttempt(attempt, exchange),
    )
    hooks.afterAttempt.tap('provider', (attempt, exchange) => limiter.afterAttempt(attempt, exchange))
    hooks.onResponse.tap('headers', (reply, exchange) => limiter.writeHeaders(reply, exchange))
    hooks.onComplete.tap({ name: 'settle', stage: 'late' }, (exchange) => limiter.settle(exchange))
  },
})
