import { Type } from '@sluice/core'
import type { Store, StoredRecord, Watcher } from '@sluice/store-kit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RuleBook } from '../src/index.ts'
import { listeningLog } from './support/log.ts'

/** A store of one collection, that can fail. */
class Shelf {
  readonly records = new Map<string, StoredRecord>()
  readonly watchers = new Set<Watcher>()
  fails = false
  lists = 0

  write(id: string, value: StoredRecord['value'] | undefined): void {
    if (value) this.records.set(id, { id, value, revision: 1 })
    else this.records.delete(id)
    for (const watcher of this.watchers) watcher(id)
  }

  readonly store = {
    list: async (_: string, { after = '', limit = 100 } = {}) => {
      this.lists++
      if (this.fails) throw new Error('no connection')
      const all = [...this.records.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
      return Promise.resolve(all.filter(({ id }) => id > after).slice(0, limit))
    },
    find: async (_: string, id: string) => {
      if (this.fails) throw new Error('no connection')
      return Promise.resolve(this.records.get(id))
    },
    watch: (_: string, watcher: Watcher) => {
      this.watchers.add(watcher)
      return () => void this.watchers.delete(watcher)
    },
  } as unknown as Store
}

function open(shelf: Shelf) {
  const { log, lines } = listeningLog()
  const schema = Type.Object({ n: Type.Integer() }, { additionalProperties: false })
  const compile = ({ value }: StoredRecord): number => {
    if (value['n'] === -1) throw new Error('it is none')
    return value['n'] as number
  }
  return { lines, book: RuleBook.open({ store: shelf.store, collection: 'limits', schema, log, compile }) }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => vi.useRealTimers())
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

test('holds all rules in the order of their ids, however many pages they fill', async () => {
  const shelf = new Shelf()
  for (let i = 0; i < 2500; i++) shelf.write(String(i).padStart(4, '0'), { n: i })
  const book = await open(shelf).book
  expect(book.rules).toEqual(Array.from({ length: 2500 }, (_, n) => n))
  book.close()
})

test('follows changes, and stops when it is closed', async () => {
  const shelf = new Shelf()
  shelf.write('b', { n: 2 })
  const book = await open(shelf).book
  shelf.write('a', { n: 1 })
  shelf.write('b', { n: 3 })
  await settle()
  expect(book.rules).toEqual([1, 3])
  shelf.write('a', undefined)
  await settle()
  expect(book.rules).toEqual([3])
  book.close()
  expect(shelf.watchers.size).toBe(0)
})

test('reads everything again if any record may have changed', async () => {
  const shelf = new Shelf()
  const book = await open(shelf).book
  shelf.records.set('x', { id: 'x', value: { n: 7 }, revision: 1 })
  for (const watcher of shelf.watchers) watcher(undefined)
  await settle()
  expect(book.rules).toEqual([7])
  book.close()
})

test('leaves out what is no rule, and says so', async () => {
  const shelf = new Shelf()
  shelf.write('a', { n: 1 })
  shelf.write('b', { n: 'two' })
  shelf.write('c', { n: -1 })
  const { book, lines } = open(shelf)
  expect((await book).rules).toEqual([1])
  expect(lines.map(({ level, text }) => [level, text.slice(0, 8)])).toEqual([
    ['error', 'limits/b'],
    ['error', 'limits/c'],
  ])
  ;(await book).close()
})

test('keeps what it knows while the store is out of reach, and looks again', async () => {
  const shelf = new Shelf()
  shelf.write('a', { n: 1 })
  const { book: opening, lines } = open(shelf)
  const book = await opening
  shelf.fails = true
  shelf.write('a', { n: 2 })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(book.rules).toEqual([1])
  expect(lines.every(({ level }) => level === 'warn')).toBe(true)
  shelf.fails = false
  await vi.advanceTimersByTimeAsync(5_000)
  expect(book.rules).toEqual([2])
  book.close()
})

test('does not open if the rules cannot be read', async () => {
  const shelf = new Shelf()
  shelf.fails = true
  await expect(open(shelf).book).rejects.toThrow('no connection')
  expect(shelf.watchers.size).toBe(0)
})
