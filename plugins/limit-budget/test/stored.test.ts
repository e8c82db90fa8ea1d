import type { JsonObject, Principal } from '@sluice/core'
import { memoryStore } from '@sluice/store-memory'
import { expect, test } from 'vitest'
import { answer, stage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'

const callers: { [token: string]: Principal } = {
  root: { id: 'root', permissions: ['*'] },
  alice: { id: 'alice', key: 'key_a', team: 'red', permissions: [] },
}
const open = (): Promise<Stage> =>
  stage({ callers, plugins: [memoryStore()], capabilities: { Counters: 'test-counters' } })
const admin = (on: Stage, method: string, path = '', body?: JsonObject, caller = 'root') =>
  on.gateway.request(`/admin/v1/budgets${path}`, { method, headers: { authorization: caller }, ...(body && { body }) })

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

test.each<[JsonObject, string]>([
  [{ name: 'a', amount: -1, period: 'day' }, 'amount'],
  [{ name: 'a', amount: 1, period: 'daily' }, 'period'],
  [{ name: 'a', amount: 1, period: 'day', timeZone: 'Europe/Berlim' }, 'Europe/Berlin'],
  [{ name: 'a', amount: 1, period: 'day', increase: { amount: 1, until: '2026-19-39T00:00:00Z' } }, 'no such day'],
  [{ name: 'a', amount: 1, period: 'day', webhook: 'http://x' }, 'webhook'],
])('%j is refused', async (rule, text) => {
  await using on = await open()
  const refused = await admin(on, 'POST', '', rule)
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining(text)])
})

test('nobody reads or writes them without the permission', async () => {
  await using on = await open()
  expect((await admin(on, 'GET', '', undefined, 'alice')).status).toBe(403)
  expect((await admin(on, 'POST', '', { name: 'a', amount: 1, period: 'day' }, 'alice')).status).toBe(403)
})
