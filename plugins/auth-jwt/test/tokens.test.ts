import { generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setUp } from './support/setting.ts'
import type { Setting } from './support/setting.ts'
import { AUDIENCE } from './support/issuer.ts'

const now = (): number => Math.floor(Date.now() / 1000)
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a JWT', () => {
  let setting: Setting
  beforeAll(async () => {
    setting = await setUp(() => ({ typ: 'at+jwt', requiredClaims: ['client_id'] }))
  })
  afterAll(() => setting[Symbol.asyncDispose]())
  const good = () => ({ exp: now() + 60, client_id: 'app' })

  test('that the issuer gave out makes a principal', async () => {
    const { status, principal } = await setting.call(await setting.issuer.token())
    expect(status).toBe(200)
    expect(principal).toMatchObject({ id: 'auth-jwt:app', name: 'app', user: 'app', roles: [] })
    expect(principal!.scopes).toEqual([{ kind: 'user', id: 'app', sections: {} }])
  })

  test('that is as it must be is taken: what follows is refused for what is wrong with it', async () => {
    expect((await setting.call(await setting.issuer.forge(good()))).status).toBe(200)
  })

  test.each([
    ['has expired', { exp: now() - 60 }, {}],
    ['never expires', { exp: undefined }, {}],
    ['is not valid yet', { nbf: now() + 120 }, {}],
    ['is for somebody else', { aud: 'https://other.example' }, {}],
    ['is for nobody', { aud: undefined }, {}],
    ['is of another issuer', { iss: 'https://other.example' }, {}],
    ['lacks a claim that is required', { client_id: undefined }, {}],
    ['has no subject', { sub: '', client_id: '' }, {}],
    ['is of another kind', {}, { typ: 'JWT' }],
    ['has an extension that nobody knows', {}, { crit: ['x'], x: 'y' }],
    ['is signed with a key that nobody knows', {}, { kid: 'unheard-of' }],
  ])('that %s is refused', async (_, claims, header) => {
    const token = await setting.issuer.forge({ ...good(), ...claims } as never, header as never).catch(() => '')
    const sent = token === '' ? `${part({ alg: 'RS256', ...header })}.${part({ iss: setting.issuer.url })}.c2ln` : token
    expect(await setting.call(sent)).toMatchObject({ status: 401, code: 'invalid_api_key' })
  })

  test('that is signed with another key under a known name is refused', async () => {
    const { privateKey } = await generateKeyPair('RS256')
    const token = await setting.issuer.forge(good(), {}, privateKey)
    expect(await setting.call(token)).toMatchObject({ status: 401, code: 'invalid_api_key' })
  })

  test('without a signature is refused, whatever its header says', async () => {
    const { url, key } = setting.issuer
    const body = part({ iss: url, aud: AUDIENCE, sub: 'app', ...good() })
    for (const alg of ['none', 'None', 'HS256', ''])
      for (const signature of ['', 'c2lnbmF0dXJl']) {
        const token = `${part({ alg, kid: key().kid, typ: 'at+jwt' })}.${body}.${signature}`
        expect(await setting.call(token)).toMatchObject({ status: 401, code: 'invalid_api_key' })
      }
  })

  test('that is signed with the public key as if it were a secret is refused', async () => {
    const { key, url } = setting.issuer
    const { createHmac } = await import('node:crypto')
    const head = part({ alg: 'HS256', kid: key().kid, typ: 'at+jwt' })
    const body = part({ iss: url, aud: AUDIENCE, sub: 'app', ...good() })
    const signature = createHmac('sha256', JSON.stringify(key().public)).update(`${head}.${body}`).digest('base64url')
    expect(await setting.call(`${head}.${body}.${signature}`)).toMatchObject({ status: 401 })
  })

  test('that was changed in one letter is refused', async () => {
    const token = await setting.issuer.token()
    const [head, body, signature] = token.split('.') as [string, string, string]
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
    for (const changed of [
      `${head}.${part({ ...claims, sub: 'root' })}.${signature}`,
      `${head}.${body}.${signature.slice(0, -4)}AAAA`,
      `${head}.${body}.`,
    ])
      expect(await setting.call(changed)).toMatchObject({ status: 401, code: 'invalid_api_key' })
  })

  test('is checked against the clock with some patience', async () => {
    const late = await setting.issuer.forge({ ...good(), exp: now() - 10, nbf: now() + 10 })
    expect((await setting.call(late)).status).toBe(200)
  })

  test('is refused in the same words, whatever is wrong with it', async () => {
    const tokens = [
      await setting.issuer.forge({ ...good(), exp: now() - 60 }),
      await setting.issuer.forge({ ...good(), iss: 'https://other.example' }),
      'not a token'.replaceAll(' ', '-'),
    ]
    const texts = await Promise.all(
      tokens.map(async (token) => {
        const reply = await setting.gateway.request('/who', { headers: { authorization: `Bearer ${token}` } })
        return (reply.json() as { error: { message: string } }).error.message
      }),
    )
    expect(new Set(texts).size).toBe(1)
  })

  test('never stands in the log', async () => {
    const token = await setting.issuer.forge({ ...good(), exp: now() - 60 })
    await setting.call(token)
    expect(setting.gateway.log.find(({ reason }) => reason === 'ERR_JWT_EXPIRED')).toBeDefined()
    expect(setting.gateway.log.text()).not.toContain(token.split('.')[2])
  })
})

describe('a good token', () => {
  test('is checked once', async () => {
    await using setting = await setUp()
    const token = await setting.issuer.token()
    expect((await setting.call(token)).status).toBe(200)
    await setting.issuer.rotate()
    setting.issuer.fail('', (_, response) => void response.destroy())
    expect((await setting.call(token)).status).toBe(200)
  })

  test('is checked again when it is no longer remembered', async () => {
    await using setting = await setUp(() => ({ cacheTtl: '1ms', keysTtl: 0, keysGrace: 0 }))
    const token = await setting.issuer.token()
    expect((await setting.call(token)).status).toBe(200)
    await setting.issuer.rotate()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect((await setting.call(token)).status).toBe(401)
  })

  test('is no longer good once it has expired', async () => {
    await using setting = await setUp(() => ({ clockSkew: 0 }))
    const token = await setting.issuer.forge({ exp: now() + 1 })
    expect((await setting.call(token)).status).toBe(200)
    await expect.poll(async () => (await setting.call(token)).status, { timeout: 3000 }).toBe(401)
  })
})

describe('what is no token', () => {
  test.each([undefined, 'sk-some-key', 'eyJ', 'ey.a.b', 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln'])(
    'is left to others: %s',
    async (token) => {
      await using setting = await setUp()
      expect(await setting.call(token)).toMatchObject({ status: 401, code: 'invalid_api_key' })
      expect(setting.gateway.log.find(({ msg }) => msg === 'an access token was refused')).toBeUndefined()
    },
  )
})
