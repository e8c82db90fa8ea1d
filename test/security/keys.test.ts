/** Keys: what strangers can learn from trying, how soon a revocation counts elsewhere, and very many of them. */
import crypto from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiKeys } from '@sluice/auth-keys'
import { env } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { postgresStore } from '@sluice/store-postgres'
import { sqliteStore } from '@sluice/store-sqlite'
import { describe, expect, test, vi } from 'vitest'
import { PostgresServer } from '../support/postgres-server.ts'
import { openHouse } from './support/house.ts'
import type { House, HouseOptions, Made } from './support/house.ts'
import { storeTap } from './support/store-tap.ts'

const PEPPER = 'a pepper of sufficient length'

/** With keys that all gateways of a test know, in a store of the test's own. */
function keysIn(
  store: NonNullable<HouseOptions['plugins']>[number],
  server: HouseOptions['server'] = {},
): HouseOptions {
  const keys = apiKeys({ adminKey: env('SLUICE_ADMIN_KEY'), pepper: PEPPER, firstKeys: false })
  return { server, without: ['store-sqlite', 'auth-keys'], plugins: [store, keys] }
}

const ask = async (house: House, key: string): Promise<number> =>
  (await house.call('GET', '/v1/models', undefined, key)).status
const near = ({ key }: Made): string => `${key.slice(0, 22)}${'w'.repeat(36)}`

describe('a key that is not good', () => {
  test('costs the same work, whatever is wrong with it', async () => {
    const tap = storeTap(sqliteStore())
    await using house = await openHouse(keysIn(tap.plugin))
    const good = await house.make()
    const disabled = await house.make({ disabled: true })
    const expired = await house.make({ expiresAt: '2020-01-01T00:00:00Z' })
    const rotated = await house.make()
    await house.call('POST', `/admin/v1/keys/${rotated.id}/rotate`, { grace: 0 })
    const deleted = await house.make()
    await house.call('DELETE', `/admin/v1/keys/${deleted.id}`)
    expect(await ask(house, good.key)).toBe(200)

    // What the store says of a key holds for a second.
    const later = performance.now() + 2_000
    vi.useFakeTimers({ toFake: ['performance'] })
    vi.advanceTimersByTime(later)
    const hmac = vi.spyOn(crypto, 'createHmac')
    syncBuiltinESMExports()
    const work = async (key: string): Promise<unknown[]> => {
      tap.calls.length = 0
      hmac.mockClear()
      const status = await ask(house, key)
      // The audit trail takes note of refusals, in its own time.
      const reads = tap.calls.filter((call) => call.endsWith(' keys'))
      return [status, hmac.mock.calls.length, ...reads]
    }
    try {
      const known = [near(good), disabled.key, near(disabled), expired.key, near(expired), rotated.key, near(rotated)]
      const unknown = [deleted.key, near(deleted), `sk-sluice-${'0'.repeat(48)}`, `sk-sluice-${'k'.repeat(48)}`]
      const ids = new Set<string>()
      for (const key of [...known, ...unknown]) {
        const id = key.slice(10, 22)
        expect([key, await work(key)]).toEqual([key, [401, 1, ...(ids.has(id) ? [] : ['find keys'])]])
        ids.add(id)
      }
      expect(ids.size).toBe(7)
      expect(await work(good.key)).toEqual([200, 0])
    } finally {
      hmac.mockRestore()
      syncBuiltinESMExports()
      vi.useRealTimers()
    }
  })
})

describe.skipIf(!PostgresServer.isInstalled())('of two gateways that share PostgreSQL', () => {
  test('the second refuses a key that the first has revoked, within a second', async () => {
    await using server = await PostgresServer.create()
    await server.start()
    const open = () => openHouse(keysIn(postgresStore({ url: server.url })))
    const [first, second] = await Promise.all([open(), open()])
    await using _ = first
    await using __ = second
    const ends: [how: string, path: (id: string) => [method: string, path: string, body?: JsonObject]][] = [
      ['revoked', (id) => ['POST', `/admin/v1/keys/${id}/revoke`]],
      ['deleted', (id) => ['DELETE', `/admin/v1/keys/${id}`]],
      ['rotated', (id) => ['POST', `/admin/v1/keys/${id}/rotate`, { grace: 0 }]],
      ['disabled', (id) => ['PATCH', `/admin/v1/keys/${id}`, { disabled: true }]],
    ]
    for (const [how, end] of ends) {
      const { id, key } = await first.make()
      expect([how, await ask(second, key)]).toEqual([how, 200])
      expect((await first.call(...end(id))).status).toBeLessThan(300)
      expect([how, await ask(first, key)]).toEqual([how, 401])
      await expect.poll(() => ask(second, key), { timeout: 1_000, interval: 10 }).toBe(401)
    }
  })
})

test('with 100,000 keys in SQLite, a gateway boots and knows them', async () => {
  const data = mkdtempSync(join(tmpdir(), 'sluice-keys-'))
  try {
    const tap = storeTap(sqliteStore())
    let made: Made
    {
      await using house = await openHouse(keysIn(tap.plugin, { data }))
      made = await house.make()
      const record = (await tap.store.get('keys', made.id))!
      const ids = Array.from({ length: 100_000 - 1 }, (_, index) => `key_${String(index).padStart(12, '0')}`)
      const hash = Buffer.alloc(32, 7).toString('base64')
      while (ids.length > 0)
        await Promise.all(ids.splice(-10_000).map((id) => tap.store.put('keys', id, { ...record, hash })))
    }
    await using house = await openHouse(keysIn(sqliteStore(), { data }))
    expect(house.gateway.log.entries).toEqual([])
    expect(await ask(house, made.key)).toBe(200)
    expect(await ask(house, near(made))).toBe(401)
    expect(await ask(house, `sk-sluice-${'0'.repeat(48)}`)).toBe(401)
    const page = (await house.call('GET', '/admin/v1/keys?limit=200')).json() as { data: JsonObject[]; next: string }
    expect([page.data.length, typeof page.next]).toEqual([200, 'string'])
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
})
