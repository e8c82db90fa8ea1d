import { statSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { settingsOf } from '../src/settings.ts'
import { Writer } from '../src/writer.ts'
import type { Write } from '../src/writes.ts'
import { Folder } from './support/database.ts'

const settings = settingsOf({})

/** The file is made by whoever claims it. */
function newWriter(file: string): Writer {
  writeFileSync(file, '')
  return new Writer(file)
}

function put(id: string, expires: number | null): Write {
  return { name: 'put', args: [{ collection: 'a', id, text: '{}', expires, revision: undefined }] }
}

/** Names of what is in a table. */
function namesIn(file: string, query: string): unknown[] {
  const db = new Database(file, { readonly: true })
  const names = db.prepare(query).pluck().all().map(String)
  db.close()
  return names
}

test('what is over is deleted, some at a time; the rest stays', () => {
  using folder = new Folder()
  const writer = newWriter(folder.file)
  const meter = { kind: 'window' as const, used: 1, credit: 0, period: 1, at: 0 }
  const meters = [
    { ...meter, key: 'over', until: 100 },
    { ...meter, key: 'still', until: 101 },
    { ...meter, key: 'for ever', until: Infinity },
  ]
  const over = Array.from({ length: 1_500 }, (_, n) => put(`over-${n}`, 100))
  const entry = (key: string, expires: number): Write => ({ name: 'cacheSet', args: [key, Buffer.from(key), expires] })
  const writes = [...over, put('still', 101), put('for ever', null), entry('over', 100), entry('still', 101)]
  writer.write({ now: 0, settings, writes: [...writes, { name: 'saveCounters', args: [meters] }] })
  const sweep = (): unknown[] => writer.write({ now: 100, settings, writes: [{ name: 'sweep', args: [] }] })
  expect([sweep(), sweep(), sweep()]).toEqual([[1_001], [500], [0]])
  expect(namesIn(folder.file, 'SELECT id FROM records ORDER BY id')).toEqual(['for ever', 'still'])
  expect(namesIn(folder.file, 'SELECT key FROM cache')).toEqual(['still'])
  expect(namesIn(folder.file, 'SELECT key FROM counters ORDER BY key')).toEqual(['for ever', 'still'])
  writer.close()
})

test('a checkpoint empties the write-ahead log, and does not wait for who reads', () => {
  using folder = new Folder()
  const writer = newWriter(folder.file)
  const log = (): number => statSync(`${folder.file}-wal`).size
  writer.write({ now: 0, settings, writes: [put('1', null)] })
  const reader = new Database(folder.file, { readonly: true })
  reader.exec('BEGIN; SELECT * FROM records')
  writer.write({ now: 0, settings, writes: [put('2', null)] })
  const start = performance.now()
  writer.checkpoint()
  expect(performance.now() - start).toBeLessThan(2_000)
  expect(log()).toBeGreaterThan(0)
  reader.close()
  writer.checkpoint()
  expect(log()).toBe(0)
  writer.close()
})

test('a file that has gone is not made again', () => {
  using folder = new Folder()
  expect(() => new Writer(folder.file)).toThrow(/cannot be used/)
})

test('a batch that fails leaves nothing of itself', () => {
  using folder = new Folder()
  const writer = newWriter(folder.file)
  const bad: Write = { name: 'append', args: ['ledger', [{ id: '1', time: NaN, text: '{}' }]] }
  expect(() => writer.write({ now: 0, settings, writes: [put('1', null), bad] })).toThrow()
  expect(writer.write({ now: 0, settings, writes: [put('1', null)] })).toEqual([1])
  writer.close()
})
