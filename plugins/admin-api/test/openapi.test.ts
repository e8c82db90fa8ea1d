import { rbac } from '@sluice/access-rbac'
import { apiKeys } from '@sluice/auth-keys'
import { checkValue, definePlugin } from '@sluice/core'
import type { GatewayInspection, JsonObject, TSchema } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import type { TestGateway } from '@sluice/core/testing'
import { budgets } from '@sluice/limit-budget'
import { rateLimit } from '@sluice/limit-rate'
import { auditLog } from '@sluice/log-audit'
import { sealedSecrets } from '@sluice/secrets-store'
import { memoryStore } from '@sluice/store-memory'
import { ledger } from '@sluice/usage-ledger'
import { prices } from '@sluice/usage-prices'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminApi } from '../src/index.ts'

type Operation = {
  operationId: string
  summary: string
  responses: { [status: string]: JsonObject }
  security: JsonObject[]
  parameters?: { in: string; name: string; required: boolean; schema: JsonObject }[]
  'x-sluice-permission': string
}
type Document = JsonObject & {
  paths: { [path: string]: { [method: string]: Operation } }
  components: { [kind: string]: { [name: string]: JsonObject } }
}

const ADMIN_KEY = `sk-sluice-${'admin'.repeat(8)}`

/** Routes with as little about them as there can be. */
const bare = definePlugin({
  name: 'test-bare',
  version: '1.0.0',
  api: 1,
  setup({ router }) {
    router.get('/metrics', { permission: 'metrics:read' }, () => undefined)
    router.get('/public/:page', { permission: 'public' }, () => undefined)
    router.delete('/files/{*path}', { permission: 'files:write' }, () => undefined)
  },
})

let gateway: TestGateway
let routes: GatewayInspection['routes']
let document: Document
let operations: [id: string, operation: Operation][]
beforeAll(async () => {
  const access = [apiKeys({ adminKey: ADMIN_KEY, pepper: 'p'.repeat(32) }), rbac(), rateLimit(), budgets()]
  const records = [memoryStore(), ledger(), prices(), auditLog(), sealedSecrets({ masterKey: 'm'.repeat(43) + '=' })]
  gateway = await createTestGateway({ plugins: [access, records, bare(), adminApi()] })
  const headers = { authorization: `Bearer ${ADMIN_KEY}` }
  const reply = await gateway.request('/admin/openapi.json', { headers })
  expect(reply.status).toBe(200)
  document = reply.json() as Document
  routes = gateway.gateway.inspect().routes
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  )
})
afterAll(() => gateway.close())

/** Those with which something is wrong. */
function faulty(isWrong: (operation: Operation, id: string) => boolean): string[] {
  return operations.filter(([id, operation]) => isWrong(operation, id)).map(([id]) => id)
}

test('it is OpenAPI 3.1', () => {
  expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Sluice', version: expect.any(String) } })
})

test('it has every route of every plugin, and no other', () => {
  const mounted = routes.map(({ method, path }) => {
    return `${method} ${path.replaceAll(/:(\w+)/g, '{$1}').replaceAll('{*path}', '{path}')}`
  })
  expect(operations.map(([id]) => id).toSorted(undefined)).toEqual([...new Set(mounted)].toSorted(undefined))
  expect(mounted.length).toBeGreaterThan(40)
})

test('every operation says what it is, what it answers, and what it needs', () => {
  expect(faulty(({ operationId, summary }) => !/^\S+$/.test(operationId) || summary.trim() === '')).toEqual([])
  const isTold = (response: JsonObject): boolean => 'description' in response || '$ref' in response
  expect(faulty(({ responses }) => !Object.values(responses).some(isTold))).toEqual([])
  expect(faulty(({ responses }) => !Object.values(responses).every(isTold))).toEqual([])
  const open = JSON.stringify([])
  const locked = JSON.stringify([{ bearer: [] }, { key: [] }])
  expect(faulty(({ security }, id) => JSON.stringify(security) !== (id.includes('/public/') ? open : locked))).toEqual(
    [],
  )
  const permissions = new Map(routes.map(({ about, permission }) => [about?.['operationId'], permission]))
  expect(
    faulty((operation) => {
      const wanted = permissions.get(operation.operationId)
      return wanted !== undefined && wanted !== operation['x-sluice-permission']
    }),
  ).toEqual([])
})

test('no two operations have one id', () => {
  const ids = operations.map(([, { operationId }]) => operationId)
  expect(ids.filter((id, n) => ids.indexOf(id) !== n)).toEqual([])
})

test('the parameters of a path are those that it names', () => {
  expect(
    faulty(({ parameters = [] }, id) => {
      const named = Array.from(id.matchAll(/\{(\w+)\}/g), ([, name]) => name)
      const told = parameters.filter((each) => each.in === 'path' && each.required).map(({ name }) => name)
      return told.join() !== named.join()
    }),
  ).toEqual([])
})

test('every reference leads to something', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path)
  expect(references.length).toBeGreaterThan(0)
  const find = (path: string): unknown =>
    path.split('/').reduce<unknown>((at, name) => (at as JsonObject | undefined)?.[name], document)
  expect(references.filter((path) => find(path) === undefined)).toEqual([])
})

test('every schema is one', () => {
  const schemas: JsonObject[] = []
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('schema' in value) schemas.push(value.schema as JsonObject)
    else Object.values(value).forEach(collect)
  }
  routes.forEach(({ about }) => collect(about))
  expect(schemas.length).toBeGreaterThan(40)
  for (const schema of schemas) {
    const holder = { type: 'object', properties: { value: schema } } as unknown as TSchema
    expect(() => checkValue(holder, {})).not.toThrow()
  }
})

test('what several operations have in common is there once', () => {
  const team = document.components['schemas']!['Team']!
  expect(team).toMatchObject({ type: 'object', properties: { id: {}, revision: {}, name: {} } })
  const shown = document.paths['/admin/v1/teams/{id}']!['get']!.responses['200']!
  expect(shown).toMatchObject({ content: { 'application/json': { schema: { $ref: '#/components/schemas/Team' } } } })
})

test('of what a plugin does not describe the path is told', () => {
  expect(document.paths['/metrics']!['get']).toEqual({
    operationId: 'metrics.get',
    summary: 'GET /metrics',
    tags: ['metrics'],
    responses: { default: { description: expect.any(String) } },
    security: [{ bearer: [] }, { key: [] }],
    'x-sluice-permission': 'metrics:read',
  })
  expect(document.paths['/files/{path}']!['delete']!.parameters).toMatchObject([{ in: 'path', name: 'path' }])
})
