import { definePlugin } from '@sluice/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ADMIN, CHAT, refusal, stage } from './support/stage.ts'
import { TestStore } from './support/test-store.ts'

afterEach(() => void vi.useRealTimers())

const body = { model: 'small', messages: [{ role: 'user', content: 'Hi' }] }

test('a key is taken from every place where clients put it', async () => {
  await using on = await stage()
  const { key } = await on.make()
  const replies = await Promise.all([
    on.gateway.request(CHAT, { body, headers: { authorization: `bearer ${key}` } }),
    on.gateway.request(CHAT, { body, headers: { 'x-api-key': key } }),
    on.gateway.request(CHAT, { body, headers: { 'api-key': key } }),
    on.gateway.request(CHAT, { body, headers: { 'x-goog-api-key': key } }),
    on.gateway.request(`${CHAT}?key=${key}`, { body }),
    on.gateway.request(`${CHAT}?key=${key}`, { body, headers: { 'x-api-key': key } }),
  ])
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
})

test('who uses a key is whom its record names, with its limits and budget, the same object each time', async () => {
  await using on = await stage()
  const { id, key } = await on.make({
    name: 'bot',
    tags: ['free'],
    user: 'ada',
    team: 'red',
    organisation: 'acme',
    limits: { requests: '10/min' },
    budget: { amount: 1, period: 'day' },
    metadata: { cost: { centre: 7 } },
  })
  await on.ask(key)
  await on.ask(key)
  const [first, second] = on.principals.slice(-2)
  expect(first).toEqual({
    id,
    key: id,
    name: 'bot',
    user: 'ada',
    team: 'red',
    organisation: 'acme',
    tags: ['free'],
    roles: ['client'],
    permissions: [],
    scopes: [
      { kind: 'key', id, sections: { limits: { requests: '10/min' }, budget: { amount: 1, period: 'day' } } },
      { kind: 'user', id: 'ada', sections: {} },
    ],
    metadata: { cost: { centre: 7 } },
  })
  expect(second).toBe(first)
  expect(() => Object.assign(first!.scopes![0]!.sections, { budget: {} })).toThrow(TypeError)
})

test('the admin key of the config may do everything and stands in no store', async () => {
  await using on = await stage()
  expect((await on.admin('GET', '/keys')).json()).toMatchObject({ data: [] })
  expect(on.principals.at(-1)).toMatchObject({ id: 'admin', key: 'admin', permissions: ['*'] })
  expect((await on.ask(ADMIN)).status).toBe(200)
})

test('an admin key may have the form of any other key', async () => {
  const adminKey = `sk-sluice-${'A'.repeat(48)}`
  await using on = await stage({ options: { adminKey } })
  expect((await on.admin('GET', '/keys', undefined, adminKey)).status).toBe(200)
  expect((await on.admin('GET', '/keys', undefined, `sk-sluice-${'A'.repeat(47)}B`)).status).toBe(401)
})

test('wrong, near, truncated, expired, disabled and deleted keys are told the same', async () => {
  await using on = await stage()
  const { key } = await on.make()
  const expired = await on.make({ expiresAt: '2020-01-01T00:00:00Z' })
  const disabled = await on.make({ disabled: true })
  const revoked = await on.make()
  const deleted = await on.make()
  for (const made of [revoked, deleted]) expect((await on.ask(made.key)).status).toBe(200)
  await on.admin('POST', `/keys/${revoked.id}/revoke`)
  await on.admin('DELETE', `/keys/${deleted.id}`)
  const other = key.endsWith('x') ? 'y' : 'x'
  const wrong = [
    `sk-sluice-${'0'.repeat(48)}`,
    key.slice(0, -1) + other,
    key.slice(0, 22) + other.repeat(36),
    key.slice(0, 10) + other.repeat(12) + key.slice(22),
    key.slice(0, -1),
    key + other,
    key.toUpperCase(),
    key.slice(10),
    `x${key}`,
    expired.key,
    disabled.key,
    revoked.key,
    deleted.key,
    ADMIN.slice(0, -1),
    `${ADMIN}x`,
    'nothing-like-a-key',
  ]
  const none = refusal(await on.gateway.request(CHAT, { body }))
  expect(none).toMatchObject({ status: 401, text: expect.stringContaining('invalid_api_key') })
  for (const text of wrong) expect([text, refusal(await on.ask(text))]).toEqual([text, none])
  expect((await on.ask(key)).status).toBe(200)
})

test('a key ends at its moment, also one that was just used', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-06-01T00:00:00Z') })
  await using on = await stage()
  const { key } = await on.make({ expiresAt: '2026-06-01T01:00:00+01:00' })
  const later = await on.make({ expiresAt: '2026-06-01T00:00:10Z' })
  expect((await on.ask(key)).status).toBe(401)
  vi.setSystemTime(Date.parse('2026-06-01T00:00:09.999Z'))
  expect((await on.ask(later.key)).status).toBe(200)
  vi.setSystemTime(Date.parse('2026-06-01T00:00:10Z'))
  expect((await on.ask(later.key)).status).toBe(401)
  await on.admin('PATCH', `/keys/${later.id}`, { expiresAt: null })
  expect((await on.ask(later.key)).status).toBe(200)
})

test('disabling and enabling count at once', async () => {
  await using on = await stage()
  const { id, key } = await on.make()
  expect((await on.ask(key)).status).toBe(200)
  await on.admin('PATCH', `/keys/${id}`, { disabled: true })
  expect((await on.ask(key)).status).toBe(401)
  await on.admin('PATCH', `/keys/${id}`, { disabled: false })
  expect((await on.ask(key)).status).toBe(200)
})

test.each([
  ['revoked', (store: TestStore, id: string) => store.put('keys', id, { ...store.peek('keys', id), disabled: true })],
  ['deleted', (store: TestStore, id: string) => store.delete('keys', id)],
])('a key that is %s while its request is on its way is refused', async (_, end) => {
  const store = new TestStore()
  let ending = ''
  const slow = definePlugin({
    name: 'test-slow',
    version: '1.0.0',
    api: 1,
    setup({ hooks }) {
      hooks.authorize.tap({ name: 'meanwhile', stage: 'first' }, async () => {
        if (ending !== '') await end(store, ending)
      })
    },
  })
  await using on = await stage({ store: store.plugin(), plugins: [slow()] })
  const { id, key } = await on.make()
  expect((await on.ask(key)).status).toBe(200)
  ending = id
  expect((await on.ask(key)).status).toBe(401)
})

describe('beside other plugins', () => {
  test('two instances know the same keys', async () => {
    const { apiKeys } = await import('../src/index.ts')
    const second = apiKeys({ pepper: 'a pepper of sufficient length', firstKeys: false }, { id: 'second' })
    await using on = await stage({ plugins: [second] })
    const { key } = await on.make({ models: ['small'] })
    expect([(await on.ask(key)).status, (await on.ask(key, 'large')).status]).toEqual([200, 403])
  })
})

/** What a client may put where a key belongs. */
const ODD = [
  '',
  ' ',
  'sk-sluice-',
  'sk-sluice-…',
  `sk-sluice-${'0'.repeat(47)}`,
  `sk-sluice-${'0'.repeat(48)}`,
  `sk-sluice-${'0'.repeat(49)}`,
  `sk-sluice-${'/'.repeat(48)}`,
  `sk-sluice-${'é'.repeat(48)}`,
  `sk-sluice-__proto__${'0'.repeat(39)}`,
  `sk-sluice-${'0'.repeat(10_240)}`,
  'Bearer',
  'Bearer Bearer x',
  'Basic YTpi',
  '%',
  '%00',
  '%ff',
  '&key=a&key=b',
  '..%2f..',
  '__proto__',
  'constructor',
  'null',
  '{"$ne":null}',
  "' or 1=1 --",
]

test('nothing that a client sends in place of a key makes the gateway fail', async () => {
  await using on = await stage()
  const places = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key']
  const paths = [CHAT, '/v1/models', '/admin/v1/keys', '/admin/v1/keys/key_000000000000']
  for (const value of ODD) {
    const header = Buffer.from(value).toString('latin1')
    const requests = paths.flatMap((path) => [
      ...places.flatMap((name) => [
        on.gateway.request(path, { headers: { [name]: header } }),
        on.gateway.request(path, { headers: { [name]: `Bearer ${header}` } }),
      ]),
      on.gateway.request(`${path}?key=${encodeURIComponent(value)}`),
      on.gateway.request(`${path}?key=${encodeURIComponent(value)}`, { headers: { 'x-api-key': header } }),
    ])
    for (const reply of await Promise.all(requests)) {
      expect([value, reply.status < 500, reply.status >= 400]).toEqual([value, true, true])
    }
  }
  expect(on.gateway.log.find(({ level }) => level === 'error' || level === 'fatal')).toBeUndefined()
})
