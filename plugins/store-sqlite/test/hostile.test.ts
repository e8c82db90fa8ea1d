import type { Row } from '@sluice/store-kit'
import { expect, test } from 'vitest'
import { Folder, open } from './support/database.ts'

/** What has broken databases: SQL, quotes, JSON paths, NUL, halves of characters. No two are the same. */
const NAMES = [
  "'; DROP TABLE records; --",
  '"',
  "'",
  "''",
  '`',
  '\\',
  '\\u0000',
  '\0',
  'a\0b',
  'a\0',
  'a',
  '',
  ' ',
  '?',
  ':id',
  '@id',
  '$.id',
  '$',
  '[0]',
  '[#-1]',
  'a.b',
  '*',
  '%',
  '_',
  'null',
  '1',
  '__proto__',
  'constructor',
  '\n',
  'ünï',
  'U\u0308',
  '😀',
  '\ud83d',
  '\ude00',
  '\ud800',
  '\uffff',
  'x'.repeat(5_000),
]

test('records are what was put, whatever collections, ids and values hold', async () => {
  using folder = new Folder()
  await using opened = await open(folder.file)
  const { store } = opened
  await Promise.all(
    NAMES.flatMap((collection, i) => NAMES.map((id, j) => store.put(collection, id, { [id]: collection, i, j }))),
  )
  for (const [i, collection] of NAMES.entries()) {
    const listed = await store.list(collection)
    expect(listed.map(({ id }) => id)).toEqual(NAMES.toSorted())
    for (const { id, value } of listed) expect(value).toEqual({ ...value, i, j: NAMES.indexOf(id) })
    for (const id of NAMES)
      expect(Object.getOwnPropertyDescriptor((await store.get(collection, id))!, id)?.value).toBe(collection)
  }
  for (const id of NAMES) expect(await store.delete('\0', id)).toBe(true)
  expect([await store.list('\0'), (await store.list('a\0')).length]).toEqual([[], NAMES.length])
})

test('rows are found by whatever their journals, ids, fields and values are', async () => {
  using folder = new Folder()
  await using opened = await open(folder.file)
  const { journal } = opened
  const dataOf = (n: number): Row['data'] =>
    Object.fromEntries([
      ...NAMES.map((field, i) => [field, NAMES[(i + n) % NAMES.length]!] as const),
      ['list', [NAMES[n]!, NAMES[(n + 1) % NAMES.length]!]],
      ['n', n],
    ])
  const rows = NAMES.map((id, n): Row => ({ id, time: n, data: dataOf(n) }))
  for (const name of NAMES) expect(await journal.append(name, rows)).toEqual(NAMES)
  expect(await journal.append('\0', rows)).toEqual([])
  for (const [n, name] of NAMES.entries()) {
    expect(await journal.find(name, name)).toEqual(rows[n])
    const found = await journal.read('', { where: { [name]: NAMES[0]! } })
    expect(found).toEqual(rows.filter(({ data }) => Object.getOwnPropertyDescriptor(data, name)?.value === NAMES[0]))
    expect(found).toHaveLength(1)
    const listed = await journal.read('a', { where: { list: name, n: [n, 'x'] } })
    expect(listed.map(({ id }) => id)).toEqual([name])
    const sums = await journal.sum('a\0', {}, { by: [name], fields: ['n', name] })
    expect(sums.map(({ group }) => String(Object.values(group)[0])).toSorted()).toEqual(NAMES.toSorted())
    expect(sums.reduce((sum, line) => sum + line.sums['n']!, 0)).toBe((NAMES.length * (NAMES.length - 1)) / 2)
  }
  expect(await journal.prune("'", 2)).toBe(2)
  expect((await journal.read('"', {})).length).toBe(NAMES.length)
})

test('cached bytes are found by whatever their keys are', async () => {
  using folder = new Folder()
  await using opened = await open(folder.file)
  const { cache } = opened
  await Promise.all(NAMES.map((key) => cache.set(key, Buffer.from(`\0${key}`), 1_000)))
  for (const key of NAMES) expect(await cache.get(key)).toEqual(Buffer.from(`\0${key}`))
  for (const key of NAMES.slice(1)) await cache.delete(key)
  expect(await cache.get(NAMES[0]!)).toEqual(Buffer.from(`\0${NAMES[0]!}`))
  expect(await cache.get('\0')).toBeUndefined()
})
