import { adminOf, callersOf, testStoredRules } from '@sluice/limit-kit/testing'
import { memoryStore } from '@sluice/store-memory'
import { expect, test } from 'vitest'
import { stage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'

const open = (): Promise<Stage> =>
  stage({ callers: callersOf('limits'), plugins: [memoryStore()], capabilities: { Counters: 'test-counters' } })
const admin = adminOf('limits')

test('rules can be made, changed and deleted while the gateway runs', async () => {
  await using on = await open()
  const made = await admin(on, 'POST', '', { name: 'per-key', per: ['key'], requests: '1/min' })
  expect(made.status).toBe(201)
  const { id } = made.json()
  expect(id).toMatch(/^limit_/)
  await expect.poll(async () => (await on.ask('alice')).status).toBe(429)
  expect((await on.ask('alice')).json().error).toMatchObject({
    message: expect.stringContaining('"per-key" of 1 requests'),
  })

  expect((await admin(on, 'PATCH', `/${String(id)}`, { requests: '100/min' })).status).toBe(200)
  await expect.poll(async () => (await on.ask('alice')).status).toBe(200)
  expect((await admin(on, 'GET', `/${String(id)}`)).json()).toMatchObject({
    name: 'per-key',
    per: ['key'],
    requests: '100/min',
  })

  expect((await admin(on, 'DELETE', `/${String(id)}`)).status).toBe(204)
  await expect.poll(async () => (await on.ask('alice')).headers['x-ratelimit-limit-requests']).toBeUndefined()
})

testStoredRules({
  test,
  path: 'limits',
  open,
  rule: { name: 'a', requests: '1/s' },
  refused: [
    [{ name: 'a', requests: '10 a minute' }, 'requests'],
    [{ name: 'a', request: '10/min' }, 'request'],
    [{ name: 'a' }, 'counts nothing'],
    [{ name: 'a b', requests: '10/min' }, 'name'],
    [{ name: 'a', requests: '10/min', per: ['provider'], queue: { max: 1, timeout: '1s' } }, 'queue'],
    [{ name: 'a', requests: '10/min', shares: { high: 0.9, low: 0.9 } }, '1.8'],
  ],
})
