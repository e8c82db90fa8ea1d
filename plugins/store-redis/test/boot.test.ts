import { createTestGateway, testPlugin } from '@sluice/core/testing'
import { Cache } from '@sluice/store-kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisStore } from '../src/index.ts'
import { eventually, providedBy, testBoot } from '@sluice/store-kit/testing'
import { RedisServer } from './support/redis-server.ts'

describe.skipIf(!RedisServer.isInstalled())('a gateway with Redis', async () => {
  const server = await RedisServer.create({ password: 'right-secret' })
  beforeAll(() => server.start())
  afterAll(() => server.stop())

  testPlugin({ test, plugin: redisStore({ url: server.url }) })

  const address = `127.0.0.1:${server.port}`
  testBoot({
    test,
    plugin: redisStore,
    server,
    secure: (tls) => RedisServer.create({ tls }),
    secrets: /wr0ng-secret|right-secret/,
    refused: [
      ['the password is wrong', { url: `redis://:wr0ng-secret@${address}` }, /WRONGPASS/],
      ['there is no password', { url: `redis://${address}` }, /NOAUTH/],
      ['there is no such database', { url: `${server.url}/99` }, /DB index is out of range/],
      [
        'nobody listens',
        { url: 'redis://:right-secret@127.0.0.1:1', connectTimeout: '200ms' },
        /127\.0\.0\.1:1 .*ECONN/,
      ],
      ['it has no TLS', { url: server.url.replace('redis', 'rediss'), connectTimeout: '200ms' }, /cannot be used/],
      ['the url is none', { url: 'wr0ng-secret' }, /url: must be of the form redis:/],
      ['it is another database', { url: 'mysql://:wr0ng-secret@h' }, /url: must be of the form redis:/],
      ['a certificate cannot be read', { url: 'rediss://h', tls: { ca: '/nowhere/ca.pem' } }, /tls\.ca: .*ENOENT/],
    ],
  })

  test('takes a password that is not in the url', async () => {
    const plugin = redisStore({ url: `redis://${address}`, password: 'right-secret' })
    await (await createTestGateway({ plugins: [plugin] })).close()
  })

  test('boots without it if it is not required, and uses it when it is there', async () => {
    await using late = await RedisServer.create()
    const { service: cache, config } = providedBy(redisStore({ url: late.url, required: false }), Cache)
    await using gateway = await createTestGateway(config)
    await expect(cache().get('a')).rejects.toMatchObject({ code: 'overloaded' })
    await late.start()
    expect(await eventually(() => cache().set('a', Buffer.from('x'), 1000))).toBeLessThan(1000)
    await gateway.close()
  })
})
