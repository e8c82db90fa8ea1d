/** A plugin with a collection and some routes, and a gateway that has it. */
import { definePlugin, Type } from '@sluice/core'
import type { Exchange, Principal } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import type { TestGateway, TestReply, TestRequest } from '@sluice/core/testing'
import { Store } from '@sluice/store-kit'
import { memoryStore } from '@sluice/store-memory'
import { adminResource, AdminReply, adminRoute, Audit, ownTeamOnly } from '../src/index.ts'
import type { AuditEvent } from '../src/index.ts'

export const Project = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    tags: Type.Optional(Type.Array(Type.String())),
    limits: Type.Optional(
      Type.Object(
        { requests: Type.Optional(Type.String()), tokens: Type.Optional(Type.String()) },
        { additionalProperties: false },
      ),
    ),
    shared: Type.Optional(Type.Boolean({ default: true })),
  },
  { additionalProperties: false },
)

const Room = Type.Object(
  { name: Type.Optional(Type.String()), team: Type.Optional(Type.String()) },
  { additionalProperties: false },
)

const Filters = Type.Object({
  since: Type.Optional(Type.Integer()),
  deep: Type.Optional(Type.Boolean()),
  share: Type.Optional(Type.Number()),
  tags: Type.Optional(Type.Array(Type.String())),
  ids: Type.Optional(Type.Array(Type.Integer())),
  by: Type.String({ default: 'day' }),
})

/** What becomes of a call to `/projects/:id/run`, by its body's `mode`. */
export type Hold = { calls: number; store?: Store; gate: Promise<unknown>; events: AuditEvent[]; breakAudit: boolean }

const projects = (hold: Hold) =>
  definePlugin({
    name: 'test-projects',
    version: '1.0.0',
    api: 1,
    requires: [Store],
    uses: [Audit],
    setup({ router, get, find, hooks }) {
      const store = get(Store)
      hold.store = store
      hooks.authenticate.tap('who', (exchange) => principalOf(exchange))
      const admin = { router, store, audit: find(Audit) }
      const secrets = new WeakMap<Exchange, string>()
      adminResource(admin, {
        name: 'projects',
        title: 'project',
        idPrefix: 'project_',
        schema: Project,
        beforeWrite(input, { exchange, principal }, current) {
          if (!current) secrets.set(exchange, 'shown once')
          return { ...input, madeBy: current?.value['madeBy'] ?? principal.id }
        },
        afterCreate: (_, { exchange }) => ({ secret: secrets.get(exchange) }),
      })
      adminResource(admin, {
        name: 'rooms',
        title: 'room',
        idPrefix: 'room_',
        schema: Room,
        idOf: ({ name }) => name,
        teamOf: ({ value }) => value['team'] as string | undefined,
      })
      const of = { permission: 'projects:read', summary: 'Something else.', response: Type.Object({}) } as const
      adminRoute(admin, { ...of, method: 'get', path: '/echo/:id', query: Filters }, ({ query, params }) => ({
        query,
        params,
      }))
      adminRoute(admin, { ...of, method: 'get', path: '/table' }, () => {
        return new AdminReply('a,b\n1,2\n', { contentType: 'text/csv; charset=utf-8', headers: { 'x-rows': '1' } })
      })
      const run = {
        ...of,
        method: 'post',
        path: '/projects/:id/run',
        body: Type.Object({ mode: Type.String() }),
      } as const
      adminRoute(admin, { ...run, action: 'projects.run' }, async ({ body: { mode }, params }) => {
        hold.calls++
        await hold.gate
        if (mode === 'crash') throw new TypeError('inside')
        return mode === 'empty' ? undefined : { id: params['id'], run: hold.calls }
      })
    },
  })()

const trail = (hold: Hold) =>
  definePlugin({
    name: 'test-trail',
    version: '1.0.0',
    api: 1,
    provides: [Audit],
    setup({ provide }) {
      provide(Audit, {
        record(event) {
          hold.events.push(event)
          return hold.breakAudit ? Promise.reject(new Error('no journal')) : Promise.resolve()
        },
      })
    },
  })()

const OWN_ROOMS = ['rooms:read', 'rooms:write'].flatMap((each) => [each, ownTeamOnly(each)])

/** Names the caller by its credential: `reader` may not write, `mia` only what is team red's. */
function principalOf({ headers }: Exchange): Principal {
  const id = headers.authorization?.split(' ')[1] ?? 'nobody'
  if (id === 'mia') return { id, team: 'red', permissions: OWN_ROOMS }
  return { id: id.replace(/\d+$/, ''), permissions: id.startsWith('reader') ? ['projects:read'] : ['*'] }
}

export interface Setting extends Hold, AsyncDisposable {
  gateway: TestGateway
  /** As the operator `ada`, unless `headers` say otherwise. */
  call(method: string, path: string, body?: TestRequest['body'], headers?: TestRequest['headers']): Promise<TestReply>
}

export async function createSetting(): Promise<Setting> {
  const hold: Hold = { calls: 0, gate: Promise.resolve(), events: [], breakAudit: false }
  const gateway = await createTestGateway({ plugins: [memoryStore(), projects(hold), trail(hold)] })
  return Object.assign(hold, {
    gateway,
    call: (method: string, path: string, body?: TestRequest['body'], headers: TestRequest['headers'] = {}) =>
      gateway.request(`/admin/v1${path}`, {
        method,
        headers: { authorization: 'Bearer ada', ...headers },
        ...(body !== undefined && { body }),
      }),
    [Symbol.asyncDispose]: () => gateway.close(),
  })
}
