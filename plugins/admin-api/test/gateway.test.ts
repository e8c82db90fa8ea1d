import { definePlugin, env, Type } from '@sluice/core'
import type { JsonObject, Principal } from '@sluice/core'
import { createTestGateway, testPlugin } from '@sluice/core/testing'
import type { TestGateway } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminApi } from '../src/index.ts'

testPlugin({ test, plugin: adminApi() })

/** The credential names the caller; `ada` may do everything, `bob` one thing, `carl` nothing. */
const PRINCIPALS: { [credential: string]: Principal } = {
  ada: { id: 'ada', permissions: ['*'], roles: ['admin'], metadata: { inside: 'not shown' } },
  bob: { id: 'bob', team: 'team_red', key: 'key_1', permissions: ['models:read'] },
  carl: { id: 'carl', scopes: [{ kind: 'key', id: 'key_2', sections: { limits: { requests: '1/s' } } }] },
}
const who = definePlugin({
  name: 'test-who',
  version: '1.0.0',
  api: 1,
  options: Type.Object({ apiKey: Type.Optional(Type.String()) }, { additionalProperties: false }),
  setup({ hooks }) {
    hooks.authenticate.tap('who', ({ headers }) => PRINCIPALS[headers.authorization?.split(' ')[1] ?? ''])
  },
})

let gateway: TestGateway
beforeAll(async () => {
  const models = { fast: 'echo/echo', smart: { targets: ['echo/echo'], about: { contextWindow: 1000 } } }
  const plugins = [openaiDialect(), echo(), who({ apiKey: env('SECRET') }), adminApi()]
  gateway = await createTestGateway({ models, plugins }, { environment: { SECRET: 'not-to-be-shown' } })
})
afterAll(() => gateway.close())

async function get(path: string, credential = 'ada'): Promise<{ status: number; body: JsonObject; text: string }> {
  const reply = await gateway.request(path, { headers: { authorization: `Bearer ${credential}` } })
  return { status: reply.status, text: reply.text, body: reply.json() }
}

describe('models', () => {
  test('are listed with their targets, by name', async () => {
    const { body } = await get('/admin/v1/models')
    expect(body).toEqual({
      data: [
        { id: 'echo/echo', targets: ['echo/echo'], providers: ['echo'] },
        { id: 'fast', targets: ['echo/echo'], providers: ['echo'], about: {} },
        { id: 'smart', targets: ['echo/echo'], providers: ['echo'], about: { contextWindow: 1000 } },
      ],
      next: null,
    })
  })

  test('are listed in pages', async () => {
    const first = await get('/admin/v1/models?limit=2')
    const second = await get(`/admin/v1/models?limit=2&cursor=${first.body['next'] as string}`)
    const ids = [first, second].flatMap(({ body }) => (body['data'] as { id: string }[]).map(({ id }) => id))
    expect([ids, second.body['next']]).toEqual([['echo/echo', 'fast', 'smart'], null])
  })

  test.each([
    ['search=a', ['fast', 'smart']],
    ['provider=echo&search=fas', ['fast']],
    ['provider=other', []],
  ])('are found by %s', async (query, expected) => {
    const { body } = await get(`/admin/v1/models?${query}`)
    expect((body['data'] as { id: string }[]).map(({ id }) => id)).toEqual(expected)
  })
})

test('providers are listed', async () => {
  const { body } = await get('/admin/v1/providers')
  expect(body).toEqual({ data: [{ id: 'echo', kind: 'local', models: 1, vendor: 'sluice' }], next: null })
})

test('the config is shown without its secrets', async () => {
  const { body, text } = await get('/admin/v1/config')
  expect(body).toMatchObject({ revision: 1, dialects: expect.arrayContaining(['openai-chat']) })
  expect((body['plugins'] as { id: string; options: unknown }[]).find(({ id }) => id === 'test-who')).toMatchObject({
    options: { apiKey: 'env:SECRET' },
  })
  expect(text).not.toContain('not-to-be-shown')
})

describe('who one is', () => {
  test.each([
    ['ada', { id: 'ada', roles: ['admin'], permissions: ['*'], tags: [], scopes: [] }],
    [
      'bob',
      { id: 'bob', team: 'team_red', key: 'key_1', permissions: ['models:read'], roles: [], tags: [], scopes: [] },
    ],
    ['carl', { id: 'carl', permissions: [], roles: [], tags: [], scopes: PRINCIPALS['carl']!.scopes }],
  ])('is told to %s, whatever else that one may do', async (credential, expected) => {
    expect((await get('/admin/v1/me', credential)).body).toEqual(expected)
  })

  test('is told to nobody without a credential', async () => {
    expect((await gateway.request('/admin/v1/me')).status).toBe(401)
  })
})

test.each([
  ['/admin/v1/models', 200],
  ['/admin/v1/providers', 403],
  ['/admin/v1/config', 403],
  ['/admin/openapi.json', 403],
])('%s asks for a permission', async (path, status) => {
  expect((await get(path, 'bob')).status).toBe(status)
  expect((await get(path, 'carl')).status).toBe(403)
})

test('nobody is somebody where no plugin asks for credentials', async () => {
  await using open = await createTestGateway({ plugins: [adminApi()] })
  expect((await open.request('/admin/v1/me')).status).toBe(403)
})
