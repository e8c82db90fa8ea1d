import { describe, expect, test } from 'vitest'
import { refusal, stage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'
import { TestStore } from './support/test-store.ts'

/** Two gateways that share a store. */
async function pair(store: TestStore): Promise<[first: Stage, second: Stage]> {
  return [await stage({ store: store.plugin() }), await stage({ store: store.plugin() })]
}

describe('of two gateways with one store', () => {
  test.each([true, false])('the other one takes a new key at once, told of it or not (%s)', async (tells) => {
    const store = new TestStore()
    store.tells = tells
    const [first, second] = await pair(store)
    await using _ = first
    await using __ = second
    const { key } = await first.make()
    expect((await second.ask(key)).status).toBe(200)
  })

  test('the other one refuses a key that was revoked, deleted, restricted or rotated without grace', async () => {
    const [first, second] = await pair(new TestStore())
    await using _ = first
    await using __ = second
    const changes = [
      (id: string) => first.admin('POST', `/keys/${id}/revoke`),
      (id: string) => first.admin('DELETE', `/keys/${id}`),
      (id: string) => first.admin('PATCH', `/keys/${id}`, { models: ['large'] }),
      (id: string) => first.admin('POST', `/keys/${id}/rotate`, { grace: 0 }),
    ]
    const statuses: number[] = []
    for (const change of changes) {
      const { id, key } = await first.make()
      expect((await second.ask(key)).status).toBe(200)
      await change(id)
      statuses.push((await second.ask(key)).status)
    }
    expect(statuses).toEqual([401, 401, 403, 401])
  })

  test('what changed unseen is seen when the store says that anything may have', async () => {
    const store = new TestStore()
    const [first, second] = await pair(store)
    await using _ = first
    await using __ = second
    const [revoked, deleted, kept] = [await first.make(), await first.make(), await first.make()]
    for (const { key } of [revoked, deleted, kept]) expect((await second.ask(key)).status).toBe(200)
    store.tells = false
    await first.admin('POST', `/keys/${revoked.id}/revoke`)
    await first.admin('DELETE', `/keys/${deleted.id}`)
    store.tellAll()
    await expect.poll(async () => (await second.ask(revoked.key)).status).toBe(401)
    expect([(await second.ask(deleted.key)).status, (await second.ask(kept.key)).status]).toEqual([401, 200])
  })
})

test('what changes unseen while all keys are read is seen by another reading', async () => {
  const store = new TestStore()
  await using on = await stage({ store: store.plugin() })
  const { id, key } = await on.make()
  expect((await on.ask(key)).status).toBe(200)
  store.tells = false
  const list = store.list.bind(store)
  const passed = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  store.list = async (...given) => {
    const page = await list(...given)
    passed.resolve()
    await held.promise
    return page
  }
  store.tellAll()
  await passed.promise
  await store.put('keys', id, { ...(await store.get('keys', id)), disabled: true })
  for (let event = 0; event < 100; event++) store.tellAll()
  store.calls.length = 0
  held.resolve()
  await expect.poll(async () => (await on.ask(key)).status).toBe(401)
  expect(store.taken('list')).toHaveLength(1)
})

describe('a store that is out of reach', () => {
  test.each(['down', 'frozen'] as const)(
    '(%s) leaves known keys working, and says of others that it cannot tell',
    async (mode) => {
      const store = new TestStore()
      await using on = await stage({ store: store.plugin(), options: { storeTimeout: '50ms' } })
      const known = await on.make()
      const disabled = await on.make({ disabled: true })
      expect((await on.ask(known.key)).status).toBe(200)
      const near = `${(await on.make()).key.slice(0, 22)}${'0'.repeat(36)}`
      store.mode = mode
      expect((await on.ask(known.key)).status).toBe(200)
      const refusals = await Promise.all(
        [near, `sk-sluice-${'0'.repeat(48)}`, disabled.key].map(async (key) => refusal(await on.ask(key))),
      )
      for (const each of refusals) {
        expect(each).toMatchObject({
          status: 503,
          headers: { 'retry-after': '1' },
          text: expect.stringContaining('overloaded'),
        })
        expect(each).toEqual(refusals[0])
      }
      expect((await on.admin('GET', '/keys')).status).toBe(503)
      store.mode = 'up'
      await expect.poll(async () => (await on.ask(near)).status, { timeout: 3000 }).toBe(401)
    },
  )

  test('keeps no gateway from starting, which reads the keys when it is back', async () => {
    const store = new TestStore()
    const { key } = await (async () => {
      await using on = await stage({ store: store.plugin() })
      return await on.make()
    })()
    store.mode = 'down'
    await using on = await stage({ store: store.plugin() })
    expect((await on.ask(key)).status).toBe(503)
    expect(on.gateway.log.find(({ level, plugin }) => level === 'error' && plugin === 'auth-keys')).toBeDefined()
    store.mode = 'up'
    await expect.poll(async () => (await on.ask(key)).status, { timeout: 3000 }).toBe(200)
  })

  test('costs a reload no known key', async () => {
    const store = new TestStore()
    await using on = await stage({ store: store.plugin() })
    const { key } = await on.make()
    expect((await on.ask(key)).status).toBe(200)
    store.mode = 'down'
    await on.gateway.gateway.refresh()
    expect((await on.ask(key)).status).toBe(200)
  })

  test('makes a key that changed meanwhile unusable, rather than usable as it was', async () => {
    const store = new TestStore()
    await using on = await stage({ store: store.plugin() })
    const { id, key } = await on.make()
    expect((await on.ask(key)).status).toBe(200)
    await store.put('keys', id, { ...(await store.get('keys', id)), disabled: true })
    store.mode = 'down'
    expect((await on.ask(key)).status).toBe(503)
  })
})

test('records that say nothing usable are keys that nobody has', async () => {
  const store = new TestStore()
  await using on = await stage({ store: store.plugin() })
  const { id, key } = await on.make()
  const good = await store.get('keys', id)
  const bad = [
    {},
    { ...good, hash: 7 },
    { ...good, hash: 'short' },
    { ...good, roles: null },
    { ...good, expiresAt: 'never' },
    { ...good, previous: { hash: '', until: '' } },
    { ...good, ips: ['nowhere'] },
  ]
  for (const value of bad) {
    await store.put('keys', id, value)
    expect([value, (await on.ask(key)).status]).toEqual([value, 401])
  }
  await store.put('keys', id, good!)
  expect((await on.ask(key)).status).toBe(200)
})
