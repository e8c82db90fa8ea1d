import type { JsonObject } from '@sluice/core'
import { expect, test } from 'vitest'
import type { Store } from '../src/index.ts'
import { testStore } from '../src/testing.ts'

/** The simplest store there can be. Ids hold no line ends here. */
function simpleStore(now: () => number): Store {
  const records = new Map<string, { value: string; expires: number }>()
  const live = (key: string): { value: string } | undefined => {
    const record = records.get(key)
    return record && record.expires > now() ? record : undefined
  }
  return {
    get: async (collection, id) => {
      const record = live(`${collection}\n${id}`)
      return record && (JSON.parse(record.value) as JsonObject)
    },
    put: async (collection, id, value, { ttl = Infinity } = {}) =>
      void records.set(`${collection}\n${id}`, { value: JSON.stringify(value), expires: now() + ttl }),
    delete: async (collection, id) =>
      live(`${collection}\n${id}`) !== undefined && records.delete(`${collection}\n${id}`),
    list: async (collection, { after = '', limit = 100 } = {}) =>
      [...records.keys()]
        .filter((key) => key.startsWith(`${collection}\n`) && live(key))
        .map((key) => ({
          id: key.slice(collection.length + 1),
          value: JSON.parse(records.get(key)!.value) as JsonObject,
        }))
        .filter(({ id }) => id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit),
  }
}

testStore({ test, create: simpleStore })

/** Runs the suite over a store that is wrong in one way. */
async function failures(create: (now: () => number) => Store): Promise<string[]> {
  const runs: [name: string, run: () => Promise<void>][] = []
  testStore({ test: (name, run) => runs.push([name, run]), create })
  const results = await Promise.allSettled(runs.map(([, run]) => run()))
  return runs.filter((_, i) => results[i]?.status === 'rejected').map(([name]) => name)
}

test.each<[what: string, broken: (store: Store) => Partial<Store>]>([
  ['forgets', () => ({ put: async () => undefined })],
  ['deletes nothing', () => ({ delete: async () => false })],
  [
    'mixes collections',
    (store) => ({ get: (_, id) => store.get('a', id), put: (_, ...rest) => store.put('a', ...rest) }),
  ],
  ['keeps for ever', (store) => ({ put: (collection, id, value) => store.put(collection, id, value) })],
  ['knows no pages', (store) => ({ list: (collection) => store.list(collection) })],
])('the suite fails a store that %s', async (_what, broken) => {
  const create = (now: () => number): Store => {
    const store = simpleStore(now)
    return { ...store, ...broken(store) }
  }
  expect(await failures(create)).not.toEqual([])
})
