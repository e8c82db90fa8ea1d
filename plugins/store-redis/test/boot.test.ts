import { readFileSync } from 'node:fs'
import { createGateway, definePlugin, GatewayError } from '@sluice/core'
import type { GatewayConfig } from '@sluice/core'
import { createTestGateway, testPlugin } from '@sluice/core/testing'
import { Cache } from '@sluice/store-kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisStore } from '../src/index.ts'
import { eventually } from '@sluice/store-kit/testing'
import { RedisServer } from './support/redis-server.ts'

describe.skipIf(!RedisServer.isInstalled())('a gateway with Redis', async () => {
  const server = await RedisServer.create({ password: 'right-secret' })
  beforeAll(() => server.start())
  afterAll(() => server.stop())

  testPlugin({ test, plugin: redisStore({ url: server.url }) })

  const address = `127.0.0.1:${server.port}`
  test.each<[what: string, options: Parameters<typeof redisStore>[0], text: RegExp]>([
    ['the password is wrong', { url: `redis://:wr0ng-secret@${address}` }, /WRONGPASS/],
    ['there is no password', { url: `redis://${address}` }, /NOAUTH/],
    ['there is no such database', { url: `${server.url}/99` }, /DB index is out of range/],
    ['nobody listens', { url: 'redis://:right-secret@127.0.0.1:1', connectTimeout: '200ms' }, /127\.0\.0\.1:1 .*ECONN/],
    ['it has no TLS', { url: server.url.replace('redis', 'rediss'), connectTimeout: '200ms' }, /cannot be used/],
    ['the url is none', { url: 'wr0ng-secret' }, /url: must be of the form redis:/],
    ['it is another database', { url: 'mysql://:wr0ng-secret@h' }, /url: must be of the form redis:/],
    ['a certificate cannot be read', { url: 'rediss://h', tls: { ca: '/nowhere/ca.pem' } }, /tls\.ca: .*ENOENT/],
  ])('does not boot if %s, says so at once, and says no password', async (_what, options, text) => {
    const lines: string[] = []
    const start = performance.now()
    const error: unknown = await createGateway(
      { plugins: [redisStore(options)] },
      { destination: { write: (line) => void lines.push(line) } },
    ).catch((thrown: unknown) => thrown)
    if (!GatewayError.is(error)) throw new Error('it booted')
    expect(error.code).toBe('config_invalid')
    expect(error.message).toMatch(text)
    expect(performance.now() - start).toBeLessThan(1500)
    expect(`${error.message} ${lines.join('')}`).not.toMatch(/wr0ng-secret|right-secret/)
  })

  test('takes a password that is not in the url', async () => {
    const plugin = redisStore({ url: `redis://${address}`, password: 'right-secret' })
    await (await createTestGateway({ plugins: [plugin] })).close()
  })

  test('waits at boot for one that is starting', async () => {
    await using late = await RedisServer.create()
    const booting = createTestGateway({ plugins: [redisStore({ url: late.url })] })
    await late.start()
    await (await booting).close()
  })

  test('boots without it if it is not required, and uses it when it is there', async () => {
    await using late = await RedisServer.create()
    const { cache, config } = using(redisStore({ url: late.url, required: false }))
    await using gateway = await createTestGateway(config)
    await expect(cache().get('a')).rejects.toMatchObject({ code: 'overloaded' })
    await late.start()
    expect(await eventually(() => cache().set('a', Buffer.from('x'), 1000))).toBeLessThan(1000)
    await gateway.close()
  })

  test('over TLS, trusts whom it is told to, by the name it is told', async () => {
    await using secure = await RedisServer.create({ tls: 'database.test' })
    await secure.start()
    const url = secure.url
    const ca = secure.certificate!
    const boot = async (tls: object): Promise<void> => {
      await (await createTestGateway({ plugins: [redisStore({ url, tls, connectTimeout: '200ms' })] })).close()
    }
    await boot({ ca, serverName: 'database.test' })
    await boot({ ca: readFileSync(ca, 'utf8'), serverName: 'database.test' })
    await boot({ verify: false })
    for (const tls of [{}, { ca }, { ca, serverName: 'other.test' }, { serverName: 'database.test' }]) {
      await expect(boot(tls)).rejects.toMatchObject({ code: 'config_invalid' })
    }
  })

  test('of one that is frozen, does not boot', async () => {
    server.freeze()
    const start = performance.now()
    const booting = createTestGateway({ plugins: [redisStore({ url: server.url, connectTimeout: '200ms' })] })
    await expect(booting).rejects.toMatchObject({ code: 'config_invalid' })
    expect(performance.now() - start).toBeLessThan(1500)
    server.thaw()
  })
})

/** A gateway with the plugin, and the cache that it provides. */
function using(plugin: ReturnType<typeof redisStore>): { config: GatewayConfig; cache: () => Cache } {
  let cache: Cache | undefined
  const user = definePlugin({
    name: 'test-user',
    version: '1.0.0',
    api: 1,
    requires: [Cache],
    setup: ({ get }) => void (cache = get(Cache)),
  })
  return { config: { plugins: [plugin, user()] }, cache: () => cache! }
}
