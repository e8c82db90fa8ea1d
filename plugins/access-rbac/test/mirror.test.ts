import { definePlugin } from '@sluice/core'
import type { JsonObject, Logger } from '@sluice/core'
import { Store } from '@sluice/store-kit'
import type { ListOptions, StoredRecord, Watcher } from '@sluice/store-kit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Mirror } from '../src/mirror.ts'
import { setUp } from './support/setting.ts'

/** A store that can fail, or be slow, of which only what a mirror uses is there. */
class Fickle {
  readonly records = new Map<string, JsonObject>()
  readonly watchers = new Set<Watcher>()
  down = false
  calls = 0

  async list(_: string, { after, limit = 100 }: ListOptions = {}): Promise<StoredRecord[]> {
    this.#answer()
    const ids = [...this.records.keys()].sort().filter((id) => after === undefined || id > after)
    return ids.slice(0, limit).map((id) => ({ id, value: this.records.get(id)!, revision: 1 }))
  }

  async get(_: string, id: string): Promise<JsonObject | undefined> {
    this.#answer()
    return this.records.get(id)
  }

  watch(_: string, watcher: Watcher): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  put(id: string, value: JsonObject): void {
    this.records.set(id, value)
    this.tell(id)
  }

  tell(id: string | undefined): void {
    for (const watcher of this.watchers) watcher(id)
  }

  #answer(): void {
    this.calls++
    if (this.down) throw new Error('the store is down')
  }
}

describe('a mirror', () => {
  const errors: string[] = []
  const log = { error: (_: object, text: string) => void errors.push(text) } as unknown as Logger
  let store: Fickle
  let seen: Map<string, JsonObject>
  let mirror: Mirror
  beforeEach(() => {
    vi.useFakeTimers()
    errors.length = 0
    store = new Fickle()
    seen = new Map()
    const set = (id: string, value: JsonObject | undefined) => void (value ? seen.set(id, value) : seen.delete(id))
    mirror = new Mirror(store as unknown as Store, 'teams', { set, settled: () => undefined }, log)
  })
  afterEach(() => {
    mirror.stop()
    vi.useRealTimers()
  })

  test('has everything, however many pages that is', async () => {
    for (let index = 0; index < 2500; index++) store.records.set(`id-${index}`, { index })
    await mirror.start()
    expect([seen.size, mirror.isLoaded]).toEqual([2500, true])
  })

  test('follows what is written and deleted', async () => {
    await mirror.start()
    store.put('a', { n: 1 })
    store.put('b', { n: 2 })
    await vi.waitFor(() => expect(seen.size).toBe(2))
    store.records.delete('a')
    store.tell('a')
    await vi.waitFor(() => expect([...seen.keys()]).toEqual(['b']))
  })

  test('looks at everything when it cannot be told what has changed', async () => {
    store.records.set('a', {}).set('b', {})
    await mirror.start()
    store.records.delete('a')
    store.records.set('c', {})
    store.tell(undefined)
    await vi.waitFor(() => expect([...seen.keys()].sort()).toEqual(['b', 'c']))
  })

  test('keeps what it knows while the store is down, says so once, and catches up', async () => {
    store.records.set('a', { n: 1 })
    await mirror.start()
    store.down = true
    store.put('a', { n: 2 })
    store.put('b', { n: 1 })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(seen).toEqual(new Map([['a', { n: 1 }]]))
    expect(errors).toHaveLength(1)
    expect(store.calls).toBeLessThan(12)
    store.down = false
    await vi.advanceTimersByTimeAsync(1_000)
    expect(seen).toEqual(
      new Map([
        ['a', { n: 2 }],
        ['b', { n: 1 }],
      ]),
    )
  })

  test('begins without the store, and has not seen it then', async () => {
    store.down = true
    store.records.set('a', {})
    await mirror.start()
    expect(mirror.isLoaded).toBe(false)
    store.down = false
    await vi.advanceTimersByTimeAsync(1_000)
    expect([mirror.isLoaded, seen.size]).toEqual([true, 1])
  })

  test('asks nothing more when it is stopped', async () => {
    await mirror.start()
    store.down = true
    store.put('a', {})
    mirror.stop()
    const { calls } = store
    await vi.advanceTimersByTimeAsync(10_000)
    expect([store.calls - calls, store.watchers.size]).toEqual([0, 0])
  })
})

test('while the store has not been seen, those are refused for whom it may hold something, and nobody else', async () => {
  const store = new Fickle()
  store.down = true
  const fickle = definePlugin({
    name: 'test-fickle',
    version: '1.0.0',
    api: 1,
    provides: [Store],
    setup: ({ provide }) => provide(Store, store as unknown as Store),
  })
  await using setting = await setUp({}, fickle())
  const of = { roles: ['client'], team: 'a' }
  expect(await setting.chat({ roles: ['client'] })).toBe(200)
  expect(await setting.chat(of)).toBe(503)
  store.down = false
  await expect.poll(() => setting.chat(of), { timeout: 3000 }).toBe(200)
  store.down = true
  store.tell(undefined)
  expect(await setting.chat(of)).toBe(200)
  expect(await setting.chat({ roles: ['client'], team: 'b' })).toBe(200)
})
