/** Clocks that jump: what ends, what comes back, and that nothing breaks. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { jwtAuth } from '@sluice/auth-jwt'
import type { JsonObject } from '@sluice/core'
import type { TestReply } from '@sluice/core/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openHouse } from './support/house.ts'
import type { House, Made } from './support/house.ts'

const START = Date.parse('2026-06-10T12:00:00Z')
const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000] as const
const ISSUER = 'https://issuer.example'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
let house: House
beforeAll(async () => {
  // Before anything takes hold of the clock.
  vi.useFakeTimers({ toFake: ['Date'], now: START })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'EdDSA' }
  const tokens = jwtAuth({ issuer: ISSUER, audience: ['sluice'], keys: [jwk], defaultRole: 'client', clockSkew: '0s' })
  house = await openHouse({ plugins: [tokens] })
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  vi.useRealTimers()
})

beforeEach(() => at(0))
afterEach(() => {
  expect(house.gateway.log.entries.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([])
})

/** Milliseconds after the start, or before it. */
const at = (offset: number): void => void vi.setSystemTime(START + offset)
const moment = (offset: number): string => new Date(START + offset).toISOString()

async function ask(key: string): Promise<TestReply> {
  const body = { model: 'echo', max_tokens: 16, messages: [{ role: 'user', content: 'Hi' }] }
  return house.call('POST', '/v1/chat/completions', body, key)
}
const status = async (key: string): Promise<number> => (await ask(key)).status

/** The statuses at one moment after another. */
async function statuses(key: string, ...offsets: number[]): Promise<number[]> {
  const found: number[] = []
  for (const offset of offsets) {
    at(offset)
    found.push(await status(key))
  }
  return found
}

describe('a key', () => {
  test('ends when the clock is past its end, and has not ended where the clock is set back', async () => {
    const { key } = await house.make({ expiresAt: moment(HOUR) })
    expect(await statuses(key, 0, HOUR - 1, HOUR, 10 * DAY, HOUR - 1, -DAY)).toEqual([200, 200, 401, 401, 200, 200])
  })

  test('has its text of before for as long as its grace', async () => {
    const { id, key } = await house.make()
    const rotated = (await house.call('POST', `/admin/v1/keys/${id}/rotate`, { grace: '1h' })).json() as Made
    expect(await statuses(key, 0, HOUR - 1, HOUR, HOUR - 1)).toEqual([200, 200, 401, 200])
    expect(await statuses(rotated.key, -DAY, HOUR, 10_000 * DAY)).toEqual([200, 200, 200])
  })

  test('that nobody rotates ends with the grace of its rotation', async () => {
    const { key } = await house.make({ rotation: { every: '1d', grace: '1h' } })
    expect(await statuses(key, DAY, DAY + HOUR - 1, DAY + HOUR, 0)).toEqual([200, 200, 401, 200])
  })
})

test('an access token ends when the clock is past its end, remembered or not', async () => {
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url')
  const claims = { iss: ISSUER, aud: 'sluice', sub: 'ada', exp: (START + HOUR) / SECOND, nbf: START / SECOND }
  const signed = `${part({ alg: 'EdDSA', kid: 'k' })}.${part(claims)}`
  const token = `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
  expect(await statuses(token, 0, HOUR - SECOND, HOUR, HOUR - SECOND)).toEqual([200, 200, 401, 200])
})

describe('a rate limit', () => {
  const limited = (): Promise<Made> => house.make({ limits: { requests: '2/min' } })

  test('is whole again where the clock jumps ahead, and no more than whole', async () => {
    const { key } = await limited()
    expect(await statuses(key, 0, 0, 0)).toEqual([200, 200, 429])
    expect(await statuses(key, DAY, DAY, DAY)).toEqual([200, 200, 429])
  })

  test('keeps nobody out for longer than its span where the clock is set back', async () => {
    const { key } = await limited()
    expect(await statuses(key, 0, 0)).toEqual([200, 200])
    at(-DAY)
    const refused = await ask(key)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(30)
    expect(await statuses(key, -DAY + 30 * SECOND, -DAY + 30 * SECOND, -DAY + MINUTE)).toEqual([200, 429, 200])
  })

  test('on requests at once has nothing to do with clocks', async () => {
    const { key } = await house.make({ limits: { concurrency: 1 } })
    expect(await statuses(key, 0, 100 * DAY, -100 * DAY)).toEqual([200, 200, 200])
  })
})

describe('a budget', () => {
  /** A key with a budget of which not enough is left. */
  const spent = async (period: string): Promise<string> => {
    const { key } = await house.make({ budget: { amount: 0.0001, period } })
    expect(await status(key)).toBe(200)
    for (let asked = 1; (await status(key)) === 200; asked++) expect(asked).toBeLessThan(20)
    return key
  }

  test.each([
    ['day', DAY / 2],
    ['week', 5 * DAY - DAY / 2],
    ['month', 21 * DAY - DAY / 2],
  ])('of a %s starts anew with the next one', async (period, next) => {
    const key = await spent(period)
    expect(await statuses(key, 0, next - 1, next)).toEqual([402, 402, 200])
  })

  test('of a day that the clock is set back in is still spent', async () => {
    const key = await spent('day')
    // That of another day is another one, also if it is the day before.
    expect(await statuses(key, -MINUTE, -DAY / 2, -DAY / 2 - 1, -DAY, 0)).toEqual([402, 402, 200, 200, 402])
  })

  test('for ever is spent for ever', async () => {
    const key = await spent('total')
    expect(await statuses(key, 10_000 * DAY, -10_000 * DAY, 0)).toEqual([402, 402, 402])
  })

  test('of the last days comes back evenly, and not by setting the clock back', async () => {
    const key = await spent('10d')
    expect(await statuses(key, HOUR, -20 * DAY, -20 * DAY + HOUR)).toEqual([402, 402, 402])
    expect(await statuses(key, -15 * DAY)).toEqual([200])
  })
})

test('the trail and the ledger stand, whatever the clock did', async () => {
  const { id, key } = await house.make()
  const offsets = [0, 400 * DAY, -400 * DAY, 20_000 * DAY, -20_000 * DAY, MINUTE]
  for (const offset of offsets) {
    at(offset)
    expect(await status(key)).toBe(200)
    expect((await house.call('PATCH', `/admin/v1/keys/${id}`, { name: `at ${offset}` })).status).toBe(200)
    const readable = ['/admin/v1/keys', '/admin/v1/me', '/admin/v1/audit', '/admin/v1/usage', '/v1/models']
    for (const path of readable) expect([path, (await house.call('GET', path)).status]).toEqual([path, 200])
  }
  expect((await house.call('GET', '/admin/v1/audit/verify')).json()).toMatchObject({ ok: true })
  const from = Date.parse('1970-01-02T00:00:00Z')
  const all = await house.call('GET', `/admin/v1/usage/rows?keyId=${id}&from=${from}&to=${START + 30_000 * DAY}`)
  const rows = all.json()['data'] as (JsonObject & { durationMs: number })[]
  expect(rows).toHaveLength(offsets.length)
  expect(rows.every(({ durationMs }) => durationMs >= 0 && durationMs < MINUTE)).toBe(true)
})
