import type { GatewayError, WireReply, WireRequest } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { withApiKeys } from '../src/index.ts'

const OK: WireReply = { status: 200, headers: {} }
const refused = (status: number, headers = {}): WireReply => ({ status, headers })

/** A provider each of whose keys answers as the script says; `sent` tells which were used. */
function setUp(keys: Parameters<typeof withApiKeys>[0], script: { [key: string]: WireReply }) {
  const sent: string[] = []
  const clock = { now: 1_000_000 }
  const make = (key: string) => ({
    provider: {
      kind: 'wire' as const,
      dialect: 'openai-chat',
      address: 'http://upstream',
      send: () => {
        sent.push(key)
        return { reply: Promise.resolve(script[key] ?? OK), abort: (_reason: GatewayError) => undefined }
      },
    },
    close: async () => undefined,
  })
  const { provider } = withApiKeys(keys, make, () => clock.now)
  const request = { body: Buffer.from('{}'), stream: false } as WireRequest
  return {
    provider,
    sent,
    clock,
    script,
    ask: async (body = request.body) => provider.send({ ...request, body }).reply,
  }
}

describe('several credentials', () => {
  test('share the requests by weight', async () => {
    const { ask, sent } = setUp(['a', { key: 'b', weight: 3 }], {})
    for (let i = 0; i < 2000; i++) await ask()
    const share = sent.filter((key) => key === 'b').length / sent.length
    expect(share).toBeGreaterThan(0.7)
    expect(share).toBeLessThan(0.8)
  })

  test.each([401, 403, 429])(
    'one that is answered with %i is followed by another at once, and rests',
    async (status) => {
      const { ask, sent } = setUp([{ key: 'bad', weight: 1e9 }, 'good'], { bad: refused(status) })
      expect(await ask()).toBe(OK)
      expect(await ask()).toBe(OK)
      expect(sent).toEqual(['bad', 'good', 'good'])
    },
  )

  test('one that has no quota is used again when the upstream said', async () => {
    const { ask, sent, clock, script } = setUp([{ key: 'a', weight: 1e9 }, 'b'], {
      a: refused(429, { 'retry-after': '7' }),
    })
    await ask()
    script['a'] = OK
    clock.now += 6_999
    await ask()
    clock.now += 1
    await ask()
    expect(sent).toEqual(['a', 'b', 'b', 'a'])
  })

  test('each is tried once; the last refusal is the answer, and the first to be back is asked next time', async () => {
    const { ask, sent } = setUp(['a', 'b', 'c'], {
      a: refused(401),
      b: refused(429, { 'retry-after': '2' }),
      c: refused(429, { 'retry-after': '60' }),
    })
    const { status } = await ask()
    expect([401, 429]).toContain(status)
    expect(sent.toSorted()).toEqual(['a', 'b', 'c'])
    await ask()
    expect(sent[3]).toBe('b')
  })

  test('other failures of the upstream are no matter of the credential', async () => {
    const { ask, sent } = setUp([{ key: 'a', weight: 1e9 }, 'b'], { a: refused(500) })
    expect((await ask()).status).toBe(500)
    expect(sent).toEqual(['a'])
  })

  test('a body that streams by is sent once', async () => {
    const { ask, sent } = setUp([{ key: 'a', weight: 1e9 }, 'b'], { a: refused(401) })
    const body = (async function* () {
      yield Buffer.from('x')
    })()
    expect((await ask(body as never)).status).toBe(401)
    expect(sent).toEqual(['a'])
  })
})
