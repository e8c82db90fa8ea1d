import { ownTeamOnly } from '@sluice/admin-kit'
import { Roles } from '@sluice/auth-kit'
import { definePlugin } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { expect, test } from 'vitest'
import { stage } from './support/stage.ts'
import type { Made, Stage } from './support/stage.ts'

/** What roles permit; whoever has all permissions of a role may give it. */
const ROLES: { [role: string]: readonly string[] } = {
  admin: ['*'],
  lead: ['keys:read', 'keys:write', ownTeamOnly('keys:read'), ownTeamOnly('keys:write')],
  manager: ['keys:read', 'keys:write'],
  client: [],
}

const roles = definePlugin({
  name: 'test-roles',
  version: '1.0.0',
  api: 1,
  provides: [Roles],
  setup({ provide, hooks }) {
    const permissionsOf = (names: readonly string[]): string[] => names.flatMap((name) => ROLES[name] ?? [])
    provide(Roles, {
      permissionsOf,
      mayGrant: ({ permissions = [] }, names) => permissionsOf(names).every((each) => permissions.includes(each)),
    })
    hooks.authorize.tap({ name: 'roles', stage: 'first' }, (exchange) => {
      const { principal } = exchange
      exchange.principal = { ...principal, permissions: permissionsOf(principal.roles ?? []) }
    })
  },
})

const withRoles = (): Promise<Stage> => stage({ plugins: [roles()] })
const LEAD = { roles: ['lead'], team: 'red', organisation: 'acme' }

test.each<[string, JsonObject, number]>([
  ['a role that permits more', { roles: ['admin'] }, 403],
  ['such a role among others', { roles: ['client', 'admin'] }, 403],
  ['the own role', { roles: ['lead'] }, 201],
  ['another team', { team: 'blue' }, 403],
  ['the own team', { team: 'red' }, 201],
  ['another organisation', { organisation: 'umbrella' }, 403],
  ['a model beyond the own ones', { models: ['gpt-*', 'claude'] }, 403],
  ['a pattern that is wider than the own one', { models: ['*'] }, 403],
  ['a pattern that is narrower', { models: ['gpt-5*'] }, 201],
  ['an operation beyond the own ones', { operations: ['embeddings'] }, 403],
  ['fewer operations', { operations: ['chat'] }, 201],
  ['a provider beyond the own ones', { providers: ['openai', 'groq'] }, 403],
])('whoever leads a team and gives a key %s gets %3$s', async (_, fields, status) => {
  await using on = await withRoles()
  const own = { models: ['gpt-*'], operations: ['chat', 'operator'], providers: ['openai'] }
  const { key } = await on.make({ ...LEAD, ...own })
  expect((await on.admin('POST', '/keys', { name: 'x', ...fields }, key)).status).toBe(status)
})

test('what is left open is what bounds the maker', async () => {
  await using on = await withRoles()
  const own = { models: ['gpt-*'], operations: ['chat', 'operator'], providers: ['openai'] }
  const { id, key } = await on.make({ ...LEAD, ...own })
  const made = await on.make({}, key)
  expect(made).toMatchObject({ ...own, team: 'red', organisation: 'acme', roles: ['client'], createdBy: id })
  const patched = await on.admin('PATCH', `/keys/${made.id}`, { models: null, team: null }, key)
  expect(patched.json()).toMatchObject({ ...own, team: 'red' })
})

test('a key of another team is not there for whoever leads one', async () => {
  await using on = await withRoles()
  const { key } = await on.make(LEAD)
  const blue = await on.make({ team: 'blue' })
  const nobodys = await on.make()
  for (const { id } of [blue, nobodys]) {
    const replies = await Promise.all([
      on.admin('GET', `/keys/${id}`, undefined, key),
      on.admin('PATCH', `/keys/${id}`, { team: 'red' }, key),
      on.admin('POST', `/keys/${id}/rotate`, {}, key),
      on.admin('POST', `/keys/${id}/revoke`, {}, key),
      on.admin('DELETE', `/keys/${id}`, undefined, key),
    ])
    expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404])
  }
  const { data } = (await on.admin('GET', '/keys', undefined, key)).json() as { data: Made[] }
  expect(data.map(({ team }) => team)).toEqual(['red'])
  expect((await on.ask(blue.key)).status).toBe(200)
})

test('nobody gets the text of a key that may do more, nor changes it', async () => {
  await using on = await withRoles()
  const { key } = await on.make({ roles: ['manager'] })
  const strong = await on.make({ roles: ['admin'] })
  expect((await on.admin('POST', `/keys/${strong.id}/rotate`, {}, key)).status).toBe(403)
  expect((await on.admin('PATCH', `/keys/${strong.id}`, { roles: ['client'] }, key)).status).toBe(403)
  expect((await on.admin('PUT', `/keys/${strong.id}`, { name: 'mine' }, key)).status).toBe(403)
  expect((await on.ask(strong.key)).status).toBe(200)
  expect((await on.admin('POST', `/keys/${strong.id}/revoke`, {}, key)).status).toBe(200)
  expect((await on.ask(strong.key)).status).toBe(401)
})

test('nobody widens the own key', async () => {
  await using on = await withRoles()
  const { id, key } = await on.make({ roles: ['manager'], models: ['small'] })
  expect((await on.admin('PATCH', `/keys/${id}`, { models: ['*'] }, key)).status).toBe(403)
  expect((await on.admin('PATCH', `/keys/${id}`, { roles: ['admin'] }, key)).status).toBe(403)
  expect((await on.admin('PATCH', `/keys/${id}`, { models: null }, key)).json()).toMatchObject({ models: ['small'] })
})

test('without a plugin that says what roles permit, only who may do everything manages keys', async () => {
  const generous = definePlugin({
    name: 'test-generous',
    version: '1.0.0',
    api: 1,
    setup({ hooks }) {
      hooks.authorize.tap({ name: 'all', stage: 'first' }, (exchange) => {
        if (exchange.principal.name === 'manager')
          exchange.principal = { ...exchange.principal, permissions: ['keys:read', 'keys:write'] }
      })
    },
  })
  await using on = await stage({ plugins: [generous()] })
  const { key } = await on.make({ name: 'manager' })
  expect((await on.admin('GET', '/keys', undefined, key)).status).toBe(200)
  expect((await on.admin('POST', '/keys', { name: 'x' }, key)).status).toBe(403)
  const { key: admin } = await on.make({ roles: ['admin'] })
  expect((await on.admin('POST', '/keys', { name: 'x', roles: ['admin'] }, admin)).status).toBe(201)
})
