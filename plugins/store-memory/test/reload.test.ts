import { createGateway, definePlugin } from '@sluice/core'
import type { GatewayConfig } from '@sluice/core'
import { Cache, Counters, Journal, Store } from '@sluice/store-kit'
import type { Claim } from '@sluice/store-kit'
import { expect, test } from 'vitest'
import { memoryStore } from '../src/index.ts'

type Found = { store: Store; counters: Counters; cache: Cache; journal: Journal }

/** A gateway and what its plugins find now. */
async function boot(plugins: GatewayConfig['plugins']) {
  const found = {} as Found
  const user = definePlugin({
    name: 'test-user',
    version: '1.0.0',
    api: 1,
    requires: [Store, Counters, Cache, Journal],
    setup({ get }) {
      Object.assign(found, { store: get(Store), counters: get(Counters), cache: get(Cache), journal: get(Journal) })
    },
  })
  const configOf = (plugins: GatewayConfig['plugins']): GatewayConfig => ({ plugins: [plugins, user()] })
  const gateway = await createGateway(configOf(plugins), { destination: { write: () => undefined } })
  return {
    found,
    reload: (plugins: GatewayConfig['plugins']) => gateway.reload(configOf(plugins)),
    [Symbol.asyncDispose]: () => gateway.close(),
  }
}

const CLAIM: Claim = { kind: 'window', key: 'w', amount: 4, limit: 10, until: Infinity }

test('what is kept outlives a reload, also one that changes the bounds', async () => {
  await using gateway = await boot([memoryStore()])
  const before = { ...gateway.found }
  await before.store.put('x', '1', { kept: true })
  await before.cache.set('k', Buffer.from('bytes'), 60_000)
  await before.journal.append('j', [{ id: '1', time: 1, data: {} }])
  await before.counters.reserve('1', [CLAIM])
  await before.counters.settle('1', [CLAIM], [3])
  const told: (string | undefined)[] = []

  await gateway.reload([memoryStore({ records: 5, size: '1mb', cacheSize: '1mb', journalSize: '1mb' })])
  const { store, cache, journal, counters } = gateway.found
  expect(store).not.toBe(before.store)
  expect(await store.find('x', '1')).toEqual({ id: '1', value: { kept: true }, revision: 1 })
  expect(await cache.get('k')).toEqual(Buffer.from('bytes'))
  expect(await journal.find('j', '1')).toEqual({ id: '1', time: 1, data: {} })
  expect(await counters.read([CLAIM])).toEqual([{ remaining: 7, reset: Infinity }])

  store.watch('x', (id) => told.push(id))
  await store.put('x', '2', {})
  expect(told).toEqual(['2'])
})

test('counters answer at once', async () => {
  await using gateway = await boot([memoryStore()])
  const { counters } = gateway.found
  const reservation = counters.reserve('1', [CLAIM])
  expect(reservation).toEqual({ granted: true, levels: [{ remaining: 6, reset: Infinity }], short: -1, retryAfter: 0 })
  expect(counters.settle('1', [CLAIM], [1])).toBeUndefined()
  expect(counters.read([CLAIM])).toEqual([{ remaining: 9, reset: Infinity }])
  expect(counters.reset('w')).toBeUndefined()
})

test('what a generation still held when it ended is given back', async () => {
  await using gateway = await boot([memoryStore()])
  await gateway.found.counters.reserve('1', [CLAIM])
  await gateway.reload([memoryStore()])
  await expect.poll(() => gateway.found.counters.read([CLAIM])).toEqual([{ remaining: 10, reset: 0 }])
})

test('two gateways in a process have nothing in common', async () => {
  await using one = await boot([memoryStore()])
  await using other = await boot([memoryStore()])
  await one.found.store.put('x', '1', {})
  expect(await other.found.store.get('x', '1')).toBeUndefined()
})

test('a watcher that throws is in the log, and the write has happened', async () => {
  const lines: string[] = []
  let store: Store | undefined
  const user = definePlugin({
    name: 'test-user',
    version: '1.0.0',
    api: 1,
    requires: [Store],
    setup({ get }) {
      store = get(Store)
      store.watch('x', () => {
        throw new Error('thrown by a watcher')
      })
    },
  })
  const destination = { write: (line: string) => void lines.push(line) }
  const gateway = await createGateway({ plugins: [memoryStore(), user()] }, { destination })
  expect(await store!.put('x', '1', {})).toBe(1)
  await gateway.close()
  expect(lines.join('')).toContain('thrown by a watcher')
})
