import { adminResource, adminRoute, Audit } from '@sluice/admin-kit'
import type { AuditEvent } from '@sluice/admin-kit'
import { definePlugin, GatewayError, Type } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import type { TestGateway, TestReply } from '@sluice/core/testing'
import { Store } from '@sluice/store-kit'
import { memoryStore } from '@sluice/store-memory'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { auditLog } from '../src/index.ts'
import { TestJournal, testJournal } from './test-journal.ts'

/** Teams to manage; the credential is the name of the operator, `eve` may do nothing. */
const teams = definePlugin({
  name: 'test-teams',
  version: '1.0.0',
  api: 1,
  requires: [Store],
  uses: [Audit],
  setup({ router, get, find, hooks }) {
    hooks.authenticate.tap('who', ({ headers }) => {
      const [, id] = headers.authorization?.split(' ') ?? []
      return id === undefined ? undefined : { id, permissions: id === 'eve' ? [] : ['*'] }
    })
    const admin = { router, store: get(Store), audit: find(Audit) }
    adminResource(admin, {
      name: 'teams',
      title: 'team',
      idPrefix: 'team_',
      schema: Type.Object({ name: Type.String() }, { additionalProperties: false }),
      beforeWrite(input) {
        if (input.name === 'theirs') throw new GatewayError('permission_denied', 'It is not yours.')
        return input
      },
    })
    const flood = { method: 'post', path: '/flood', permission: 'teams:write', summary: 'Many events.' } as const
    adminRoute(admin, { ...flood, response: Type.Object({}) }, async () => {
      const events = Array.from({ length: 30 }, (_, n): AuditEvent => {
        return { action: n % 2 ? 'odd' : 'even', actor: `a${n % 3}`, outcome: 'done', details: { n } }
      })
      await Promise.all(events.map((each) => find(Audit)!.record(each)))
      return {}
    })
  },
})

let gateway: TestGateway
afterEach(() => gateway.close())

async function boot(options: Parameters<typeof auditLog>[0] = {}, journal = new TestJournal()): Promise<TestJournal> {
  const plugins = [memoryStore(), testJournal(journal), teams(), auditLog(options)]
  gateway = await createTestGateway({ plugins, capabilities: { Journal: 'test-journal' } })
  return journal
}

function call(path: string, body?: JsonObject, who = 'ada'): Promise<TestReply> {
  return gateway.request(path, { headers: who ? { authorization: `Bearer ${who}` } : {}, ...(body && { body }) })
}

type Listed = { id: string; action: string; actor: string; details?: { n?: number } }
async function list(query = ''): Promise<{ data: Listed[]; next: string | null }> {
  const reply = await call(`/admin/v1/audit${query}`)
  expect(reply.status).toBe(200)
  return reply.json() as never
}

test('what operators do is listed, the newest first, and verifies', async () => {
  await boot()
  const made = await call('/admin/v1/teams', { name: 'red' })
  await call('/admin/v1/teams', { nam: 'blue' })
  const { data, next } = await list('?action=teams.create')
  expect(next).toBeNull()
  expect(data).toMatchObject([
    { action: 'teams.create', actor: 'ada', outcome: 'refused', details: { code: 'invalid_request' } },
    { action: 'teams.create', actor: 'ada', outcome: 'done', subject: `team:${made.json()['id'] as string}` },
  ])
  expect(data[1]).toMatchObject({ time: expect.stringMatching(/^\d{4}-.*Z$/), ip: expect.any(String) })
  const verdict = await call('/admin/v1/audit/verify')
  expect(verdict.json()).toMatchObject({ ok: true, count: expect.any(Number) })
})

test('a tampered journal is told as such', async () => {
  const journal = await boot()
  await call('/admin/v1/teams', { name: 'red' })
  await call('/admin/v1/teams', { name: 'blue' })
  journal.rows[0]!.data['actor'] = ['mallory']
  const verdict = await call('/admin/v1/audit/verify')
  expect(verdict.json()).toMatchObject({ ok: false, count: 0, broken: { sequence: 1 } })
})

describe('a list', () => {
  test('is given in pages, each entry once, also of rows that hold many', async () => {
    await boot()
    await call('/admin/v1/flood', {})
    const seen: Listed[] = []
    let cursor = ''
    do {
      const { data, next } = await list(`?limit=7&action=odd,even${cursor}`)
      seen.push(...data)
      cursor = next === null ? '' : `&cursor=${next}`
    } while (cursor !== '')
    expect(seen.map(({ details }) => details!.n)).toEqual(Array.from({ length: 30 }, (_, n) => 29 - n))
    expect(new Set(seen.map(({ id }) => id)).size).toBe(30)
  })

  test.each([
    ['action=odd', 15],
    ['action=odd&actor=a1', 5],
    ['actor=a1,a2&action=odd,even', 20],
    ['action=odd&outcome=refused', 0],
    ['action=odd&from=2020-01-01T00:00:00Z', 15],
    ['action=odd&to=2020-01-01', 0],
    ['action=odd&from=1577836800000&to=9999999999999', 15],
    ['subject=key:1', 0],
  ])('can be had with %s', async (query, count) => {
    await boot()
    await call('/admin/v1/flood', {})
    expect((await list(`?limit=200&${query}`)).data).toHaveLength(count)
  })

  test.each(['from=yesterday', 'outcome=well', 'cursor=MQ', 'who=ada'])('is refused with %s', async (query) => {
    await boot()
    const reply = await call(`/admin/v1/audit?${query}`)
    expect(reply.status).toBe(400)
    expect(reply.json()['error']).toMatchObject({ code: 'invalid_request' })
  })

  test('and the verification are for those who have audit:read', async () => {
    await boot()
    expect((await call('/admin/v1/audit', undefined, 'eve')).status).toBe(403)
    expect((await call('/admin/v1/audit/verify', undefined, 'eve')).status).toBe(403)
    expect((await call('/admin/v1/audit/verify?sequence=1')).status).toBe(400)
  })
})

describe('access', () => {
  test('that is refused is noted: who, what and why', async () => {
    await boot()
    await call('/admin/v1/teams', undefined, '')
    await call('/admin/v1/teams', { name: 'red' }, 'eve')
    expect((await list('?action=auth.refused')).data).toMatchObject([
      { actor: 'eve', subject: 'POST /admin/v1/teams', outcome: 'refused', details: { code: 'permission_denied' } },
      { actor: 'anonymous', subject: 'GET /admin/v1/teams', details: { code: 'invalid_api_key' } },
    ])
  })

  test('that an audited action refuses is noted as that action, and once', async () => {
    await boot()
    expect((await call('/admin/v1/teams', { name: 'theirs' })).status).toBe(403)
    expect((await list('?outcome=refused')).data).toMatchObject([
      { action: 'teams.create', actor: 'ada', details: { code: 'permission_denied' } },
    ])
  })

  test('that is refused too often is counted', async () => {
    await boot({ refusals: 3 })
    for (let n = 0; n < 20; n++) await call('/admin/v1/teams', undefined, '')
    await vi.waitFor(
      async () => {
        const { data } = await list('?action=auth.refused')
        const single = data.filter(({ details }) => !('count' in details!))
        const counted = data.map(({ details }) => (details as { count?: number }).count ?? 0).reduce((a, b) => a + b)
        expect(single.length + counted).toBe(20)
        expect(single.length % 3).toBe(0)
      },
      { timeout: 5000, interval: 100 },
    )
  })

  test('of an operator is noted once an hour', async () => {
    await boot()
    for (const who of ['ada', 'ada', 'bob', 'eve']) await call('/admin/v1/teams', undefined, who)
    const signIns = (await list('?action=auth.sign-in')).data.map(({ actor }) => actor)
    expect(signIns).toEqual(['bob', 'ada'])
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_700_000)
    await call('/admin/v1/teams')
    clock.mockRestore()
    expect((await list('?action=auth.sign-in&actor=ada')).data).toHaveLength(2)
  })
})

describe('without a journal', () => {
  test('changes are allowed, and noted when it is back', async () => {
    const journal = await boot()
    journal.state = 'away'
    expect((await call('/admin/v1/teams', { name: 'red' })).status).toBe(201)
    expect((await call('/admin/v1/teams')).status).toBe(200)
    journal.state = 'there'
    await vi.waitFor(async () => expect((await list('?action=teams.create')).data).toHaveLength(1), 5000)
  })

  test('changes are refused, if that is wanted, and reading is not', async () => {
    const journal = await boot({ whenUnavailable: 'refuse' })
    expect((await call('/admin/v1/teams', { name: 'red' })).status).toBe(201)
    journal.state = 'away'
    const reply = await call('/admin/v1/teams', { name: 'blue' })
    expect([reply.status, reply.json()['error'], reply.headers['retry-after']]).toMatchObject([
      503,
      { code: 'overloaded' },
      '30',
    ])
    expect((await call('/admin/v1/teams')).json()['data']).toHaveLength(1)
  })
})

test('what is waiting when the gateway closes is written', async () => {
  const journal = await boot({ refusals: 0 })
  await call('/admin/v1/teams', undefined, '')
  await gateway.close()
  expect(journal.rows.at(-1)!.data['action']).toEqual(['auth.refused'])
})

test('what is old is pruned', async () => {
  const journal = await boot({ retention: '200ms' })
  await call('/admin/v1/teams', { name: 'red' })
  await vi.waitFor(() => expect(Number(journal.rows[0]!.id)).toBeGreaterThan(1), 5000)
  expect((await call('/admin/v1/audit/verify')).json()).toMatchObject({ ok: true })
})
