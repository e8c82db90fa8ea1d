import { expect, test } from 'vitest'
import { settingsOf } from '../src/settings.ts'
import { Folder, open } from './support/database.ts'

const KB = Buffer.alloc(1_000)

test('when there is no room, the entries that end soonest leave', async () => {
  using folder = new Folder()
  await using opened = await open(folder.file)
  opened.shared.configure({ ...settingsOf({}), cacheSize: 100_000 })
  const { cache } = opened
  for (let n = 0; n < 200; n++) await cache.set(`${n}`, KB, 60_000 + n)
  const there = await Promise.all(Array.from({ length: 200 }, (_, n) => cache.get(`${n}`)))
  const kept = there.flatMap((value, n) => (value ? [n] : []))
  expect(kept.length).toBeGreaterThan(70)
  expect(kept.length).toBeLessThan(100)
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 200 - kept.length + i))
})

test('replacing an entry takes no more room, and one that is too large replaces nothing', async () => {
  using folder = new Folder()
  await using opened = await open(folder.file)
  opened.shared.configure({ ...settingsOf({}), cacheSize: 10_000 })
  const { cache } = opened
  await cache.set('a', KB, 60_000)
  for (let n = 0; n < 50; n++) await cache.set('b', KB, 60_000)
  expect([await cache.get('a'), await cache.get('b')]).toEqual([KB, KB])
  await cache.set('b', Buffer.alloc(20_000), 60_000)
  expect([await cache.get('a'), await cache.get('b')]).toEqual([KB, undefined])
})

test('the bound holds over what an earlier gateway left', async () => {
  using folder = new Folder()
  {
    await using opened = await open(folder.file)
    for (let n = 0; n < 50; n++) await opened.cache.set(`${n}`, KB, 60_000 + n)
  }
  await using opened = await open(folder.file)
  opened.shared.configure({ ...settingsOf({}), cacheSize: 20_000 })
  await opened.cache.delete('0')
  await opened.cache.set('new', KB, 90_000)
  const there = await Promise.all(Array.from({ length: 50 }, (_, n) => opened.cache.get(`${n}`)))
  expect(there.filter((value) => value !== undefined).length).toBeLessThan(20)
  expect(await opened.cache.get('new')).toEqual(KB)
})
