import { definePlugin } from '@sluice/core'
import { Store } from '@sluice/store-kit'
import type { StoredRecord, Watcher } from '@sluice/store-kit'
import { expect, test } from 'vitest'
import { setUp } from './support/setting.ts'

/** A store that holds nothing and can fail, of which only what a mirror uses is there. */
class Fickle {
  readonly watchers = new Set<Watcher>()
  down = false

  async list(): Promise<StoredRecord[]> {
    if (this.down) throw new Error('the store is down')
    return []
  }

  watch(_: string, watcher: Watcher): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  tell(id: string | undefined): void {
    for (const watcher of this.watchers) watcher(id)
  }
}

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
