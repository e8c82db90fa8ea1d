/** What becomes of requests while Redis or PostgreSQL does not answer: stated, within a deadline, and over by itself. */
import { apiKeys } from '@sluice/auth-keys'
import { createTestGateway } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { budgets } from '@sluice/limit-budget'
import { rateLimit } from '@sluice/limit-rate'
import { compatible } from '@sluice/provider-compatible'
import { postgresStore } from '@sluice/store-postgres'
import { redisStore } from '@sluice/store-redis'
import { ledger } from '@sluice/usage-ledger'
import { prices } from '@sluice/usage-prices'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PostgresServer } from '../support/postgres-server.ts'
import { RedisServer } from '../support/redis-server.ts'
import { billingUpstream } from './support/billing-upstream.ts'
import { ADMIN_KEY } from './support/deployments.ts'

/** Milliseconds: what one call of a server may take, and a request with a few of them on a busy machine. */
const DEADLINE = 200
const SOON = 3_000

const hasServers = RedisServer.isInstalled() && PostgresServer.isInstalled()

describe.skipIf(!hasServers)('while a server is frozen', () => {
  let redis: RedisServer
  let postgres: PostgresServer
  let upstream: MockUpstream
  let gateway: TestGateway
  let key: string

  beforeAll(async () => {
    ;[redis, postgres, upstream] = await Promise.all([RedisServer.create(), PostgresServer.create(), billingUpstream()])
    await Promise.all([redis.start(), postgres.start()])
    const deadline = `${DEADLINE}ms`
    gateway = await createTestGateway({
      capabilities: { Counters: 'store-redis' },
      models: {
        rated: 'mock/m',
        paid: { targets: [{ target: 'mock/m', about: { inputPrice: 1, outputPrice: 1 } }] },
      },
      plugins: [
        openaiDialect(),
        compatible({ vendor: 'custom', baseUrl: upstream.url }, { id: 'mock' }),
        redisStore({ url: redis.url, deadline }),
        postgresStore({ url: postgres.url, deadline }),
        apiKeys({ adminKey: ADMIN_KEY, firstKeys: false }),
        rateLimit({ rules: [{ name: 'rate', match: { models: ['rated'] }, requests: '1000/s' }] }),
        budgets({ rules: [{ name: 'money', match: { models: ['paid'] }, amount: 1, period: 'total' }] }),
        prices(),
        ledger({ interval: '20ms' }),
      ],
    })
    const made = await admin('/admin/v1/keys', { name: 'one' })
    key = String(made.json()['key'])
    expect((await ask('rated')).status).toBe(200)
  }, 30_000)

  afterAll(async () => {
    redis?.thaw()
    postgres?.thaw()
    await gateway?.close()
    await Promise.all([redis?.stop(), postgres?.stop(), upstream?.close()])
  })

  const admin = (path: string, body?: object): Promise<TestReply> =>
    gateway.request(path, { headers: { authorization: `Bearer ${ADMIN_KEY}` }, ...(body && { body: { ...body } }) })
  /** Fails if the answer takes longer than it may. */
  const ask = async (model: string, credential = key): Promise<TestReply> => {
    const body = { model, user: 'whole', max_tokens: 40, messages: [{ role: 'user', content: 'Hi' }] }
    const startedAt = performance.now()
    const reply = await gateway.request('/v1/chat/completions', {
      headers: { authorization: `Bearer ${credential}` },
      body,
    })
    expect(performance.now() - startedAt).toBeLessThan(SOON)
    return reply
  }

  test(
    'Redis: rates are not held, budgets refuse, and both are as before when it is back',
    { timeout: 30_000 },
    async () => {
      redis.freeze()
      expect((await ask('rated')).status).toBe(200)
      const refused = await ask('paid')
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, expect.any(String)])
      for (let i = 0; i < 20; i++) expect((await ask('rated')).status).toBe(200)
      redis.thaw()
      await expect.poll(async () => (await ask('paid')).status, { timeout: 10_000 }).toBe(200)
    },
  )

  test(
    'PostgreSQL: known keys work, unknown ones are not called wrong, and no row is lost',
    { timeout: 30_000 },
    async () => {
      postgres.freeze()
      expect((await ask('rated')).status).toBe(200)
      const unknown = `sk-sluice-${'A'.repeat(key.length - 'sk-sluice-'.length)}`
      expect((await ask('rated', unknown)).status).toBe(503)
      expect((await ask('rated', 'nonsense')).status).toBe(401)
      const sent: string[] = []
      for (let i = 0; i < 20; i++) sent.push(String((await ask('rated')).headers['x-request-id']))
      postgres.thaw()
      await expect.poll(async () => (await ask('rated', unknown)).status, { timeout: 10_000 }).toBe(401)
      const rows = async (): Promise<string[]> => {
        const { data } = (await admin('/admin/v1/usage/rows?limit=200')).json() as { data?: { id: string }[] }
        return (data ?? []).map(({ id }) => id)
      }
      const missing = async (): Promise<number> => {
        const found = await rows()
        return sent.filter((id) => !found.includes(id)).length
      }
      await expect.poll(missing, { timeout: 10_000 }).toBe(0)
    },
  )

  test('Redis and PostgreSQL that were killed are used again when they are back', { timeout: 60_000 }, async () => {
    await Promise.all([redis.kill(), postgres.kill()])
    expect((await ask('rated')).status).toBe(200)
    expect((await ask('paid')).status).toBe(503)
    await Promise.all([redis.start(), postgres.start()])
    await expect.poll(async () => (await ask('paid')).status, { timeout: 20_000 }).toBe(200)
    await expect.poll(async () => (await admin('/admin/v1/keys')).status, { timeout: 20_000 }).toBe(200)
  })
})
