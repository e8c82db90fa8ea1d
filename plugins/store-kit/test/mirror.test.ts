import type { JsonObject, Logger } from '@sluice/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Mirror } from '../src/index.ts'
import type { ListOptions, MirrorSettings, Store, StoredRecord, Watcher } from '../src/index.ts'

/** A store of one collection that can fail, or be slow, of which only what a mirror uses is there. */
class Fickle {
  readonly records = new Map<string, JsonObject>()
  readonly watchers = new Set<Watcher>()
  /** What it was asked, in that order. */
  readonly asked: string[] = []
  isDown = false
  /** Answers wait for it; what they say was so before. */
  gate: Promise<void> | undefined

  async list(_: string, { after = '', limit = 100 }: ListOptions = {}): Promise<StoredRecord[]> {
    const ids = [...this.records.keys()].sort().filter((id) => id > after)
    const page = ids.slice(0, limit).map((id) => this.#record(id)!)
    await this.#answer(`after ${after}`)
    return page
  }

  async find(_: string, id: string): Promise<StoredRecord | undefined> {
    const record = this.#record(id)
    await this.#answer(id)
    return record
  }

  watch(_: string, watcher: Watcher): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  write(id: string, value: JsonObject | undefined): void {
    if (value) this.records.set(id, value)
    else this.records.delete(id)
    this.tell(id)
  }

  tell(id: string | undefined): void {
    for (const watcher of this.watchers) watcher(id)
  }

  #record(id: string): StoredRecord | undefined {
    const value = this.records.get(id)
    return value && { id, value, revision: 1 }
  }

  async #answer(what: string): Promise<void> {
    this.asked.push(what)
    await this.gate
    if (this.isDown) throw new Error('the store is down')
  }
}

let store: Fickle
let seen: Map<string, JsonObject>
/** What was known whenever everything was set. */
let states: string[][]
let warnings: string[]
let mirror: Mirror | undefined

const settings = (): MirrorSettings => ({
  store: store as unknown as Store,
  collection: 'teams',
  log: { warn: (_: object, text: string) => void warnings.push(text) } as unknown as Logger,
  set: (id, record) => void (record ? seen.set(id, record.value) : seen.delete(id)),
  settled: () => void states.push([...seen.keys()].sort()),
})
const open = async (): Promise<Mirror> => (mirror = await Mirror.open(settings()))

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  store = new Fickle()
  seen = new Map()
  states = []
  warnings = []
})
afterEach(() => {
  mirror?.close()
  vi.useRealTimers()
})

describe('a mirror', () => {
  test('has everything when it is open, however many pages that is', async () => {
    for (let index = 0; index < 2500; index++) store.records.set(`id-${index}`, { index })
    await open()
    expect([seen.size, states.length]).toEqual([2500, 1])
  })

  test('does not open if the store cannot be read, and asks nothing more', async () => {
    store.isDown = true
    await expect(open()).rejects.toThrow('the store is down')
    await vi.advanceTimersByTimeAsync(10_000)
    expect([store.asked.length, store.watchers.size, warnings]).toEqual([1, 0, []])
  })

  test('begins without the store if it shall, says so, and catches up', async () => {
    store.isDown = true
    store.records.set('a', {})
    mirror = new Mirror(settings())
    await mirror.follow()
    expect([states, warnings.length]).toEqual([[], 1])
    store.isDown = false
    await vi.advanceTimersByTimeAsync(1_000)
    expect(states).toEqual([['a']])
  })

  test('follows what is written and deleted', async () => {
    await open()
    store.write('a', { n: 1 })
    store.write('b', { n: 2 })
    await settle()
    store.write('a', undefined)
    await settle()
    expect(states).toEqual([[], ['a', 'b'], ['b']])
  })

  test('looks at everything when it cannot be told what has changed', async () => {
    store.records.set('a', {}).set('b', {})
    await open()
    store.records.delete('a')
    store.records.set('c', {})
    store.tell(undefined)
    await settle()
    expect(states).toEqual([
      ['a', 'b'],
      ['b', 'c'],
    ])
  })

  test('reads once what changes often while it reads, and never takes an older state for a newer one', async () => {
    await open()
    const gate = Promise.withResolvers<void>()
    store.gate = gate.promise
    store.write('a', { n: 1 })
    await settle()
    for (let n = 2; n <= 50; n++) store.write('a', { n })
    store.gate = undefined
    await settle()
    expect(seen.size).toBe(0)
    gate.resolve()
    await settle()
    expect(seen).toEqual(new Map([['a', { n: 50 }]]))
    expect(store.asked).toEqual(['after ', 'a', 'a'])
  })

  test('has what was in the store when it was asked to look again, also during a reading', async () => {
    const opened = await open()
    const gate = Promise.withResolvers<void>()
    store.gate = gate.promise
    store.tell(undefined)
    await settle()
    store.records.set('a', { n: 1 })
    const looked = opened.refresh('a').then(() => expect(seen.get('a')).toEqual({ n: 1 }))
    gate.resolve()
    await looked
  })

  test('says so if it is asked to look while the store is down, and the log does not', async () => {
    const opened = await open()
    store.isDown = true
    await expect(opened.refresh('a')).rejects.toThrow('the store is down')
    store.isDown = false
    store.records.set('a', {}).set('b', {})
    await opened.refresh('a')
    expect([states.at(-1), warnings]).toEqual([['a', 'b'], []])
  })

  test('keeps what it knows while the store is down, says so once, and catches up', async () => {
    store.records.set('a', { n: 1 })
    await open()
    for (let outage = 1; outage <= 2; outage++) {
      const known = new Map(seen)
      store.isDown = true
      store.asked.length = 0
      store.write('a', { n: 2, outage })
      store.write('b', { n: 1, outage })
      await vi.advanceTimersByTimeAsync(5_000)
      expect(seen).toEqual(known)
      expect(warnings).toHaveLength(outage)
      expect(store.asked.length).toBeLessThan(12)
      store.isDown = false
      await vi.advanceTimersByTimeAsync(1_000)
      expect(seen).toEqual(store.records)
    }
  })

  test('asks nothing more when it is closed', async () => {
    const opened = await open()
    store.isDown = true
    store.write('a', {})
    await settle()
    store.write('b', {})
    opened.close()
    const asked = store.asked.length
    await vi.advanceTimersByTimeAsync(10_000)
    expect([store.asked.length - asked, store.watchers.size]).toEqual([0, 0])
  })
})
