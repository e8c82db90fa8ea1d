import { describe, expect, test } from 'vitest'
import { ADMIN, setUp } from './support/setting.ts'
import type { Setting, Who } from './support/setting.ts'

/** An organisation with two teams, one below the other, and a user in the lower one. */
async function setUpAcme(): Promise<Setting> {
  const setting = await setUp()
  await setting.create('organisations', { id: 'acme', name: 'Acme', budget: { amount: 100, period: 'month' } })
  await setting.create('teams', { id: 'lab', name: 'Lab', organisation: 'acme', limits: { requests: '100/min' } })
  await setting.create('teams', { id: 'robots', name: 'Robots', parent: 'lab', models: ['fast', 'team-*'] })
  await setting.create('users', { id: 'ann', name: 'Ann', team: 'robots', limits: { requests: '5/min' } })
  await expect.poll(async () => (await principalOf(setting, client({ user: 'ann' }))).organisation).toBe('acme')
  return setting
}

const client = (who: object): Who => ({ roles: ['client'], ...who })

async function principalOf(setting: Setting, who: Who) {
  await setting.chat(who)
  return setting.ended[0]!.principal
}

describe('a principal', () => {
  test('has the scopes of everybody whose limits hold for it, from the key upwards', async () => {
    await using setting = await setUpAcme()
    const key = { kind: 'key', id: 'k', sections: { limits: { requests: '1/min' } } } as const
    const principal = await principalOf(setting, client({ key: 'k', user: 'ann', scopes: [key] }))
    expect(principal.scopes).toEqual([
      key,
      { kind: 'user', id: 'ann', sections: { limits: { requests: '5/min' } } },
      { kind: 'team', id: 'robots', sections: {} },
      { kind: 'team', id: 'lab', sections: { limits: { requests: '100/min' } } },
      { kind: 'organisation', id: 'acme', sections: { budget: { amount: 100, period: 'month' } } },
    ])
    expect(principal).toMatchObject({ team: 'robots', organisation: 'acme', permissions: [] })
  })

  test('keeps what authentication says of its user where no record says otherwise', async () => {
    await using setting = await setUpAcme()
    const claimed = { limits: { requests: '999/min' }, budget: { amount: 1, period: 'day' } }
    const given = (id: string) => client({ user: id, scopes: [{ kind: 'user', id, sections: claimed }] })
    const known = (await principalOf(setting, given('ann'))).scopes!
    expect(known[0]!.sections).toEqual({ limits: { requests: '5/min' }, budget: { amount: 1, period: 'day' } })
    expect(known.filter(({ kind }) => kind === 'user')).toHaveLength(1)
    expect((await principalOf(setting, given('bob'))).scopes).toEqual([{ kind: 'user', id: 'bob', sections: claimed }])
  })

  test('has the roles of its record only where it comes without any and without a key', async () => {
    await using setting = await setUp()
    await setting.create('users', { id: 'eve', name: 'Eve', roles: ['operator'] })
    await expect.poll(() => setting.chat({ user: 'eve' })).toBe(200)
    expect((await setting.call({ user: 'eve' }, 'GET', '/metrics')).status).toBe(200)
    expect((await setting.call({ user: 'eve', roles: ['client'] }, 'GET', '/metrics')).status).toBe(403)
    expect(await setting.chat({ user: 'eve', key: 'k' })).toBe(403)
    expect(await setting.chat({ user: 'eve', key: 'k', roles: [] })).toBe(403)
  })

  test('is not of a team of another organisation', async () => {
    await using setting = await setUpAcme()
    expect(await setting.chat(client({ team: 'robots' }))).toBe(200)
    expect(await setting.chat(client({ team: 'robots', organisation: 'acme' }))).toBe(200)
    expect(await setting.chat(client({ team: 'robots', organisation: 'umbrella' }))).toBe(403)
  })

  test('of whose team there is no record is let in, or is not, as the config says', async () => {
    for (const [unknown, status] of [
      ['allow', 200],
      ['refuse', 403],
    ] as const) {
      await using setting = await setUp({ unknown })
      for (const who of [{ team: 'x' }, { user: 'x' }, { organisation: 'x' }])
        expect(await setting.chat(client(who))).toBe(status)
      expect(await setting.chat(client({}))).toBe(200)
    }
  })

  test('uses only what all above it permit', async () => {
    await using setting = await setUpAcme()
    const who = client({ team: 'robots' })
    expect([await setting.chat(who), await setting.chat(who, 'slow'), await setting.chat(who, 'team-model')]).toEqual([
      200, 403, 200,
    ])
    await setting.change('organisations', 'acme', { models: ['fast'] })
    await expect.poll(() => setting.chat(who, 'team-model')).toBe(403)
    expect(await setting.chat(who)).toBe(200)
    const { data } = (await setting.call(who, 'GET', '/v1/models')).json() as { data: { id: string }[] }
    expect(data.map(({ id }) => id)).toEqual(['fast'])
    await setting.change('teams', 'lab', { operations: ['embeddings'] })
    await expect.poll(() => setting.chat(who)).toBe(403)
  })
})

describe('whoever is disabled', () => {
  test.each([
    ['users', 'ann', { user: 'ann' }, { user: 'bob' }],
    ['teams', 'robots', { team: 'robots' }, { team: 'lab' }],
    ['teams', 'lab', { team: 'robots' }, { organisation: 'acme' }],
    ['organisations', 'acme', { user: 'ann' }, { team: 'other' }],
  ])('of %s may do nothing within a second, and again when it is over: %s', async (collection, id, of, others) => {
    await using setting = await setUpAcme()
    expect(await setting.chat(client(of))).toBe(200)
    await setting.change(collection, id, { disabled: true })
    await expect.poll(() => setting.chat(client(of)), { timeout: 1000, interval: 5 }).toBe(403)
    expect((await setting.call({ roles: ['viewer'], ...of }, 'GET', '/metrics')).status).toBe(403)
    expect(await setting.chat(client(others))).toBe(200)
    await setting.change(collection, id, { disabled: null })
    await expect.poll(() => setting.chat(client(of)), { timeout: 1000, interval: 5 }).toBe(200)
  })
})

describe('records', () => {
  const status = async (setting: Setting, method: string, path: string, body?: object) =>
    (await setting.call(ADMIN, method, `/admin/v1${path}`, body && { ...body })).status

  test('of teams make a tree', async () => {
    await using setting = await setUpAcme()
    expect(await status(setting, 'PATCH', '/teams/lab', { parent: 'lab' })).toBe(400)
    expect(await status(setting, 'PATCH', '/teams/lab', { parent: 'robots' })).toBe(400)
    expect(await status(setting, 'PATCH', '/teams/lab', { parent: 'nowhere' })).toBe(400)
    expect(await status(setting, 'POST', '/teams', { id: 'self', name: 'Self', parent: 'self' })).toBe(400)
    await setting.create('organisations', { id: 'umbrella', name: 'Umbrella' })
    expect(await status(setting, 'PATCH', '/teams/robots', { organisation: 'umbrella' })).toBe(400)
    expect(await status(setting, 'PATCH', '/teams/robots', { organisation: 'acme' })).toBe(200)
    expect(await status(setting, 'PATCH', '/users/ann', { organisation: 'umbrella' })).toBe(400)
  })

  test('of teams are not endlessly deep', async () => {
    await using setting = await setUp()
    await setting.create('teams', { id: 't0', name: 'x' })
    for (let depth = 1; depth < 16; depth++)
      await setting.create('teams', { id: `t${depth}`, name: 'x', parent: `t${depth - 1}` })
    expect(await status(setting, 'POST', '/teams', { id: 't16', name: 'x', parent: 't15' })).toBe(400)
    await expect.poll(async () => (await principalOf(setting, client({ team: 't15' }))).scopes).toHaveLength(16)
  })

  test('that have come to stand in a circle harm nobody', async () => {
    await using setting = await setUp()
    await setting.store.put('teams', 'a', { name: 'a', parent: 'b', models: ['fast'] })
    await setting.store.put('teams', 'b', { name: 'b', parent: 'a' })
    await expect.poll(() => setting.chat(client({ team: 'a' }), 'slow')).toBe(403)
    const { scopes } = await principalOf(setting, client({ team: 'a' }))
    expect(scopes!.map(({ id }) => id)).toEqual(['a', 'b'])
  })

  test('stay while something belongs to them', async () => {
    await using setting = await setUpAcme()
    const key = await setting.create('keys', { team: 'robots' })
    expect(await status(setting, 'DELETE', '/organisations/acme')).toBe(409)
    expect(await status(setting, 'DELETE', '/teams/lab')).toBe(409)
    expect(await status(setting, 'DELETE', '/teams/robots')).toBe(409)
    expect(await status(setting, 'DELETE', '/users/ann')).toBe(204)
    expect(await status(setting, 'DELETE', '/teams/robots')).toBe(409)
    expect(await status(setting, 'DELETE', `/keys/${key}`)).toBe(204)
    expect(await status(setting, 'DELETE', '/teams/robots')).toBe(204)
    expect(await status(setting, 'DELETE', '/teams/lab')).toBe(204)
    expect(await status(setting, 'DELETE', '/organisations/acme')).toBe(204)
  })

  test('have the id that was chosen, or a new one, and keep it', async () => {
    await using setting = await setUp()
    expect(await setting.create('users', { name: 'Ann' })).toMatch(/^user_\w{20}$/)
    expect(await setting.create('users', { id: 'auth0|17', name: 'Ann' })).toBe('auth0|17')
    expect(await status(setting, 'POST', '/users', { id: 'auth0|17', name: 'Bob' })).toBe(409)
    expect(await status(setting, 'GET', `/users/${encodeURIComponent('auth0|17')}`)).toBe(200)
    expect(await status(setting, 'PATCH', `/users/${encodeURIComponent('auth0|17')}`, { id: 'other' })).toBe(400)
    for (const id of ['a/b', '', 'a b', 'é'])
      expect(await status(setting, 'POST', '/users', { id, name: 'x' })).toBe(400)
  })

  test.each([
    ['teams', { limits: { requests: 'many' } }],
    ['teams', { budget: { amount: -1, period: 'day' } }],
    ['organisations', { limits: { requestz: '1/min' } }],
    ['users', { team: 'nowhere' }],
    ['users', { organisation: 'nowhere' }],
    ['teams', { organisation: 'nowhere' }],
    ['teams', { colour: 'red' }],
  ])('of %s that say %j are refused', async (collection, fields) => {
    await using setting = await setUp()
    expect(await status(setting, 'POST', `/${collection}`, { name: 'x', ...fields })).toBe(400)
  })
})
