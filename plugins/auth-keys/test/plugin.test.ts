import { testPlugin } from '@sluice/core/testing'
import { memoryStore } from '@sluice/store-memory'
import { expect, test } from 'vitest'
import { apiKeys } from '../src/index.ts'
import { ADMIN, PEPPER, stage } from './support/stage.ts'
import { TestStore } from './support/test-store.ts'

testPlugin({ test, plugin: apiKeys({ adminKey: ADMIN, pepper: PEPPER }), supporting: [memoryStore()] })

test.each([['too-short'], ['sixteen chars with blanks'], ['sixteen,or,more,with,commas'], ['ümläüte-are-not-ascii']])(
  'the admin key %j is refused at the start, and not repeated',
  async (adminKey) => {
    const error = await stage({ options: { adminKey } }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'plugin_options', message: expect.stringContaining('adminKey') })
    expect((error as Error).message).not.toContain(adminKey)
  },
)

test('an empty admin key is none', async () => {
  await using on = await stage({ options: { adminKey: '' } })
  expect((await on.admin('GET', '/keys', undefined, '')).status).toBe(401)
})

test('it stops to watch the store when it is closed, and when a new config takes its place', async () => {
  const store = new TestStore()
  const on = await stage({ store: store.plugin() })
  expect(store.watchers).toBe(1)
  await on.gateway.gateway.refresh()
  await expect.poll(() => store.watchers).toBe(1)
  await on.gateway.close()
  expect(store.watchers).toBe(0)
})

test('its hooks and routes are these', async () => {
  await using on = await stage()
  const { hooks, routes } = on.gateway.gateway.inspect()
  const taps = Object.entries(hooks).flatMap(([hook, list]) =>
    list.filter(({ plugin }) => plugin === 'auth-keys').map(({ name, stage }) => `${hook} ${name} ${stage}`),
  )
  expect(taps).toEqual([
    'authenticate keys normal',
    'authorize restrictions early',
    'beforeRoute providers last',
    'ready keys normal',
  ])
  expect(
    routes
      .filter(({ plugin }) => plugin === 'auth-keys')
      .map(({ method, path, permission }) => `${method} ${path} ${permission}`)
      .sort(),
  ).toEqual([
    'delete /admin/v1/keys/:id keys:write',
    'get /admin/v1/keys keys:read',
    'get /admin/v1/keys/:id keys:read',
    'patch /admin/v1/keys/:id keys:write',
    'post /admin/v1/keys keys:write',
    'post /admin/v1/keys/:id/revoke keys:write',
    'post /admin/v1/keys/:id/rotate keys:write',
    'put /admin/v1/keys/:id keys:write',
  ])
})
