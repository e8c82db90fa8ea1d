import { createGateway, definePlugin } from '@sluice/core'
import { testPlugin } from '@sluice/core/testing'
import { Store } from '@sluice/store-kit'
import { testStore } from '@sluice/store-kit/testing'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../src/index.ts'
import { MemoryStore } from '../src/memory-store.ts'

testPlugin({ test, plugin: memoryStore() })

describe('as a store', () => {
  testStore({ test, create: (now) => new MemoryStore({ records: 100, bytes: 1e6, now }) })
})

test('when there are too many records, the oldest go', async () => {
  const store = new MemoryStore({ records: 2, bytes: 1e6 })
  for (const id of ['a', 'b', 'c']) await store.put('x', id, {})
  await store.put('x', 'b', { again: true })
  await store.put('x', 'd', {})
  expect((await store.list('x')).map(({ id }) => id)).toEqual(['b', 'd'])
})

test('when they take too much memory, the oldest go, and a record larger than all of it goes at once', async () => {
  const store = new MemoryStore({ records: 10, bytes: 1000 })
  await store.put('x', 'a', { text: 'a'.repeat(200) })
  await store.put('x', 'b', { text: 'b'.repeat(200) })
  expect(await store.list('x')).toHaveLength(2)
  await store.put('x', 'c', { text: 'c'.repeat(200) })
  expect((await store.list('x')).map(({ id }) => id)).toEqual(['b', 'c'])
  await store.put('x', 'd', { text: 'd'.repeat(2000) })
  expect(await store.list('x')).toEqual([])
})

test('records outlive a reload', async () => {
  let store: Store | undefined
  const user = definePlugin({
    name: 'test-user',
    version: '1.0.0',
    api: 1,
    requires: [Store],
    setup({ get }) {
      store = get(Store)
    },
  })
  const config = { plugins: [memoryStore(), user()] }
  const gateway = await createGateway(config, { destination: { write: () => undefined } })
  await store!.put('x', '1', { kept: true })
  await gateway.reload(config)
  expect(await store!.get('x', '1')).toEqual({ kept: true })
  await gateway.close()
})
