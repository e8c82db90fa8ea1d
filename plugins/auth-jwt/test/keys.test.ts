import type { ServerResponse as Answer } from 'node:http'
import { generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import { setUp } from './support/setting.ts'

const exp = (): number => Math.floor(Date.now() / 1000) + 60

describe("the issuer's keys", () => {
  test('are found where its OpenID configuration says, and fetched once', async () => {
    await using setting = await setUp()
    const tokens = await Promise.all(
      Array.from({ length: 5 }, () => setting.issuer.forge({ exp: exp(), jti: crypto.randomUUID() })),
    )
    const replies = await Promise.all(tokens.map((token) => setting.call(token)))
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(setting.issuer.count('/jwks')).toBe(1)
    expect(setting.issuer.count('openid-configuration')).toBe(1)
  })

  test('are fetched before anybody asks', async () => {
    await using setting = await setUp()
    await expect.poll(() => setting.issuer.count('/jwks')).toBe(1)
  })

  test('are taken from a stated address without looking further', async () => {
    await using setting = await setUp(({ url }) => ({ jwksUrl: `${url}/jwks` }))
    expect((await setting.call(await setting.issuer.token())).status).toBe(200)
    expect(setting.issuer.count('openid-configuration')).toBe(0)
  })

  test('may stand in the config; the issuer is then asked nothing', async () => {
    await using setting = await setUp((issuer) => ({ keys: [issuer.key().public] }))
    expect((await setting.call(await setting.issuer.forge({ exp: exp() }))).status).toBe(200)
    await setting.issuer.rotate()
    expect((await setting.call(await setting.issuer.forge({ exp: exp() }))).status).toBe(401)
    expect(setting.issuer.asked).toEqual([])
  })

  test('are fetched anew when a token names one that nobody knows', async () => {
    await using setting = await setUp(() => ({ keysCooldown: 0 }))
    expect((await setting.call(await setting.issuer.token())).status).toBe(200)
    await setting.issuer.rotate()
    expect((await setting.call(await setting.issuer.token())).status).toBe(200)
    expect(setting.issuer.count('/jwks')).toBe(2)
  })

  test('are not fetched for each token that names one that nobody knows', async () => {
    await using setting = await setUp()
    expect((await setting.call(await setting.issuer.token())).status).toBe(200)
    for (let index = 0; index < 20; index++) {
      const token = await setting.issuer.forge({ exp: exp() }, { kid: `made-up-${index}` })
      expect(await setting.call(token)).toMatchObject({ status: 401, code: 'invalid_api_key' })
    }
    expect(setting.issuer.count('/jwks')).toBe(1)
  })

  test('are told apart without a name, too', async () => {
    const { privateKey } = await generateKeyPair('RS256')
    await using setting = await setUp((issuer) => {
      const { kid: _, ...key } = issuer.key().public
      return {
        keys: [
          { ...key, kid: 'one' },
          { ...key, kid: 'two' },
        ],
      }
    })
    const forge = (key?: typeof privateKey) => setting.issuer.forge({ exp: exp() }, { kid: undefined } as never, key)
    expect((await setting.call(await forge())).status).toBe(200)
    expect((await setting.call(await forge(privateKey))).status).toBe(401)
  })

  test('hold over a reload while the issuer cannot be reached', async () => {
    await using setting = await setUp()
    expect((await setting.call(await setting.issuer.token())).status).toBe(200)
    const token = await setting.issuer.token()
    setting.issuer.fail('', (_, response) => void response.destroy())
    await setting.gateway.gateway.refresh()
    expect((await setting.call(token)).status).toBe(200)
  })
})

describe('while the issuer is in trouble', () => {
  test.each([
    ['closes the connection', (_: unknown, response: { destroy(): void }) => response.destroy()],
    ['answers 500', (_: unknown, response: Answer) => response.writeHead(500).end('{}')],
    ['redirects', (_: unknown, response: Answer) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['answers with no JSON', (_: unknown, response: Answer) => response.writeHead(200).end('<html>')],
    ['answers with no keys', (_: unknown, response: Answer) => response.writeHead(200).end('{"keys":"none"}')],
    ['never answers', () => undefined],
    ['never ends', (_: unknown, response: Answer) => void response.writeHead(200).write('{"keys":[')],
  ])('that %s, a token is neither good nor bad', async (_, failure) => {
    await using setting = await setUp(() => ({ timeout: '100ms' }))
    setting.issuer.fail('', failure)
    const token = await setting.issuer.forge({ exp: exp() })
    const reply = await setting.call(token)
    expect(reply).toMatchObject({ status: 503, code: 'overloaded', headers: { 'retry-after': '1' } })
  })

  test('an answer of 50 MB is read no further than any set of keys is long', async () => {
    await using setting = await setUp(() => ({ timeout: '10s' }))
    let sent = 0
    setting.issuer.fail('/jwks', (_, response) => {
      const more = (): void => {
        while (sent < 50e6 && !response.destroyed && response.write(' '.repeat(65_536))) sent += 65_536
      }
      response.on('drain', more).writeHead(200)
      more()
    })
    expect(await setting.call(await setting.issuer.forge({ exp: exp() }))).toMatchObject({ status: 503 })
    expect(sent).toBeLessThan(10e6)
  })

  test('it is tried again before long', async () => {
    await using setting = await setUp()
    setting.issuer.fail('', (_, response) => void response.destroy())
    const token = await setting.issuer.forge({ exp: exp() })
    expect((await setting.call(token)).status).toBe(503)
    setting.issuer.fail('', undefined)
    await expect.poll(async () => (await setting.call(token)).status, { timeout: 3000 }).toBe(200)
  })

  test('known keys go on for a while', async () => {
    await using setting = await setUp(() => ({ keysTtl: 0 }))
    expect((await setting.call(await setting.issuer.forge({ exp: exp() }))).status).toBe(200)
    setting.issuer.fail('', (_, response) => void response.destroy())
    for (const jti of ['a', 'b', 'c'])
      expect((await setting.call(await setting.issuer.forge({ exp: exp(), jti }))).status).toBe(200)
  })

  test('known keys are given up after that while', async () => {
    await using setting = await setUp(() => ({ keysTtl: 0, keysGrace: '1ms' }))
    expect((await setting.call(await setting.issuer.forge({ exp: exp() }))).status).toBe(200)
    setting.issuer.fail('', (_, response) => void response.destroy())
    await new Promise((resolve) => setTimeout(resolve, 5))
    const reply = await setting.call(await setting.issuer.forge({ exp: exp(), jti: 'a' }))
    expect(reply).toMatchObject({ status: 503, code: 'overloaded' })
  })

  test('a token that names an unknown key is not called bad', async () => {
    await using setting = await setUp(() => ({ keysCooldown: 0 }))
    expect((await setting.call(await setting.issuer.token())).status).toBe(200)
    setting.issuer.fail('/jwks', (_, response) => void response.destroy())
    const token = await setting.issuer.forge({ exp: exp() }, { kid: 'new' })
    expect((await setting.call(token)).status).toBe(503)
    expect((await setting.call(token)).status).toBe(503)
    const known = await setting.issuer.forge({ exp: exp() })
    expect((await setting.call(known)).status).toBe(200)
  })

  test('it is not asked once more for each request', async () => {
    await using setting = await setUp()
    setting.issuer.fail('', (_, response) => void response.destroy())
    const token = await setting.issuer.forge({ exp: exp() })
    await setting.call(token)
    const before = setting.issuer.asked.length
    for (let index = 0; index < 20; index++) expect((await setting.call(token)).status).toBe(503)
    expect(setting.issuer.asked.length - before).toBeLessThanOrEqual(1)
  })

  test('the gateway boots, and says so once', async () => {
    await using setting = await setUp(() => ({ issuer: 'http://127.0.0.1:1' }))
    await expect.poll(() => setting.gateway.log.entries.filter(({ level }) => level === 'error').length).toBe(1)
  })

  test('a configuration of another issuer is none', async () => {
    await using setting = await setUp()
    setting.issuer.fail('openid-configuration', (_, response) => {
      response.end(JSON.stringify({ issuer: 'https://other.example', jwks_uri: `${setting.issuer.url}/jwks` }))
    })
    expect((await setting.call(await setting.issuer.forge({ exp: exp() }))).status).toBe(503)
  })
})
