import { mkdirSync, openSync, readFileSync, statSync, symlinkSync, writeFileSync, writeSync, closeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { Folder, open } from './support/database.ts'
import { Worker } from './support/process.ts'

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)
const refused = { code: 'config_invalid' }

test('only the user of the gateway can read what it makes', async () => {
  using folder = new Folder()
  const file = join(folder.path, 'deep/er/sluice.db')
  await using opened = await open(file)
  await opened.store.put('a', '1', {})
  const files = ['', '-wal', '-shm', '.lock'].map((suffix) => modeOf(file + suffix))
  expect([modeOf(dirname(file)), modeOf(dirname(dirname(file))), ...files]).toEqual([
    '700',
    '700',
    ...Array(4).fill('600'),
  ])
})

test('after closing, all is in the one file', async () => {
  using folder = new Folder()
  {
    await using opened = await open(folder.file)
    await opened.store.put('a', '1', { n: 1 })
  }
  const [copy, lock] = [join(folder.path, 'copy.db'), `${folder.file}.lock`]
  writeFileSync(copy, readFileSync(folder.file))
  expect(statSync(`${folder.file}-wal`, { throwIfNoEntry: false })).toBeUndefined()
  expect(statSync(lock).size).toBeLessThanOrEqual(4096)
  await using opened = await open(copy)
  expect(await opened.store.get('a', '1')).toEqual({ n: 1 })
})

describe('a file is refused', () => {
  test.each<[what: string, make: (folder: string) => string]>([
    ['whose folder is a file', (folder) => (writeFileSync(join(folder, 'x'), ''), join(folder, 'x/sluice.db'))],
    ['that is a folder', (folder) => (mkdirSync(join(folder, 'x')), join(folder, 'x'))],
    ['whose name no system takes', (folder) => join(folder, 'x\0y')],
    ['in a folder that nobody can write', () => '/proc/sluice/sluice.db'],
    [
      'that is no database',
      (folder) => (writeFileSync(join(folder, 'x'), 'not a database'.repeat(100)), join(folder, 'x')),
    ],
  ])('%s', async (_, make) => {
    using folder = new Folder()
    await expect(open(make(folder.path))).rejects.toMatchObject(refused)
  })

  test('that is a database of something else, which stays as it is', async () => {
    using folder = new Folder()
    const db = new Database(folder.file)
    db.exec('CREATE TABLE mine (x)')
    db.close()
    const before = readFileSync(folder.file)
    await expect(open(folder.file)).rejects.toMatchObject(refused)
    expect(readFileSync(folder.file)).toEqual(before)
  })

  test('that another process has, until that ends, however it ends', async () => {
    using folder = new Folder()
    const other = new Worker('writing.ts', folder.file, '0')
    await other.said(1)
    await expect(open(folder.file)).rejects.toMatchObject(refused)
    const said = other.lines.length
    await other.said(said + 1)
    await other.kill()
    await using opened = await open(folder.file)
    expect((await opened.store.list('records')).length).toBeGreaterThan(0)
  })

  test('that another gateway of this process has, by whatever name', async () => {
    using folder = new Folder()
    await using opened = await open(folder.file)
    const link = join(folder.path, 'link.db')
    symlinkSync(folder.file, link)
    await expect(open(folder.file)).rejects.toMatchObject(refused)
    await expect(open(link)).rejects.toMatchObject(refused)
    expect(await opened.store.put('a', '1', {})).toBe(1)
  })
})

test('one that is just being closed is waited for', async () => {
  using folder = new Folder()
  const first = await open(folder.file)
  await first.store.put('a', '1', {})
  const [second] = await Promise.all([open(folder.file), first.close()])
  expect(await second.store.get('a', '1')).toEqual({})
  await second.close()
})

test('a page that is damaged costs the calls that need it, and no more', async () => {
  using folder = new Folder()
  const ids = Array.from({ length: 200 }, (_, n) => `id-${n}`)
  {
    await using opened = await open(folder.file)
    await Promise.all(ids.map((id) => opened.store.put('a', id, { text: 'x'.repeat(500) })))
    await opened.journal.append('ledger', [{ id: '1', time: 1, data: { cost: 1 } }])
  }
  // One in the middle: the first ones are the roots of tables.
  const pages = readFileSync(folder.file)
  const record = pages.indexOf('x'.repeat(400), pages.length / 2)
  const at = record - (record % 4096)
  const descriptor = openSync(folder.file, 'r+')
  writeSync(descriptor, Buffer.alloc(4096, 0xff), 0, 4096, at)
  closeSync(descriptor)

  await using opened = await open(folder.file)
  const found = await Promise.allSettled(ids.map((id) => opened.store.get('a', id)))
  const lost = found.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
  expect(lost.length).toBeGreaterThan(0)
  expect(lost.length).toBeLessThan(ids.length)
  for (const reason of lost) expect(reason).toMatchObject({ code: 'overloaded' })
  expect(await opened.journal.sum('ledger', {}, { fields: ['cost'] })).toMatchObject([{ sums: { cost: 1 } }])
  expect(await opened.store.put('b', '1', {})).toBe(1)
})
