/** `@sluice/route-rollout`: canaries, switches and experiments between versions of a model. */
import { Audit } from '@sluice/admin-kit'
import { definePlugin, milliseconds, Type } from '@sluice/core'
import { SYSTEM_CLOCK } from '@sluice/route-kit'
import { Journal, Store } from '@sluice/store-kit'
import { Ledger } from '@sluice/usage-kit'
import { mountRollouts } from './admin.ts'
import { Book } from './book.ts'
import { configuredPlans } from './configured.ts'
import { Desk } from './desk.ts'
import { Exposures } from './exposures.ts'
import { mountFeedback, mountFeedbackList } from './feedback.ts'
import { modelsOf } from './models.ts'
import { Options, RolloutSection } from './options.ts'
import { Pilot } from './pilot.ts'
import { Rollouts } from './rollouts.ts'

/** Chooses the arm in `beforeRoute`, counts in `onComplete`. */
export const rollouts = definePlugin({
  name: 'route-rollout',
  version: '0.1.0',
  api: 1,
  requires: [Store, Journal],
  uses: [Audit, Ledger],
  countsUsage: true,
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  modelOptions: { rollout: RolloutSection },
  setup({ id, options, hooks, get, find, log, router, addModels, modelOptions, onClose }) {
    const [store, journal, audit] = [get(Store), get(Journal), find(Audit)]
    const interval = milliseconds(options.interval ?? '1s')
    const retention = milliseconds(options.retention ?? '7d')
    const all = new Rollouts({ store, log, clock: SYSTEM_CLOCK, wall: Date.now })
    // What is shared is half an interval old at most when it is looked at.
    const book = new Book(store, interval / 2, log)
    const exposures = new Exposures(journal, interval / 2, retention, log)
    const pilot = new Pilot({ rollouts: all, book, audit, log, interval, clock: SYSTEM_CLOCK })
    const desk = new Desk(id, all, book, exposures)
    let providers: ReadonlySet<string> = new Set()

    const admin = { router, store, audit }
    mountRollouts(admin, all, book, journal, () => providers)
    mountFeedback(router, { store, rollouts: all, book, exposures, ledger: find(Ledger), retention })
    mountFeedbackList(admin)
    addModels(modelsOf(all))

    hooks.admit.tap({ name: 'arms', stage: 'first' }, (exchange) => desk.widen(exchange))
    hooks.beforeRoute.tap({ name: 'arm', stage: 'early' }, (targets, exchange) => desk.order(targets, exchange))
    hooks.beforeAttempt.tap({ name: 'exposure', stage: 'last' }, (attempt, exchange) => desk.expose(attempt, exchange))
    hooks.onResponse.tap('variant', (reply, exchange) => desk.mark(reply, exchange))
    hooks.onComplete.tap({ name: 'count', stage: 'late' }, (exchange) => desk.count(exchange))
    hooks.ready.tap('rollouts', async (gateway) => {
      const plans = configuredPlans(options, (model) => modelOptions(model).rollout, gateway)
      providers = new Set(gateway.inspect().providers.map(({ id }) => id))
      await all.open(plans, providers)
      pilot.start()
    })
    onClose(async () => {
      await pilot.close()
      all.close()
      await Promise.all([book.close(), exposures.close()])
    })
  },
})
