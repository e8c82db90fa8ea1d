/** A gateway of two processes whose routes use what they share. */
import { defineConfig, definePlugin } from '@sluice/core'
import { Counters, Store } from '@sluice/store-kit'
import type { Claim } from '@sluice/store-kit'
import { memoryStore } from '../../src/index.ts'

const CLAIM: Claim = { kind: 'slots', key: 'k', amount: 1, limit: 100 }

/** Far from its limit. */
const FAR: Claim = { kind: 'window', key: 'far', amount: 1, limit: 100_000, until: Infinity }

const probe = definePlugin({
  name: 'test-probe',
  version: '1.0.0',
  api: 1,
  requires: [Counters, Store],
  setup({ get, router }) {
    const counters = get(Counters)
    const store = get(Store)
    const told: (string | undefined)[] = []
    let leases = 0
    store.watch('x', (id) => told.push(id))
    const answer = (path: string, body: () => unknown): void =>
      router.get(path, { permission: 'public' }, async (context) => {
        context.set('connection', 'close')
        context.body = { pid: process.pid, value: await body() }
      })
    answer('/reserve', async () => (await counters.reserve(`${process.pid} ${leases++}`, [CLAIM])).granted)
    answer('/rush', async () => {
      let waits = 0
      for (let i = 0; i < 1000; i++) {
        const lease = `${process.pid} ${leases++}`
        const given = counters.reserve(lease, [FAR])
        if (given instanceof Promise) waits++
        await given
        await counters.settle(lease, [FAR], [1])
      }
      return waits
    })
    answer('/left-far', async () => (await counters.read([FAR]))[0]!.remaining)
    answer('/left', async () => (await counters.read([CLAIM]))[0]!.remaining)
    answer('/create', () =>
      store.put('x', '1', {}, { revision: 0 }).catch((error: unknown) => (error as { code: string }).code),
    )
    answer('/told', () => told)
    answer('/end', () => void setImmediate(() => process.exit(7)))
  },
})

export default defineConfig({ server: { port: 0, workers: 2 }, plugins: [memoryStore(), probe()] })
