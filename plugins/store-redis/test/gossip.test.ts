import type { Logger } from '@sluice/core'
import { eventually } from '@sluice/store-kit/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RedisLink } from '../src/link.ts'
import { RedisGossip } from '../src/redis-gossip.ts'
import { RedisServer } from './support/redis-server.ts'

const log = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined }

describe.skipIf(!RedisServer.isInstalled())('messages over Redis', async () => {
  const server = await RedisServer.create()
  beforeAll(() => server.start())
  afterAll(() => server.stop())

  /** A process with `Gossip`, and what it heard of the topic `t`. */
  const member = async (prefix = 'test:') => {
    const options = { url: new URL(server.url), connectTimeout: 2_000, tls: undefined }
    const link = new RedisLink({ ...options, deadline: 200 }, log as unknown as Logger)
    await link.opened()
    const gossip = new RedisGossip(link, prefix, options, log as unknown as Logger)
    const heard: unknown[] = []
    const leave = gossip.subscribe('t', (data) => heard.push(data))
    const close = (): void => {
      gossip.close()
      link.close()
    }
    return { gossip, link, heard, leave, [Symbol.dispose]: close }
  }
  type Member = Awaited<ReturnType<typeof member>>

  /** Speaks until it is heard: nobody says when listening has begun. */
  const say = (from: Member, to: Member, data: unknown) =>
    eventually(async () => {
      from.gossip.publish('t', data)
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(to.heard).toContainEqual(data)
    })

  test('reach all listeners of the topic, the speaker too, and nobody else', async () => {
    using a = await member()
    using b = await member()
    using stranger = await member('other:')
    await say(a, b, { n: 1 })
    await say(a, a, { n: 2 })
    a.gossip.publish('another', { n: 3 })
    await say(b, a, { n: 4 })
    expect(a.heard).not.toContainEqual({ n: 3 })
    expect(stranger.heard).toEqual([])
  })

  test('come in the order in which they were said', async () => {
    using a = await member()
    using b = await member()
    await say(a, b, 'begin')
    for (let n = 0; n < 100; n++) a.gossip.publish('t', n)
    await say(a, b, 'end')
    const numbers = b.heard.filter((data) => typeof data === 'number')
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, n) => n))
  })

  test('end for those who leave', async () => {
    using a = await member()
    using b = await member()
    await say(a, b, 1)
    b.leave()
    await say(a, a, 2)
    expect(b.heard).not.toContain(2)
  })

  test('that are none, and listeners that throw, disturb nobody', async () => {
    using a = await member()
    await say(a, a, 'ready')
    a.gossip.subscribe('t', () => {
      throw new Error('no')
    })
    for (const text of ['', '{', '{"t":1}', '[]', '[["t"],1]', 'null', '[1,2]'])
      await a.link.send(['PUBLISH', 'test:gossip', text])
    await say(a, a, 'still here')
  })

  test('go on when Redis is back', async () => {
    using a = await member()
    using b = await member()
    await say(a, b, 'before')
    await server.kill()
    a.gossip.publish('t', 'lost')
    await server.start()
    await say(a, b, 'after')
    expect(b.heard).not.toContain('lost')
  })
})
