import type { Logger } from '@sluice/core'
import { afterEach, expect, test, vi } from 'vitest'
import { Book } from '../src/book.ts'
import { planOf } from '../src/plan.ts'
import { SharedStore } from './support/shared-store.ts'

const quiet = { debug: () => undefined } as unknown as Logger
const plan = planOf('r', { model: 'm', candidate: 'new/m', percent: 50 })
const HOUR = 3_600_000

afterEach(() => void vi.useRealTimers())

test('a process of which requests are hours apart keeps one record of its counts', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const store = new SharedStore()
  const book = new Book(store, HOUR, quiet)
  for (let request = 0; request < 5; request++) {
    book.open(plan, 1, 0).requests++
    await book.flush()
    vi.advanceTimersByTime(HOUR)
    await book.flush()
  }
  expect(await store.list('rollout-counts')).toHaveLength(1)
  expect((await book.read(plan, 1)).epochs.get(1)![0]!.requests).toBe(5)
})

test('processes are counted once, however many epochs they have counted in', async () => {
  const store = new SharedStore()
  const books = [new Book(store, HOUR, quiet), new Book(store, HOUR, quiet)]
  for (const book of books) {
    for (const epoch of [1, 2, 3]) book.open(plan, epoch, 0).requests++
    await book.flush()
  }
  expect(await books[0]!.read(plan, 1)).toMatchObject({ processes: 2, epochs: { size: 3 } })
})

test('counts that are written later stay, though an earlier writing takes longer', async () => {
  const store = new SharedStore()
  const put = store.put.bind(store)
  const held = Promise.withResolvers<void>()
  vi.spyOn(store, 'put').mockImplementationOnce(async (collection, id, value) => {
    const sent = structuredClone(value)
    await held.promise
    return put(collection, id, sent)
  })
  const book = new Book(store, HOUR, quiet)
  const count = (): Promise<void> => {
    book.open(plan, 1, 0).requests++
    return book.flush()
  }
  const first = count()
  await new Promise(setImmediate)
  const second = count()
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
  held.resolve()
  await Promise.all([first, second])
  expect((await book.read(plan, 1)).epochs.get(1)![0]!.requests).toBe(2)
})
