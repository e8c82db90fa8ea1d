import type { JsonObject, PluginInstance, Principal } from '@sluice/core'
import { definePlugin } from '@sluice/core'
import { Audit } from '@sluice/admin-kit'
import type { AuditEvent } from '@sluice/admin-kit'
import { Store } from '@sluice/store-kit'
import { memoryStore } from '@sluice/store-memory'
import { expect, test } from 'vitest'
import { stage } from './support/stage.ts'
import type { RuleOptions, Stage } from './support/stage.ts'

const callers: { [token: string]: Principal } = {
  root: { id: 'root', permissions: ['*'] },
  reader: { id: 'reader', permissions: ['routing:read'] },
  alice: { id: 'alice', permissions: ['rules:write'] },
}
const auditTrail = (events: AuditEvent[]): PluginInstance =>
  definePlugin({
    name: 'test-audit',
    version: '0.1.0',
    api: 1,
    provides: [Audit],
    setup: ({ provide }) => provide(Audit, { record: async (event) => void events.push(event) }),
  })()
const open = (options: RuleOptions = {}, events: AuditEvent[] = []): Promise<Stage> =>
  stage({ callers, options, plugins: [memoryStore(), auditTrail(events)] })
const admin = (on: Stage, method: string, path = '', body?: JsonObject, caller = 'root') =>
  on.gateway.request(`/admin/v1/rules${path}`, { method, headers: { authorization: caller }, ...(body && { body }) })

async function openWithStore(): Promise<{ on: Stage; store: Store }> {
  const stores: Store[] = []
  const keep = definePlugin({
    name: 'test-keep',
    version: '0.1.0',
    api: 1,
    requires: [Store],
    setup: ({ get }) => void stores.push(get(Store)),
  })
  return { on: await stage({ callers, plugins: [memoryStore(), keep()] }), store: stores[0]! }
}

test('rules can be made, changed, switched off and deleted while the gateway runs', async () => {
  const events: AuditEvent[] = []
  await using on = await open({}, events)
  const made = await admin(on, 'POST', '', { name: 'all', then: { target: 'c/stored' } })
  expect(made.status).toBe(201)
  const path = `/${String(made.json()['id'])}`
  expect(path).toMatch(/^\/rule_/)
  await expect.poll(() => on.served()).toBe('c/stored')

  expect((await admin(on, 'PATCH', path, { then: { target: 'b/changed' } })).status).toBe(200)
  await expect.poll(() => on.served()).toBe('b/changed')
  expect((await admin(on, 'PATCH', path, { enabled: false })).status).toBe(200)
  await expect.poll(() => on.served()).toBe('a/one')
  expect((await admin(on, 'PATCH', path, { enabled: true })).status).toBe(200)
  await expect.poll(() => on.served()).toBe('b/changed')
  expect((await admin(on, 'DELETE', path)).status).toBe(204)
  await expect.poll(() => on.served()).toBe('a/one')
  expect(events.map(({ action, actor, outcome }) => [action, actor, outcome])).toEqual([
    ['rules.create', 'root', 'done'],
    ['rules.update', 'root', 'done'],
    ['rules.update', 'root', 'done'],
    ['rules.update', 'root', 'done'],
    ['rules.delete', 'root', 'done'],
  ])
})

test('they are asked in the order of their positions, after those of the config', async () => {
  const own = { name: 'own', when: { headers: { 'x-own': true as const } }, then: { target: 'b/config' } }
  await using on = await open({ rules: [own] })
  await admin(on, 'POST', '', { name: 'late', position: 20, then: { target: 'c/late' } })
  await admin(on, 'POST', '', { name: 'early', position: 10, then: { target: 'c/early' } })
  await expect.poll(() => on.served()).toBe('c/early')
  expect(await on.served({}, { 'x-own': '1' })).toBe('b/config')
})

test.each<[JsonObject, string]>([
  [{ name: 'a' }, 'then'],
  [{ name: 'a b', then: { model: 'm' } }, 'name'],
  [{ name: 'a', then: { model: 'mm' } }, 'there is no model'],
  [{ name: 'a', then: { target: 'aa/x' } }, 'no configured provider'],
  [{ name: 'a', then: { target: 'a/x', model: 'm' } }, 'Give one of'],
  [{ name: 'a', when: { windows: [{ zone: 'x' }] }, then: { model: 'm' } }, 'time zone'],
  [{ name: 'a', enabled: false, then: { model: 'mm' } }, 'there is no model'],
  [{ name: 'a', position: -1, then: { model: 'm' } }, 'position'],
])('%j is refused', async (rule, text) => {
  await using on = await open()
  const refused = await admin(on, 'POST', '', rule)
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining(text)])
})

test('reading takes routing:read, writing routing:write', async () => {
  await using on = await open()
  const rule = { name: 'a', then: { model: 'm' } }
  expect((await admin(on, 'GET', '', undefined, 'alice')).status).toBe(403)
  expect((await admin(on, 'GET', '', undefined, 'reader')).status).toBe(200)
  expect((await admin(on, 'POST', '', rule, 'reader')).status).toBe(403)
  expect((await admin(on, 'POST', '', rule, 'alice')).status).toBe(403)
})

test('a rule in the store that has become wrong is left out, and the log says so', async () => {
  const { on, store } = await openWithStore()
  await using _ = on
  await store.put('rules', 'rule_0', { name: 'bad', position: 1, then: { target: 'gone/x' } })
  await store.put('rules', 'rule_1', { name: 'worse', position: 1 })
  await store.put('rules', 'rule_2', { name: 'good', position: 2, then: { target: 'b/x' } })
  await expect.poll(() => on.served()).toBe('b/x')
  const told = on.gateway.log.entries.map(({ msg }) => msg).filter((msg) => msg?.includes('not in force'))
  expect(told).toEqual([
    expect.stringContaining('rules/rule_0 is not in force: The rule "bad": target "gone/x"'),
    expect.stringContaining('rules/rule_1'),
  ])
})

test('there are bounds to their number and to their size', async () => {
  const { on, store } = await openWithStore()
  await using _ = on
  const rule = { name: 'r', when: { models: ['nobody'] }, then: { model: 'm' } }
  const large = { ...rule, when: { keys: Array.from({ length: 2000 }, (_, index) => `key_${index}xxxx`) } }
  expect((await admin(on, 'POST', '', large)).status).toBe(400)
  await Promise.all(Array.from({ length: 2000 }, (_, index) => store.put('rules', `rule_${index}`, rule)))
  await expect.poll(async () => (await admin(on, 'POST', '', rule)).status).toBe(409)
  expect((await admin(on, 'PUT', '/rule_0', { ...rule, name: 'changed' })).status).toBe(200)
})
