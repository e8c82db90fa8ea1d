import type { Shared } from '@sluice/core/cluster'
import { expect, test } from 'vitest'
import type { SharedDatabase } from '../src/shared-database.ts'
import { SqliteStore } from '../src/store.ts'

test('where another process has to take note first, a watcher is told that it may have missed something', async () => {
  const noted = Promise.withResolvers<void>()
  const database = { watch: () => noted.promise } as unknown as Shared<SharedDatabase>
  const store = new SqliteStore(database, {} as never, { error: () => undefined } as never)
  const told: (string | undefined)[] = []
  store.watch('a', (id) => told.push(id))
  store.watch('a', () => told.push('ended'))()
  expect(told).toEqual([])
  noted.resolve()
  await noted.promise
  store.changed('a', '1')
  store.changed('b', '2')
  expect(told).toEqual([undefined, '1'])
})
