import { renameSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { settingsOf } from '../src/settings.ts'
import { Folder, open } from './support/database.ts'

const refused = { code: 'overloaded', retryAfter: 1 }
const row = (id: string, time = 1) => ({ id, time, data: { text: 'x'.repeat(1_000) } })

describe('when the file may not grow any more', () => {
  const SMALL = { ...settingsOf({}), fileSize: 400_000 }

  test('writes are refused and told of once; what is there stays, and what is freed is used again', async () => {
    using folder = new Folder()
    await using opened = await open(folder.file)
    opened.shared.configure(SMALL)
    const { journal, store } = opened
    let count = 0
    const fill = async (): Promise<void> => {
      for (;;)
        await journal.append(
          'ledger',
          Array.from({ length: 50 }, () => row(`${count++}`)),
        )
    }
    await expect(fill()).rejects.toMatchObject(refused)
    await expect(fill()).rejects.toMatchObject(refused)
    await expect(store.put('a', '1', { text: 'x'.repeat(100_000) })).rejects.toMatchObject(refused)
    expect(opened.events).toMatchObject([{ type: 'trouble', text: expect.stringContaining('full') }])

    const kept = await journal.sum('ledger', {}, { fields: [] })
    expect(kept).toMatchObject([{ count: count - 100 }])
    expect(await journal.find('ledger', '0')).toEqual(row('0'))
    expect(await journal.prune('ledger', 2)).toBe(count - 100)
    expect(await store.put('a', '1', { text: 'x'.repeat(100_000) })).toBe(1)
    expect(opened.events.at(-1)).toEqual({ type: 'recovered' })
  })

  test('the cache gives way to what must be kept', async () => {
    using folder = new Folder()
    await using opened = await open(folder.file)
    opened.shared.configure(SMALL)
    const { cache, journal } = opened
    for (let n = 0; n < 100; n++) await cache.set(`${n}`, Buffer.alloc(10_000), 60_000)
    const rows = Array.from({ length: 150 }, (_, n) => row(`${n}`))
    const [added] = await Promise.all([journal.append('ledger', rows), cache.set('last', Buffer.alloc(10_000), 60_000)])
    expect(added).toHaveLength(150)
    expect(await cache.get('0')).toBeUndefined()
  })
})

describe('when the file is not there any more', () => {
  test.each<[what: string, change: (file: string) => void]>([
    ['deleted', (file) => rmSync(file)],
    ['moved away', (file) => renameSync(file, `${file}.old`)],
    ['replaced', (file) => (rmSync(file), new Database(file).exec('CREATE TABLE x (y)').close())],
  ])('%s: writes are refused from then on, reads see what was there', async (_, change) => {
    using folder = new Folder()
    const opened = await open(folder.file)
    await opened.store.put('a', '1', {})
    change(folder.file)
    await expect(opened.store.put('a', '2', {})).rejects.toMatchObject(refused)
    await expect(opened.journal.append('ledger', [row('1')])).rejects.toMatchObject(refused)
    expect(opened.events).toMatchObject([{ type: 'trouble' }])
    expect(await opened.store.get('a', '1')).toEqual({})
    expect(opened.counters.read([])).toEqual([])
    await opened.close()
  })
})

test('a write waits while another program has the file locked', async () => {
  using folder = new Folder()
  await using opened = await open(folder.file)
  const other = new Database(folder.file)
  other.exec('BEGIN IMMEDIATE')
  let isWritten = false
  const put = opened.store.put('a', '1', {}).then(() => (isWritten = true))
  await opened.store.list('a')
  expect(isWritten).toBe(false)
  other.exec('COMMIT')
  other.close()
  await put
  expect(await opened.store.get('a', '1')).toEqual({})
})

test('what there is no room for is refused, at once; a cache entry is dropped', async () => {
  using folder = new Folder()
  await using opened = await open(folder.file)
  opened.shared.configure({ ...settingsOf({}), queueSize: 10_000 })
  const writes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) => opened.journal.append('a', [row(`${n}`)])),
  )
  const kept = writes.filter(({ status }) => status === 'fulfilled')
  for (const write of writes) if (write.status === 'rejected') expect(write.reason).toMatchObject(refused)
  expect(kept.length).toBeGreaterThan(0)
  expect(kept.length).toBeLessThan(10)
  expect(await opened.journal.sum('a', {}, { fields: [] })).toMatchObject([{ count: kept.length }])
  const value = { text: 'x'.repeat(20_000) }
  await expect(opened.store.put('a', '1', value)).rejects.toMatchObject({ code: 'request_too_large' })
  await opened.cache.set('a', Buffer.alloc(20_000), 1_000)
  expect(await opened.cache.get('a')).toBeUndefined()
})

test('a row that cannot be stored costs no other one', async () => {
  using folder = new Folder()
  await using opened = await open(folder.file)
  const { journal } = opened
  const [bad, good] = await Promise.allSettled([journal.append('a', [row('1', NaN)]), journal.append('a', [row('2')])])
  expect([bad.status, good.status]).toEqual(['rejected', 'fulfilled'])
})

test('when it is closed, what was under way is kept, and nothing more is taken', async () => {
  using folder = new Folder()
  const opened = await open(folder.file)
  const puts = Array.from({ length: 3_000 }, (_, n) => opened.store.put('a', `${n}`, {}))
  await opened.close()
  await expect(opened.store.put('a', 'late', {})).rejects.toMatchObject({ code: 'shutting_down' })
  await expect(opened.store.get('a', '1')).rejects.toMatchObject(refused)
  expect(await Promise.all(puts)).toHaveLength(3_000)
  await using again = await open(folder.file)
  expect(await again.store.get('a', '2999')).toEqual({})
})
