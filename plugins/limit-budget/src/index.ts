/** `@sluice/limit-budget`: budgets in money. */
import { adminResource, Audit } from '@sluice/admin-kit'
import { definePlugin, Type } from '@sluice/core'
import { BudgetSection, compileRules, RuleBook } from '@sluice/limit-kit'
import { Counters, Store } from '@sluice/store-kit'
import { Prices } from '@sluice/usage-kit'
import { Alerts } from './alerts.ts'
import { calendarOf } from './calendar.ts'
import { Charges, compileRule } from './charges.ts'
import type { CompiledRule } from './charges.ts'
import { BudgetRule, Options } from './options.ts'
import { Pricing } from './pricing.ts'
import { Treasurer } from './treasurer.ts'

const COLLECTION = 'budgets'

/** Reserves in `admit`, settles in `onComplete`. */
export const budgets = definePlugin({
  name: 'limit-budget',
  version: '0.1.0',
  api: 1,
  requires: [Counters, Prices],
  uses: [Store, Audit],
  countsUsage: true,
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  keyOptions: { budget: BudgetSection },
  async setup({ id, options, hooks, get, find, log, router, onClose }) {
    const { rules = [], timeZone = 'UTC', unknownPrice = 'allow', whenUnavailable = 'refuse' } = options
    const { defaultOutput = 4096, leastOutput = 512 } = options
    calendarOf('day', timeZone) // a mistake in it is to be found now, not with the first key that has a budget
    const configured = compileRules(rules, (rule) => compileRule(rule, timeZone, `${id}|rule|${rule.name}`))
    const store = find(Store)
    const audit = find(Audit)
    let stored: RuleBook<CompiledRule> | undefined
    if (store) {
      const compile = (record: { id: string; value: object }): CompiledRule =>
        compileRule(record.value as BudgetRule, timeZone, `${id}|stored|${record.id}`)
      stored = await RuleBook.open({ store, collection: COLLECTION, schema: BudgetRule, log, compile })
      onClose(() => stored?.close())
      adminResource(
        { router, store, audit },
        {
          name: COLLECTION,
          title: 'budget',
          idPrefix: 'budget_',
          schema: BudgetRule,
          beforeWrite(input) {
            compileRule(input, timeZone, '')
            return input
          },
        },
      )
    }
    const counters = get(Counters)
    const now = (): number => Date.now()
    const treasurer = new Treasurer({
      id,
      log,
      counters,
      whenUnavailable,
      defaultOutput,
      leastOutput,
      now,
      charges: new Charges(() => [configured, stored?.rules ?? []], timeZone, id),
      pricing: new Pricing(get(Prices), unknownPrice === 'refuse', log),
      alerts: new Alerts({ counters, log, audit, now }),
    })
    onClose(() => treasurer.close())

    hooks.admit.tap('reserve', (exchange) => treasurer.admit(exchange))
    if (unknownPrice === 'refuse')
      hooks.beforeRoute.tap({ name: 'priced', stage: 'last' }, (targets, exchange) =>
        treasurer.route(targets, exchange),
      )
    hooks.onComplete.tap({ name: 'settle', stage: 'late' }, (exchange) => treasurer.settle(exchange))
  },
})
