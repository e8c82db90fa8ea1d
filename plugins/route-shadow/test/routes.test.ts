import { stallBeforeHeaders } from '@sluice/core/testing'
import { expect, test } from 'vitest'
import { claudeSays, says, setUp } from './support/setting.ts'

test('copies are summed up by model and target', async () => {
  const models = { n: { targets: ['up/small'], shadow: { target: 'up/large' } } }
  await using setting = await setUp({ target: 'other/claude', timeout: '30ms' }, { models })
  setting.upstream.reply(says('same'))
  setting.other.reply(claudeSays('same'), claudeSays('else'), stallBeforeHeaders())
  for (let at = 1; at <= 3; at++) {
    await setting.ask()
    await setting.rows(at)
  }
  await setting.ask({ model: 'n' })
  await setting.rows(4)
  const latency = (count: number) => {
    const figures = {
      meanMs: expect.any(Number),
      p50Ms: expect.any(Number),
      p90Ms: expect.any(Number),
      p99Ms: expect.any(Number),
    }
    return { count, primary: figures, mirror: figures }
  }
  const unknown = { meanMs: null, p50Ms: null, p90Ms: null, p99Ms: null }
  const { data } = (await setting.admin('')).json() as { data: { [field: string]: unknown }[] }
  expect(data).toHaveLength(2)
  expect(data[0]).toEqual({
    model: 'm',
    target: 'other/claude',
    outcomes: { ok: 2, failed: 0, timeout: 1, skipped: 0 },
    latency: latency(2),
    ttft: { count: 0, primary: unknown, mirror: unknown },
    tokens: { count: 2, primary: { meanInput: 9, meanOutput: 2 }, mirror: { meanInput: 10, meanOutput: 3 } },
    cost: { count: 0, primary: null, mirror: null },
    similarity: { count: 2, mean: expect.any(Number) },
    judge: { count: 0, without: 0, primary: null, mirror: null },
  })
  expect((data[0]!['similarity'] as { mean: number }).mean).toBeGreaterThanOrEqual(0.5)
  expect(data[1]).toMatchObject({ model: 'n', target: 'up/large', similarity: { count: 1, mean: 1 } })
  const { data: one } = (await setting.admin('?model=n')).json()
  expect(one).toEqual([data[1]])
})

test('rows are listed in pages', async () => {
  await using setting = await setUp()
  for (let at = 1; at <= 3; at++) {
    await setting.ask()
    await setting.rows(at)
  }
  type Page = { data: { id: string }[]; next: string | null }
  const first = (await setting.admin('/rows?limit=2')).json() as Page
  const second = (await setting.admin(`/rows?limit=2&cursor=${first.next}`)).json() as Page
  expect([first.data.length, second.data.length, second.next]).toEqual([2, 1, null])
  expect(new Set([...first.data, ...second.data].map(({ id }) => id)).size).toBe(3)
})

test.each([
  ['', 'reader', 200],
  ['/rows', 'reader', 200],
  ['/recordings', 'reader', 200],
  ['', 'client', 403],
  ['/rows', 'client', 403],
  ['/recordings', 'client', 403],
  ['/recordings/x', 'reader', 403],
  ['/recordings/x', 'operator', 404],
  ['/rows?from=yesterday', 'reader', 400],
  ['/rows?cursor=eA', 'reader', 400],
])('GET /admin/v1/shadow%s by a %s answers %i', async (path, who, status) => {
  await using setting = await setUp()
  expect((await setting.admin(path, undefined, who)).status).toBe(status)
})
