/** Who may do what: every route and every endpoint, with every role. What is expected comes from what is declared. */
import { definePlugin } from '@sluice/core'
import type { GatewayInspection } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BUILT_IN } from '../../plugins/access-rbac/src/built-in.ts'
import { PLUGINS } from '../repo/packages.ts'
import { ADMIN_KEY, openHouse } from './support/house.ts'
import type { House, Mounted } from './support/house.ts'
import { concrete, knock, knockOn, MODEL, Visits } from './support/knock.ts'
import { mayCall, mayUse } from './support/rights.ts'
import type { Caller } from './support/rights.ts'

type Route = GatewayInspection['routes'][number]

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const RESOURCES =
  'keys teams organisations users roles budgets limits usage audit models providers config secrets routing'
const CUSTOM = {
  narrow: ['teams:read', 'audit:*', 'secrets:write@team', 'usage:read', 'operation:embeddings'],
  foreign: ['*:write', 'model:another-*'],
}

const visits = new Visits()
let house: House
const callers: Caller[] = []
beforeAll(async () => {
  house = await openHouse({ models: { [MODEL]: `openai/${MODEL}` }, plugins: [visits.plugin] })
  for (const [name, permissions] of Object.entries(CUSTOM)) {
    expect((await house.call('POST', '/admin/v1/roles', { name, permissions })).status).toBe(201)
  }
  callers.push({ name: 'anonymous', key: '', permissions: undefined })
  callers.push({ name: 'admin key of the config', key: ADMIN_KEY, permissions: ['*'] })
  const roles = {
    ...Object.fromEntries(Object.entries(BUILT_IN).map(([role, { permissions = [] }]) => [role, permissions])),
    ...CUSTOM,
  }
  for (const [role, permissions] of Object.entries(roles)) {
    const { key } = await house.make({ roles: [role], team: 'red' })
    callers.push({ name: role, key, permissions })
  }
  callers.push({ name: 'no role', key: (await house.make({ roles: [] })).key, permissions: [] })
  callers.push({ name: 'unknown role', key: (await house.make({ roles: ['nobody-knows'] })).key, permissions: [] })
})
afterAll(() => house[Symbol.asyncDispose]())

const credential = ({ key }: Caller): { [name: string]: string } =>
  key === '' ? {} : { authorization: `Bearer ${key}` }

/** What a status says about the caller's rights. @param most that is no sign of trouble in the gateway */
function verdict(status: number, most: number): 'unknown' | 'refused' | 'let in' | 'broken' {
  if (status === 401) return 'unknown'
  if (status === 403) return 'refused'
  return status > most || status === 500 ? 'broken' : 'let in'
}

describe('operators’ routes', () => {
  test('of all plugins are there', () => {
    const mounting = PLUGINS.filter(
      (each) => !each.isKit && /\brouter\b|\baddDialect\b/.test(each.read('src/index.ts')),
    )
    const running = new Set(house.gateway.gateway.inspect().plugins.map(({ name }) => name))
    expect(mounting.map(({ name }) => name).filter((name) => !running.has(name))).toEqual([])
    expect(house.routes.length).toBeGreaterThan(55)
  })

  test('demand permissions that somebody can hold', () => {
    const known = new Set(RESOURCES.split(' ').flatMap((name) => [`${name}:read`, `${name}:write`]))
    const odd = house.routes.filter(({ permission }) => permission !== 'authenticated' && !known.has(permission))
    expect(odd.map(({ method, path, permission }) => `${method} ${path} ${permission}`)).toEqual([])
  })

  test('let in whoever holds their permission, and nobody else', async () => {
    visits.all.clear()
    const wrong: string[] = []
    for (const caller of callers) {
      await Promise.all(
        house.routes.flatMap((route) =>
          (route.method === 'get' ? ['GET', 'HEAD'] : [route.method.toUpperCase()]).map(async (method) => {
            const headers = { 'content-type': 'application/json' }
            const body = method === 'GET' || method === 'HEAD' ? undefined : '{}'
            const status = await knock(
              house.gateway.url,
              { method, path: concrete(route.path), headers, body },
              credential(caller),
            )
            const expected = mayCall(caller, route)
            if (verdict(status, 499) !== expected)
              wrong.push(`${caller.name}: ${method} ${route.path} (${route.permission}): ${status}, not ${expected}`)
          }),
        ),
      )
    }
    expect(wrong).toEqual([])
    const declared = house.routes.map(({ method, path }: Route) => `gateway ${method.toUpperCase()} ${path}`)
    const reached = [...visits.all].filter((visit) => !visit.startsWith('gateway HEAD '))
    expect(reached.sort()).toEqual(declared.sort())
  })

  test('have no parameter that would be taken for a credential', () => {
    type Parameters = readonly { in: string; name: string }[] | undefined
    const names = house.routes.flatMap(({ about }) => (about?.['parameters'] as Parameters) ?? [])
    expect(names.filter(({ in: place }) => place === 'query').length).toBeGreaterThan(20)
    const places = { query: ['key'], header: ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'], path: [] }
    const taken = names.filter((each) =>
      places[each.in as keyof typeof places].includes(each.name.toLowerCase() as never),
    )
    expect(taken).toEqual([])
  })

  test('ignore how their path is spelt when they decide', async () => {
    const { key } = await house.make({ roles: ['client'] })
    for (const path of [
      '/ADMIN/V1/KEYS',
      '/admin/v1/keys/',
      '/Admin/v1/Keys/?limit=1',
      '/admin/v1/%6beys',
      '//admin/v1/keys',
    ]) {
      const [admin, client] = [await house.call('GET', path), await house.call('GET', path, undefined, key)]
      expect([path, [403, 404].includes(client.status)]).toEqual([path, true])
      expect([path, client.status === 404]).toEqual([path, admin.status === 404])
    }
    const operator = await house.make({ roles: ['operator'] })
    expect((await house.call('GET', '/ADMIN/v1/keys', undefined, operator.key)).status).toBe(200)
    const trail = `/admin/v1/audit?action=auth.sign-in&actor=${operator.id}`
    await expect.poll(async () => (await house.call('GET', trail)).json()['data']).toHaveLength(1)
  })

  test.each([undefined, {}, { permission: '' }, { permission: undefined }])(
    'cannot be mounted with the rules %j',
    async (rules) => {
      const careless = definePlugin({
        name: 'test-careless',
        version: '1.0.0',
        api: 1,
        setup: ({ router }) => router.get('/careless', rules as { permission: string }, () => undefined),
      })
      await expect(createTestGateway({ plugins: [careless()] })).rejects.toMatchObject({
        code: 'config_invalid',
        message: expect.stringContaining('/careless'),
      })
    },
  )
})

describe('endpoints', () => {
  test('ask for a credential, and let in whoever’s roles permit the operation', async () => {
    visits.all.clear()
    const wrong: string[] = []
    for (const caller of callers) {
      await Promise.all(
        house.endpoints.map(async (endpoint) => {
          const status = await knock(house.gateway.url, knockOn(endpoint), credential(caller))
          const expected = mayUse(caller, endpoint.operation)
          const { method, path, dialect, operation } = endpoint
          // What the upstream says is no answer to anything.
          if (verdict(status, 502) !== expected)
            wrong.push(`${caller.name}: ${dialect} ${method} ${path} (${operation}): ${status}, not ${expected}`)
        }),
      )
    }
    expect(wrong).toEqual([])
    const declared = new Set(house.endpoints.map(({ dialect, method, path }) => `${dialect} ${method} ${path}`))
    expect([...visits.all].sort()).toEqual([...declared].sort())
    expect(declared.size).toBeGreaterThan(100)
  })
})

test('a method that is not declared does nothing, whoever asks', async () => {
  const visit = ({ dialect, method, path }: Omit<Mounted, 'operation'>): string => `${dialect} ${method} ${path}`
  const operators = house.routes.map(({ method, path }) => ({ dialect: 'gateway', method: method.toUpperCase(), path }))
  const declared = [...operators, ...house.endpoints] as Mounted[]
  const paths = new Set(declared.map(({ path }) => concrete(path)))
  visits.all.clear()
  const statuses = new Set<number>()
  for (const caller of callers.slice(0, 2)) {
    await Promise.all(
      [...paths].flatMap((path) =>
        METHODS.map(async (method) => {
          const before = { method, path, headers: credential(caller), body: undefined }
          const status = await knock(house.gateway.url, before)
          if (caller.key === '') statuses.add(status)
        }),
      ),
    )
  }
  expect(statuses).toEqual(new Set([401, 405]))
  // Some paths are wide enough to hold others.
  const known = new Set(declared.flatMap((each) => [visit(each), visit({ ...each, method: 'HEAD' as 'GET' })]))
  expect([...visits.all].filter((each) => !known.has(each))).toEqual([])
})
