import type { Claim } from '@sluice/store-kit'
import { expect, test } from 'vitest'
import { settingsOf } from '../src/settings.ts'
import { budget, slots } from './support/claims.ts'
import { Folder, open } from './support/database.ts'

test('counters answer at once', async () => {
  using folder = new Folder()
  await using opened = await open(folder.file)
  expect(opened.counters.reserve('a', [budget(1)])).toMatchObject({ granted: true })
  expect(opened.counters.read([budget(0)])).toMatchObject([{ remaining: 9 }])
})

test('they go on where they were when the gateway was closed', async () => {
  using folder = new Folder()
  let time = 1_000_000
  const now = (): number => time
  const bucket = (key: string): Claim => ({ kind: 'bucket', key, amount: 6, limit: 10, period: 1_000 })
  const window = (key: string): Claim => ({ kind: 'window', key, amount: 6, limit: 10, until: 2_000_000 })
  const claims = ['a', 'nul\0', '\ud800', "'; DROP TABLE counters"].flatMap((key) => [bucket(key), window(key)])
  {
    await using opened = await open(folder.file, now)
    await opened.counters.reserve('a', [...claims, budget(4)])
    await opened.counters.settle('a', [...claims, budget(4)], [...claims.map(() => 5), 2])
  }
  time += 100
  {
    await using opened = await open(folder.file, now)
    const levels = await opened.counters.read(claims)
    expect(levels.map(({ remaining }) => remaining)).toEqual(claims.map(({ kind }) => (kind === 'bucket' ? 6 : 5)))
    expect(await opened.counters.read([budget(0)])).toEqual([{ remaining: 8, reset: Infinity }])
    await opened.counters.reset('budget')
  }
  time += 1_000_000
  await using opened = await open(folder.file, now)
  for (const level of await opened.counters.read([...claims, budget(0)])) expect(level.remaining).toBe(10)
})

test('what a process holds that is gone is given back; what others hold, and what was spent, is not', async () => {
  using folder = new Folder()
  await using opened = await open(folder.file)
  const [one, other] = opened.handles
  await one.counters.reserve('one', [budget(3), slots()])
  await one.counters.reserve('spent', [budget(1)])
  await one.counters.settle('spent', [budget(1)], [1])
  await other.counters.reserve('other', [budget(4), slots()])
  opened.lose(one)
  const [left, free] = await other.counters.read([budget(0), slots()])
  expect([left?.remaining, free?.remaining]).toEqual([5, 1])
})

test('what could not be saved is saved when it can be', async () => {
  using folder = new Folder()
  {
    await using opened = await open(folder.file)
    opened.shared.configure({ ...settingsOf({}), queueSize: 1, flushInterval: 1 })
    await opened.counters.reserve('a', [budget(4)])
    await opened.counters.settle('a', [budget(4)], [4])
    await new Promise((resolve) => setTimeout(resolve, 10))
    opened.shared.configure(settingsOf({}))
  }
  await using opened = await open(folder.file)
  expect(await opened.counters.read([budget(0)])).toMatchObject([{ remaining: 6 }])
})

test('more counters than one write takes are saved', async () => {
  using folder = new Folder()
  const claims = Array.from({ length: 2_500 }, (_, n): Claim => ({ ...budget(1), key: `key-${n}` }))
  {
    await using opened = await open(folder.file)
    await opened.counters.reserve('a', claims)
    await opened.counters.settle(
      'a',
      claims,
      claims.map(() => 1),
    )
  }
  await using opened = await open(folder.file)
  for (const level of await opened.counters.read(claims)) expect(level.remaining).toBe(9)
})
