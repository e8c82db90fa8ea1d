import { createTestGateway } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rbac } from '../src/index.ts'
import { ADMIN, setUp } from './support/setting.ts'
import type { Setting } from './support/setting.ts'

describe('a role', () => {
  let setting: Setting
  beforeAll(async () => {
    setting = await setUp({
      roles: {
        auditor: { permissions: ['metrics:read'], models: ['slow'], operations: ['chat'] },
        listing: { permissions: ['keys:read'] },
      },
    })
  })
  afterAll(() => setting[Symbol.asyncDispose]())

  const columns = [
    'chat',
    '/v1/models',
    '/metrics',
    '/admin/v1/keys',
    '/admin/v1/roles',
    'new key',
    'new team',
    'new org',
  ]
  test.each([
    ['admin', [200, 200, 200, 200, 200, 201, 201, 201]],
    ['operator', [200, 200, 200, 200, 200, 201, 201, 403]],
    ['developer', [200, 200, 403, 200, 403, 403, 403, 403]],
    ['viewer', [403, 200, 200, 200, 200, 403, 403, 403]],
    ['client', [200, 200, 403, 403, 403, 403, 403, 403]],
    ['auditor', [403, 200, 200, 403, 403, 403, 403, 403]],
    ['listing', [403, 403, 403, 200, 403, 403, 403, 403]],
    ['unheard-of', [403, 403, 403, 403, 403, 403, 403, 403]],
    ['toString', [403, 403, 403, 403, 403, 403, 403, 403]],
  ])(`%s may do, of ${columns.join(', ')}: %j`, async (role, expected) => {
    const get = async (path: string) => (await setting.call([role], 'GET', path)).status
    const post = async (path: string, body: object) => (await setting.call([role], 'POST', path, { ...body })).status
    const got = [
      await setting.chat([role]),
      ...(await Promise.all(columns.slice(1, 5).map(get))),
      await post('/admin/v1/keys', {}),
      await post('/admin/v1/teams', { name: 'x' }),
      await post('/admin/v1/organisations', { name: 'x' }),
    ]
    expect(got).toEqual(expected)
  })

  test('beside another one adds what it permits', async () => {
    expect(await setting.chat(['auditor'])).toBe(403)
    expect(await setting.chat(['auditor'], 'slow')).toBe(200)
    expect(await setting.chat(['auditor', 'client'])).toBe(200)
  })

  test('shows those models in lists that it lets one use', async () => {
    const listed = async (roles: string[]) => {
      const { data } = (await setting.call(roles, 'GET', '/v1/models')).json() as { data: { id: string }[] }
      return data.map(({ id }) => id)
    }
    expect(await listed(['auditor'])).toEqual(['slow'])
    expect(await listed(['client'])).toEqual(expect.arrayContaining(['fast', 'slow']))
    expect(await listed(['viewer'])).toEqual(expect.arrayContaining(['fast', 'slow']))
  })

  test('is asked for by the kernel under the names of permissions that routes demand', async () => {
    await setting.call(['viewer'], 'GET', '/metrics')
    const { principal } = setting.ended[0]!
    expect(principal.permissions).toEqual(expect.arrayContaining(['metrics:read', 'keys:read', 'roles:read']))
    expect(principal.permissions!.every((each) => each.endsWith(':read'))).toBe(true)
  })
})

test('without a role nothing may be done', async () => {
  await using setting = await setUp()
  for (const who of [[], { roles: [] }, {}, { permissions: ['*'] }]) {
    expect(await setting.chat(who)).toBe(403)
    expect((await setting.call(who, 'GET', '/v1/models')).status).toBe(403)
    expect((await setting.call(who, 'GET', '/metrics')).status).toBe(403)
  }
})

test('what is public stays so, and who has no credential is not let in', async () => {
  await using setting = await setUp()
  expect((await setting.gateway.request('/open')).status).toBe(200)
  expect((await setting.gateway.request('/metrics')).status).toBe(401)
})

test('where nobody is asked who they are, all may use models, and no operator route', async () => {
  await using gateway = await createTestGateway({ plugins: [rbac(), openaiDialect(), echo()] })
  const body = { model: 'echo/x', messages: [{ role: 'user', content: 'Hello' }] }
  expect((await gateway.request('/v1/chat/completions', { body })).status).toBe(200)
})

test('what an exchange asks for in its own name may not be more than its caller may', async () => {
  await using setting = await setUp({ roles: { narrow: { models: ['fast'] } } })
  expect(await setting.chat(['narrow'])).toBe(200)
  const parent = setting.ended[0]!
  const request = (model: string) => ({
    operation: 'chat' as const,
    model,
    stream: false,
    messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'Hello' }] }],
    extensions: {},
  })
  const { gateway } = setting.gateway
  await expect(gateway.dispatch(request('slow'), { parent })).rejects.toMatchObject({ code: 'permission_denied' })
  await expect(gateway.dispatch(request('fast'), { parent })).resolves.toMatchObject({ operation: 'chat' })
  await expect(gateway.dispatch(request('slow'))).resolves.toMatchObject({ operation: 'chat' })
})

describe('a role of the administration interface', () => {
  test('holds from its making to its end', async () => {
    await using setting = await setUp()
    const who = ['night-shift']
    expect(await setting.chat(who)).toBe(403)
    const id = await setting.create('roles', { name: 'night-shift', models: ['fast'] })
    expect(id).toBe('night-shift')
    await expect.poll(() => setting.chat(who)).toBe(200)
    await setting.change('roles', id, { models: ['slow'] })
    await expect.poll(() => setting.chat(who)).toBe(403)
    expect(await setting.chat(who, 'slow')).toBe(200)
    await setting.call(ADMIN, 'DELETE', `/admin/v1/roles/${id}`)
    await expect.poll(() => setting.chat(who, 'slow')).toBe(403)
  })

  test('cannot have the name of another one, nor change its own', async () => {
    await using setting = await setUp({ roles: { auditor: {} } })
    await setting.create('roles', { name: 'taken' })
    for (const name of ['admin', 'client', 'auditor', 'taken'])
      expect((await setting.call(ADMIN, 'POST', '/admin/v1/roles', { name })).status).toBe(409)
    const renaming = await setting.call(ADMIN, 'PATCH', '/admin/v1/roles/taken', { name: 'other' })
    expect(renaming.status).toBe(400)
  })

  test.each([{ permissions: ['keys'] }, { permissions: ['keys:delete'] }, { name: 'Big Boss' }, { powers: ['*'] }])(
    'cannot be %j',
    async (role) => {
      await using setting = await setUp()
      expect((await setting.call(ADMIN, 'POST', '/admin/v1/roles', { name: 'role', ...role })).status).toBe(400)
    },
  )

  test('that cannot be understood grants nothing, and takes nothing else with it', async () => {
    await using setting = await setUp()
    await setting.create('roles', { name: 'good', models: ['*'] })
    const broken = { name: 'bad', permissions: ['what?'] }
    await setting.store.put('roles', 'bad', broken)
    await expect.poll(() => setting.gateway.log.find(({ role }) => role === 'bad')).toBeDefined()
    expect(await setting.chat(['bad'])).toBe(403)
    expect(await setting.chat(['good'])).toBe(200)
  })
})

describe('delegation', () => {
  const roles = {
    lead: { permissions: ['roles:*', 'users:*', 'keys:*', 'usage:read', 'operation:chat', 'model:f*'] },
  }
  const write = (setting: Setting, as: string[], role: object) =>
    setting.call(as, 'POST', '/admin/v1/roles', { name: 'new-role', ...role }).then(({ status }) => status)

  test.each([
    [{ permissions: ['keys:read', 'usage:read'] }, 201],
    [{ permissions: ['keys:*'], models: ['fast'], operations: ['chat'] }, 201],
    [{ models: ['fa*'], operations: ['chat'] }, 201],
    [{ models: ['fast'] }, 403],
    [{ models: ['*'], operations: ['chat'] }, 403],
    [{ permissions: ['usage:*'] }, 403],
    [{ permissions: ['*:read'] }, 403],
    [{ permissions: ['*'] }, 403],
  ])('by somebody who has less, of %j: %i', async (role, status) => {
    await using setting = await setUp({ roles })
    expect(await write(setting, ['lead'], role)).toBe(status)
    expect(await write(setting, ADMIN, { ...role, name: 'other-role' })).toBe(201)
  })

  test('changes and deletes no role that permits more', async () => {
    await using setting = await setUp({ roles })
    await setting.create('roles', { name: 'boss', permissions: ['*'] })
    const change = await setting.call(['lead'], 'PATCH', '/admin/v1/roles/boss', { permissions: [] })
    const removal = await setting.call(['lead'], 'DELETE', '/admin/v1/roles/boss')
    expect([change.status, removal.status]).toEqual([403, 403])
  })

  test('gives users no role, and changes no user, that permits more', async () => {
    await using setting = await setUp({ roles })
    const boss = await setting.create('users', { name: 'Boss', roles: ['admin'] })
    const post = async (role: string) =>
      (await setting.call(['lead'], 'POST', '/admin/v1/users', { name: 'x', roles: [role] })).status
    expect([await post('admin'), await post('lead'), await post('unheard-of')]).toEqual([403, 201, 400])
    const disable = await setting.call(['lead'], 'PATCH', `/admin/v1/users/${boss}`, { disabled: true })
    const removal = await setting.call(['lead'], 'DELETE', `/admin/v1/users/${boss}`)
    expect([disable.status, removal.status]).toEqual([403, 403])
  })

  test.each([
    ['admin', ['admin', 'operator', 'viewer'], true],
    ['operator', ['developer', 'client', 'viewer', 'operator'], true],
    ['operator', ['admin'], false],
    ['viewer', ['viewer'], true],
    ['viewer', ['client'], false],
    ['developer', ['developer', 'client'], true],
    ['developer', ['viewer'], false],
    ['client', ['client'], true],
    ['client', ['developer'], false],
    ['admin', ['unheard-of'], false],
  ])('%s may grant %j: %s', async (role, wanted, may) => {
    await using setting = await setUp()
    expect(setting.roles.mayGrant({ id: 'x', roles: [role] }, wanted)).toBe(may)
    expect(setting.roles.mayGrant({ id: 'x' }, wanted)).toBe(false)
  })
})

describe('permissions for the own team only', () => {
  const of = (team: string | undefined) => ({
    id: `of ${team}`,
    roles: ['developer'],
    ...(team !== undefined && { team }),
  })

  test('show and change what belongs to it, and hide the rest', async () => {
    await using setting = await setUp()
    const own = await setting.create('keys', { team: 'a' })
    const other = await setting.create('keys', { team: 'b' })
    const nobody = await setting.create('keys', {})
    const list = (await setting.call(of('a'), 'GET', '/admin/v1/keys')).json() as { data: { id: string }[] }
    expect(list.data.map(({ id }) => id)).toEqual([own])
    for (const [id, status] of [
      [own, 200],
      [other, 404],
      [nobody, 404],
    ] as const) {
      expect((await setting.call(of('a'), 'GET', `/admin/v1/keys/${id}`)).status).toBe(status)
      expect((await setting.call(of('a'), 'PUT', `/admin/v1/keys/${id}`, { team: 'a' })).status).toBe(status)
    }
    expect((await setting.call(of('a'), 'PATCH', `/admin/v1/keys/${own}`, { team: 'b' })).status).toBe(403)
    expect((await setting.call(of('a'), 'POST', '/admin/v1/keys', { team: 'b' })).status).toBe(403)
    expect((await setting.call(of('a'), 'POST', '/admin/v1/keys', {})).status).toBe(403)
    expect((await setting.call(of('a'), 'POST', '/admin/v1/keys', { team: 'a' })).status).toBe(201)
    expect((await setting.call(of('a'), 'DELETE', `/admin/v1/keys/${other}`)).status).toBe(404)
    expect((await setting.call(of('a'), 'DELETE', `/admin/v1/keys/${own}`)).status).toBe(204)
  })

  test('reach nothing where there is no team', async () => {
    await using setting = await setUp()
    const id = await setting.create('keys', {})
    expect((await setting.call(of(undefined), 'GET', '/admin/v1/keys')).json()).toEqual({ data: [], next: null })
    expect((await setting.call(of(undefined), 'GET', `/admin/v1/keys/${id}`)).status).toBe(404)
  })

  test('list page by page', async () => {
    await using setting = await setUp()
    for (let index = 0; index < 12; index++) await setting.create('keys', { team: index % 3 === 0 ? 'a' : 'b' })
    const found: string[] = []
    for (let cursor = ''; ;) {
      const page = (await setting.call(of('a'), 'GET', `/admin/v1/keys?limit=2${cursor}`)).json() as {
        data: { id: string; team: string }[]
        next: string | null
      }
      expect(page.data.every(({ team }) => team === 'a')).toBe(true)
      found.push(...page.data.map(({ id }) => id))
      if (page.next === null) break
      cursor = `&cursor=${page.next}`
    }
    expect(new Set(found).size).toBe(4)
  })

  test('do not open routes that show what belongs to all', async () => {
    await using setting = await setUp({ roles: { careful: { permissions: ['metrics:read@team', 'teams:*@team'] } } })
    for (const path of ['/metrics', '/admin/v1/teams'])
      expect((await setting.call({ roles: ['careful'], team: 'a' }, 'GET', path)).status).toBe(403)
    expect((await setting.call({ roles: ['careful'], team: 'a' }, 'HEAD', '/metrics')).status).toBe(403)
    const both = { roles: ['careful', 'viewer'], team: 'a' }
    expect((await setting.call(both, 'GET', '/metrics')).status).toBe(200)
  })
})
