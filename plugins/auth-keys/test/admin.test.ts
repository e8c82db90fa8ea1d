import { afterEach, describe, expect, test, vi } from 'vitest'
import { ADMIN, stage } from './support/stage.ts'

afterEach(() => void vi.useRealTimers())

test('a key is shown once, when it is made', async () => {
  await using on = await stage()
  const made = await on.make({ name: 'mine' })
  expect(made).toMatchObject({ name: 'mine', status: 'active', roles: ['client'], createdBy: 'admin' })
  expect(made.key).toMatch(/^sk-sluice-[0-9A-Za-z]{48}$/)
  expect(made.id).toBe(`key_${made.key.slice(10, 22)}`)
  expect(made['prefix']).toBe(`${made.key.slice(0, 14)}…`)
  const shown = await on.admin('GET', `/keys/${made.id}`)
  const listed = await on.admin('GET', '/keys')
  expect(shown.json()).toEqual({ ...made, key: undefined })
  expect(listed.json()).toEqual({ data: [shown.json()], next: null })
})

test('no reply holds a hash', async () => {
  await using on = await stage()
  const { id } = await on.make()
  const replies = await Promise.all([
    on.admin('POST', '/keys', { name: 'other' }),
    on.admin('POST', `/keys/${id}/rotate`, {}),
    on.admin('PATCH', `/keys/${id}`, { name: 'renamed' }),
    on.admin('GET', `/keys/${id}`),
    on.admin('GET', '/keys'),
    on.admin('POST', `/keys/${id}/revoke`),
  ])
  for (const { text } of replies) expect(text).not.toMatch(/hash/i)
})

test.each([
  [{}, 'name'],
  [{ name: 'x', hash: 'mine' }, 'hash'],
  [{ name: 'x', createdBy: 'me' }, 'createdBy'],
  [{ name: 'x', previous: {} }, 'previous'],
  [{ name: 'x', budget: { amount: -1, period: 'day' } }, 'budget.amount'],
  [{ name: 'x', limits: { request: '1/min' } }, 'limits.request'],
  [{ name: 'x', limits: { requests: 'many' } }, 'limits.requests'],
  [{ name: 'x', expiresAt: 'tomorrow' }, 'expiresAt'],
  [{ name: 'x', expiresAt: '2026-02-31T25:00:00Z' }, 'expiresAt'],
  [{ name: 'x', ips: ['home'] }, 'ips[0]'],
  [{ name: 'x', rotation: { every: 'often' } }, 'rotation.every'],
  [{ name: 'x', metadata: { text: 'a'.repeat(20_000) } }, 'metadata'],
])('%j is refused, and the reply says where', async (fields, param) => {
  await using on = await stage()
  const reply = await on.admin('POST', '/keys', fields)
  expect([reply.status, reply.text]).toEqual([400, expect.stringContaining(param)])
})

test('changing a key leaves its text', async () => {
  await using on = await stage()
  const { id, key } = await on.make({ tags: ['a'] })
  const patched = await on.admin('PATCH', `/keys/${id}`, { name: 'renamed', tags: null })
  expect(patched.json()).toMatchObject({ name: 'renamed', revision: 2 })
  expect(patched.json()).not.toHaveProperty('tags')
  const replaced = await on.admin('PUT', `/keys/${id}`, { name: 'replaced', models: ['small'] })
  expect(replaced.json()).toMatchObject({ name: 'replaced', roles: ['client'], createdBy: 'admin' })
  expect([(await on.ask(key)).status, (await on.ask(key, 'large')).status]).toEqual([200, 403])
  expect(on.principals.at(-1)).toMatchObject({ name: 'replaced' })
})

test.each(['', '/rotate', '/revoke'])('a key that is not there is not found at %j', async (action) => {
  await using on = await stage()
  for (const id of ['key_000000000000', '__proto__', '%2e%2e']) {
    const reply = await on.admin(action === '' ? 'GET' : 'POST', `/keys/${id}${action}`, action === '' ? undefined : {})
    expect(reply.status).toBe(404)
  }
})

test('a change by somebody who has seen an older key is refused', async () => {
  await using on = await stage()
  const { id } = await on.make()
  await on.admin('PATCH', `/keys/${id}`, { name: 'second' })
  for (const action of ['rotate', 'revoke']) {
    const headers = { authorization: `Bearer ${ADMIN}`, 'if-match': '"1"' }
    const reply = await on.gateway.request(`/admin/v1/keys/${id}/${action}`, { method: 'POST', headers, body: {} })
    expect(reply.status).toBe(412)
  }
})

test('a client key manages nothing', async () => {
  await using on = await stage()
  const { id, key } = await on.make()
  const replies = await Promise.all([
    on.admin('GET', '/keys', undefined, key),
    on.admin('GET', `/keys/${id}`, undefined, key),
    on.admin('POST', '/keys', { name: 'x' }, key),
    on.admin('PATCH', `/keys/${id}`, { roles: ['admin'] }, key),
    on.admin('POST', `/keys/${id}/rotate`, {}, key),
    on.admin('POST', `/keys/${id}/revoke`, {}, key),
    on.admin('DELETE', `/keys/${id}`, undefined, key),
  ])
  expect(replies.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403, 403])
})

describe('rotation', () => {
  const DAY = 24 * 3_600_000
  const START = Date.parse('2026-06-01T00:00:00Z')
  const at = (ms: number): void => void vi.setSystemTime(START + ms)
  const clock = (): void => void vi.useFakeTimers({ toFake: ['Date'], now: START })

  test('gives the same key another text, and the old one works for a day', async () => {
    clock()
    await using on = await stage()
    const made = await on.make()
    const reply = await on.admin('POST', `/keys/${made.id}/rotate`, {})
    const rotated = reply.json() as { key: string }
    expect(reply.json()).toMatchObject({ id: made.id, previousWorksUntil: '2026-06-02T00:00:00.000Z' })
    expect(rotated.key.slice(0, 22)).toBe(made.key.slice(0, 22))
    const works = async (): Promise<number[]> => [(await on.ask(made.key)).status, (await on.ask(rotated.key)).status]
    expect(await works()).toEqual([200, 200])
    at(DAY - 1)
    expect(await works()).toEqual([200, 200])
    at(DAY)
    expect(await works()).toEqual([401, 200])
  })

  test.each([
    [{ grace: '0s' }, 401],
    [{ grace: 0 }, 401],
    [{ grace: '1h' }, 200],
  ])('with %j the old text gets %s', async (body, status) => {
    await using on = await stage()
    const { id, key } = await on.make()
    expect((await on.ask(key)).status).toBe(200)
    await on.admin('POST', `/keys/${id}/rotate`, body)
    expect((await on.ask(key)).status).toBe(status)
  })

  test('the second one ends the text before the last', async () => {
    await using on = await stage()
    const { id, key } = await on.make()
    const { key: second } = (await on.admin('POST', `/keys/${id}/rotate`, {})).json() as { key: string }
    const { key: third } = (await on.admin('POST', `/keys/${id}/rotate`, {})).json() as { key: string }
    const statuses = await Promise.all([key, second, third].map(async (text) => (await on.ask(text)).status))
    expect(statuses).toEqual([401, 200, 200])
  })

  test('revoking ends all texts', async () => {
    await using on = await stage()
    const { id, key } = await on.make()
    const { key: second } = (await on.admin('POST', `/keys/${id}/rotate`, {})).json() as { key: string }
    expect((await on.admin('POST', `/keys/${id}/revoke`)).json()).toMatchObject({ status: 'disabled' })
    expect([(await on.ask(key)).status, (await on.ask(second)).status]).toEqual([401, 401])
  })

  test('that nobody sees to ends a key when its time and the grace are over', async () => {
    clock()
    await using on = await stage()
    const { id, key } = await on.make({ rotation: { every: '30d', grace: '2d' } })
    const shown = async () => (await on.admin('GET', `/keys/${id}`)).json()
    expect(await shown()).toMatchObject({
      status: 'active',
      rotationDueAt: '2026-07-01T00:00:00.000Z',
      worksUntil: '2026-07-03T00:00:00.000Z',
    })
    expect((await on.ask(key)).status).toBe(200)
    at(30 * DAY)
    expect(await shown()).toMatchObject({ status: 'rotation-due' })
    expect((await on.ask(key)).status).toBe(200)
    at(32 * DAY)
    expect(await shown()).toMatchObject({ status: 'overdue' })
    expect((await on.ask(key)).status).toBe(401)

    const rotated = (await on.admin('POST', `/keys/${id}/rotate`, {})).json()
    expect(rotated).toMatchObject({ status: 'active', rotationDueAt: '2026-08-02T00:00:00.000Z' })
    expect((await on.ask(String(rotated['key']))).status).toBe(200)
    // What had ended does not begin again.
    expect((await on.ask(key)).status).toBe(401)
  })

  test.each([{ every: '999999999999d' }, { every: '1d', grace: '999999999999d' }, { every: 1e300 }])(
    'as rare as %j is no trouble',
    async (rotation) => {
      await using on = await stage()
      const { id, key } = await on.make({ rotation })
      expect((await on.ask(key)).status).toBe(200)
      expect((await on.admin('POST', `/keys/${id}/rotate`, { grace: '999999999999d' })).status).toBe(200)
      expect((await on.ask(key)).status).toBe(200)
    },
  )

  test('never outlives the end of the key', async () => {
    clock()
    await using on = await stage()
    const { id, key } = await on.make({ expiresAt: '2026-06-01T01:00:00Z', rotation: { every: '30d' } })
    const { key: second } = (await on.admin('POST', `/keys/${id}/rotate`, { grace: '5d' })).json() as { key: string }
    at(3_600_000)
    expect([(await on.ask(key)).status, (await on.ask(second)).status]).toEqual([401, 401])
    expect((await on.admin('GET', `/keys/${id}`)).json()).toMatchObject({ status: 'expired' })
  })
})
