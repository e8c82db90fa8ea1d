import { adminOf, answer, callersOf, testStoredRules } from '@sluice/limit-kit/testing'
import { memoryStore } from '@sluice/store-memory'
import { expect, test } from 'vitest'
import { stage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'

const open = (): Promise<Stage> =>
  stage({ callers: callersOf('budgets'), plugins: [memoryStore()], capabilities: { Counters: 'test-counters' } })
const admin = adminOf('budgets')

test('budgets can be made, increased for a while and deleted while the gateway runs', async () => {
  await using on = await open()
  on.upstream.reply(answer(0, 90))
  const made = await admin(on, 'POST', '', {
    name: 'red',
    per: ['team'],
    match: { teams: ['red'] },
    amount: 0.001,
    period: 'month',
  })
  expect(made.status).toBe(201)
  const path = `/${String(made.json()['id'])}`
  await expect.poll(async () => (await on.ask('alice', { max_tokens: 90 })).status).toBe(402)

  const until = new Date(Date.now() + 3_600_000).toISOString()
  expect((await admin(on, 'PATCH', path, { increase: { amount: 1, until } })).status).toBe(200)
  await expect.poll(async () => (await on.ask('alice', { max_tokens: 90 })).status).toBe(200)

  expect((await admin(on, 'PATCH', path, { increase: null })).status).toBe(200)
  await expect.poll(async () => (await on.ask('alice', { max_tokens: 90 })).status).toBe(402)

  expect((await admin(on, 'DELETE', path)).status).toBe(204)
  await expect.poll(async () => (await on.ask('alice', { max_tokens: 90 })).status).toBe(200)
})

testStoredRules({
  test,
  path: 'budgets',
  open,
  rule: { name: 'a', amount: 1, period: 'day' },
  refused: [
    [{ name: 'a', amount: -1, period: 'day' }, 'amount'],
    [{ name: 'a', amount: 1, period: 'daily' }, 'period'],
    [{ name: 'a', amount: 1, period: 'day', timeZone: 'Europe/Berlim' }, 'Europe/Berlin'],
    [{ name: 'a', amount: 1, period: 'day', increase: { amount: 1, until: '2026-19-39T00:00:00Z' } }, 'no such day'],
    [{ name: 'a', amount: 1, period: 'day', webhook: 'http://x' }, 'webhook'],
  ],
})
