/** A gateway with roles, in which who calls is what stands behind `Bearer`. */
import { Audit, adminResource } from '@sluice/admin-kit'
import { Roles } from '@sluice/auth-kit'
import { definePlugin, Type } from '@sluice/core'
import type { Exchange, JsonObject, PluginInstance, Principal } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import type { TestGateway, TestReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { Store } from '@sluice/store-kit'
import { memoryStore } from '@sluice/store-memory'
import { rbac } from '../../src/index.ts'

type Options = NonNullable<Parameters<typeof rbac>[0]>

export interface Setting extends AsyncDisposable {
  gateway: TestGateway
  roles: Roles
  store: Store
  /** Of exchanges that are over, the last first. */
  ended: Exchange[]
  /** As this principal; by its roles, if only they matter. */
  call(as: Who, method: string, path: string, body?: JsonObject): Promise<TestReply>
  /** Status of a chat with the model. */
  chat(as: Who, model?: string): Promise<number>
  /** Makes a record that must be good. @returns its id */
  create(collection: string, record: JsonObject): Promise<string>
  change(collection: string, id: string, patch: JsonObject): Promise<void>
}

export type Who = readonly string[] | Partial<Principal>
export const ADMIN = ['admin']

export async function setUp(options: Options = {}, store: PluginInstance = memoryStore()): Promise<Setting> {
  const held = { ended: [] as Exchange[] } as Pick<Setting, 'ended' | 'roles' | 'store'>
  const gateway = await createTestGateway({
    models: { fast: 'echo/fast', slow: 'echo/slow', 'team-model': 'echo/team' },
    plugins: [callers(held), rbac(options), things(held), openaiDialect(), echo(), store],
  })
  const call: Setting['call'] = (as, method, path, body) => {
    const who = 'length' in as ? { id: as.join('+'), roles: as } : { id: 'someone', ...as }
    return gateway.request(path, {
      method,
      headers: { authorization: `Bearer ${Buffer.from(JSON.stringify(who)).toString('base64url')}` },
      ...(body && { body }),
    })
  }
  const must = async (reply: Promise<TestReply>): Promise<TestReply> => {
    const { status, text } = await reply
    if (status >= 300) throw new Error(`${status}: ${text}`)
    return reply
  }
  return Object.assign(held, {
    gateway,
    call,
    chat: async (as: Who, model = 'fast') => {
      const messages = [{ role: 'user', content: 'Hello' }]
      return (await call(as, 'POST', '/v1/chat/completions', { model, messages })).status
    },
    create: async (collection: string, record: JsonObject) =>
      (await must(call(ADMIN, 'POST', `/admin/v1/${collection}`, record))).json()['id'] as string,
    change: async (collection: string, id: string, patch: JsonObject) =>
      void (await must(call(ADMIN, 'PATCH', `/admin/v1/${collection}/${id}`, patch))),
    [Symbol.asyncDispose]: () => gateway.close(),
  })
}

/** One principal object for each text, as a plugin has that remembers. */
const callers = (held: { ended: Exchange[]; roles: Roles }): PluginInstance =>
  definePlugin({
    name: 'test-callers',
    version: '1.0.0',
    api: 1,
    uses: [Roles],
    setup({ hooks, find }) {
      held.roles = find(Roles)!
      const known = new Map<string, Principal>()
      hooks.authenticate.tap('bearer', ({ headers }) => {
        const [, text] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? []
        if (text === undefined) return undefined
        const principal = known.get(text) ?? (JSON.parse(Buffer.from(text, 'base64url').toString()) as Principal)
        known.set(text, principal)
        return principal
      })
      hooks.onComplete.tap('note', (exchange) => void held.ended.unshift(exchange))
    },
  })()

/** A collection of things that belong to teams, and the store. */
const things = (held: { store: Store }): PluginInstance =>
  definePlugin({
    name: 'test-things',
    version: '1.0.0',
    api: 1,
    requires: [Store],
    uses: [Audit],
    setup({ router, get, find }) {
      const schema = Type.Object({ team: Type.Optional(Type.String()) }, { additionalProperties: false })
      held.store = get(Store)
      const admin = { router, store: held.store, audit: find(Audit) }
      const teamOf = ({ value }: { value: JsonObject }): string | undefined => value['team'] as string | undefined
      adminResource(admin, { name: 'keys', title: 'key', idPrefix: 'key_', schema, teamOf })
      router.get('/metrics', { permission: 'metrics:read' }, (context) => {
        context.body = 'ok'
      })
      router.get('/open', { permission: 'public' }, (context) => {
        context.body = 'ok'
      })
    },
  })()
