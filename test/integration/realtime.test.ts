/** Sessions of the Realtime API through the gateway, with the official SDK and others as clients. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { refusedUrl } from '@sluice/core/testing'
import OpenAI from 'openai'
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket'
import { OpenAIRealtimeWS } from 'openai/realtime/ws'
import { describe, expect, test, vi } from 'vitest'
import { exchangeBytes } from './support/client.ts'
import { door, Refusal, refusing, responseDone, setUpRealtime } from './support/realtime.ts'
import type { Peer, RealtimeSetting } from './support/realtime.ts'
import { eventually, observer, tapping } from './support/setting.ts'
import type { StreamPart } from '@sluice/core'

const MB = 1024 * 1024
const AT = '/v1/realtime?model=m'

/** An upstream's consent, for clients that do not check it. */
const OPEN = 'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n'

/** What refuses a session. */
async function refusal(session: Promise<unknown>): Promise<Refusal> {
  const thrown: unknown = await session.then(
    () => 'it was opened',
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(Refusal)
  return thrown as Refusal
}

/** An open session from both its ends. */
async function session(setting: RealtimeSetting, path?: string): Promise<[client: Peer, upstream: Peer]> {
  const client = await setting.connect(path)
  return [client, await setting.upstream.at(setting.upstream.requests.length - 1)]
}

/** A handshake by hand, and the connection behind it. */
async function handshake(setting: RealtimeSetting, more = '', path = AT): Promise<{ socket: Socket; head: string }> {
  const socket = connect(Number(new URL(setting.gateway.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(
    `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
      `sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`,
  )
  const [head] = (await once(socket, 'data')) as [Buffer]
  return { socket, head: head.toString('latin1') }
}

describe("OpenAI's SDK", () => {
  const clientOf = ({ gateway }: RealtimeSetting, apiKey = 'gateway-key'): OpenAI =>
    new OpenAI({ apiKey, baseURL: `${gateway.url}/v1` })
  const port = ({ gateway }: RealtimeSetting): number => Number(new URL(gateway.url).port)

  test('over ws, with headers: a session from its first to its last event', async () => {
    await using setting = await setUpRealtime({ plugins: [door()] })
    // The SDK insists on TLS, which is left out below it.
    const options = { createConnection: () => connect(port(setting), '127.0.0.1') }
    const sdk = new OpenAIRealtimeWS({ model: 'm', options }, clientOf(setting))
    const events: unknown[] = []
    sdk.on('event', ({ type }) => void events.push(type)).on('error', (error) => void events.push(error))
    const upstream = await setting.upstream.at()
    upstream.send({ type: 'session.created', event_id: 'event_0', session: {} })
    await eventually(() => events.length === 1)
    sdk.send({ type: 'response.create' })
    expect(await upstream.nextEvent()).toEqual({ type: 'response.create' })
    upstream.send(responseDone(10, 5))
    await eventually(() => events.length === 2)
    sdk.close({ code: 1000, reason: 'enough' })
    expect(await upstream.closed).toEqual({ code: 1000, reason: 'enough' })
    expect(events).toEqual(['session.created', 'response.done'])
    expect(await setting.ends.at(0)).toMatchObject({
      outcome: 'ok',
      operation: 'realtime',
      model: 'm',
      principal: { id: 'tester' },
      reply: { status: 101 },
      usage: { input: { total: 10 }, output: { total: 5 } },
    })
    const { url, headers, rawHeaders } = setting.upstream.requests[0]!
    expect([url, headers.authorization]).toEqual(['/v1/realtime?model=one', 'Bearer upstream-key'])
    expect(rawHeaders.join('\n')).not.toContain('gateway-key')
  })

  test("over the runtime's WebSocket, with the key among the subprotocols", async () => {
    await using setting = await setUpRealtime({ plugins: [door()] })
    const Native = globalThis.WebSocket
    vi.stubGlobal(
      'WebSocket',
      class extends Native {
        constructor(url: string, protocols: string[]) {
          super(url.replace('wss:', 'ws:'), protocols)
        }
      },
    )
    try {
      const sdk = new OpenAIRealtimeWebSocket({ model: 'm' }, clientOf(setting))
      const events: string[] = []
      sdk.on('event', ({ type }) => void events.push(type))
      const upstream = await setting.upstream.at()
      upstream.send({ type: 'session.created', event_id: 'event_0', session: {} })
      await eventually(() => events.length === 1)
      expect(sdk.socket.protocol).toBe('realtime')
      sdk.close()
      expect(await upstream.closed).toEqual({ code: 1000, reason: 'OK' })
      const { headers, rawHeaders } = setting.upstream.requests[0]!
      expect(headers['sec-websocket-protocol']).toBe('realtime')
      expect(headers.authorization).toBe('Bearer upstream-key')
      expect(rawHeaders.join('\n')).not.toContain('gateway-key')
      expect(await setting.ends.at(0)).toMatchObject({ outcome: 'ok', principal: { id: 'tester' } })
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('with a wrong key is refused, and nothing goes up', async () => {
    await using setting = await setUpRealtime({ plugins: [door()] })
    const options = { createConnection: () => connect(port(setting), '127.0.0.1') }
    const sdk = new OpenAIRealtimeWS({ model: 'm', options }, clientOf(setting, 'wrong'))
    const error = await new Promise<Error>((resolve) => void sdk.on('error', resolve))
    expect(error.message).toContain('401')
    expect(setting.upstream.requests).toEqual([])
  })
})

describe('the handshake', () => {
  test('tells the client what every reply tells, and what the upstream says of its own', async () => {
    await using setting = await setUpRealtime()
    setting.upstream.answer((_request, socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n' +
          'sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nopenai-processing-ms: 7\r\nset-cookie: a=b\r\n\r\n',
      )
    })
    const { socket, head } = await handshake(setting)
    const lines = head.trimEnd().toLowerCase().split('\r\n')
    expect(lines[0]).toBe('http/1.1 101 switching protocols')
    expect(lines).toEqual(expect.arrayContaining(['connection: upgrade', 'upgrade: websocket']))
    expect(lines).toContain('sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=')
    expect(lines).toEqual(
      expect.arrayContaining(['openai-processing-ms: 7', 'x-sluice-model: up0/one', 'x-sluice-attempts: 1']),
    )
    expect(head).toMatch(/x-request-id: \S/)
    expect(head).not.toMatch(/set-cookie|transfer-encoding|content-length/i)
    socket.destroy()
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'client_closed' })
  })

  test('goes up with what belongs to it, and no more', async () => {
    await using setting = await setUpRealtime()
    const headers = {
      'openai-beta': 'realtime=v1',
      'openai-organization': 'org-1',
      cookie: 'a=b',
      origin: 'https://a.example',
      'x-forwarded-for': '10.0.0.1',
      'x-api-key': 'gateway-key',
    }
    const protocols = ['realtime', 'openai-insecure-api-key.k', 'openai-organization.o', 'openai-project.p', 'other']
    const client = await setting.connect(AT, { headers }, protocols)
    const { headers: sent, method } = setting.upstream.requests[0]!
    expect(sent).toEqual({
      host: expect.any(String),
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': expect.any(String),
      'sec-websocket-protocol': 'realtime, other',
      'openai-beta': 'realtime=v1',
      authorization: 'Bearer upstream-key',
      'user-agent': 'sluice',
    })
    expect(method).toBe('GET')
    // Both would compress, which nobody could read on its way.
    expect(client.socket.extensions).toBe('')
  })

  test.each([
    ['/v1/realtime?model=m', '/v1/realtime?model=one'],
    ['/v1/realtime?model=up0/gpt-realtime', '/v1/realtime?model=gpt-realtime'],
    ['/v1/realtime?x=1&model=m&key=k&model=other', '/v1/realtime?model=one&x=1'],
    ['/v1/realtime?model=up0%2Forg%2Fa-b', '/v1/realtime?model=org%2Fa-b'],
    ['/openai/v1/realtime?model=m', '/v1/realtime?model=one'],
    ['/openai/realtime?api-version=2025-04-01-preview&deployment=m&api-key=k', '/v1/realtime?model=one'],
  ])('at %s opens %s', async (path, expected) => {
    await using setting = await setUpRealtime()
    await setting.connect(path)
    expect(setting.upstream.requests[0]!.url).toBe(expected)
  })

  test('without a model goes to the usual one, if there is one', async () => {
    await using setting = await setUpRealtime({ realtime: { model: 'm' } })
    await setting.connect('/v1/realtime?intent=transcription')
    expect(setting.upstream.requests[0]!.url).toBe('/v1/realtime?intent=transcription')
    await using strict = await setUpRealtime()
    const refused = await refusal(strict.connect('/v1/realtime?intent=transcription'))
    expect([refused.status, refused.code]).toEqual([400, 'invalid_request'])
  })

  test('may be followed by frames at once, which are kept until the upstream is there', async () => {
    await using setting = await setUpRealtime()
    const { port } = new URL(setting.gateway.url)
    const socket = connect(Number(port), '127.0.0.1')
    const text = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]) // "hi", masked with zeros
    const head =
      `GET ${AT} HTTP/1.1\r\nhost: x\r\nconnection: keep-alive, Upgrade\r\nupgrade: WebSocket\r\n` +
      'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
    socket.write(Buffer.concat([Buffer.from(head), text]))
    const upstream = await setting.upstream.at()
    expect((await upstream.next()).data.toString()).toBe('hi')
    socket.destroy()
    expect(await setting.ends.at(0)).toMatchObject({ bytesIn: text.length })
  })
})

describe('what passes is what was sent', () => {
  const big = randomBytes(MB)
  const messages: [what: string, data: string | Buffer][] = [
    ['a text', 'Grüße, 世界'],
    ['no text', ''],
    ['bytes', randomBytes(1000)],
    ['a text of 1 MB', big.toString('base64').slice(0, MB)],
    ['bytes of 1 MB', big],
  ]
  test.each(messages)('%s, both ways', async (_, data) => {
    await using setting = await setUpRealtime()
    const [client, upstream] = await session(setting)
    const expected = { data: Buffer.from(data as string), binary: typeof data !== 'string' }
    client.socket.send(data)
    expect((await upstream.next()).data.equals(expected.data)).toBe(true)
    upstream.socket.send(data)
    const received = await client.next()
    expect([received.binary, received.data.equals(expected.data)]).toEqual([expected.binary, true])
  })

  test('a message in fragments, with a ping between them', async () => {
    await using setting = await setUpRealtime()
    const [client, upstream] = await session(setting)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      const pong = once(from.socket, 'pong')
      from.socket.send('one ', { fin: false })
      from.socket.ping('are you there?')
      from.socket.send('two ', { fin: false })
      from.socket.send('three', { fin: true })
      expect((await to.next()).data.toString()).toBe('one two three')
      expect(String((await pong)[0])).toBe('are you there?')
    }
  })

  test('a frame of any bytes, in any pieces', async () => {
    await using setting = await setUpRealtime()
    const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
    const sent = randomBytes(5 * MB)
    sent.writeUInt16BE(0x82_7f)
    sent.writeBigUInt64BE(BigInt(sent.length - 10), 2)
    const received: Buffer[] = []
    setting.upstream.answer((_request, socket) => {
      socket.write(OPEN)
      socket.pipe(socket)
    })
    const { socket, head } = await handshake(setting)
    expect(head).toContain(' 101 ')
    socket.on('data', (piece: Buffer) => received.push(piece))
    for (let at = 0, size = 1; at < sent.length; at += size, size = 1 + ((size * 7919) % 70_001)) {
      if (!socket.write(sent.subarray(at, at + size))) await once(socket, 'drain')
    }
    await eventually(() => received.reduce((sum, { length }) => sum + length, 0) >= sent.length)
    expect(sha256(Buffer.concat(received))).toBe(sha256(sent))
    socket.destroy()
    expect(await setting.ends.at(0)).toMatchObject({
      bytesIn: sent.length,
      bytesOut: sent.length,
      replyPath: 'verbatim',
    })
  })
})

describe('the end', () => {
  test.each([
    [1000, ''],
    [1001, 'going'],
    [3000, 'ours'],
    [4999, 'x'.repeat(123)],
  ])('said by the client with %i %j', async (code, reason) => {
    await using setting = await setUpRealtime()
    const [client, upstream] = await session(setting)
    client.socket.close(code, reason)
    expect(await upstream.closed).toEqual({ code, reason })
    expect(await client.closed).toEqual({ code, reason })
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'ok', error: undefined })
  })

  test.each([
    [1000, ''],
    [1001, 'session expired'],
    [1008, 'no'],
    [4000, 'ours'],
  ])('said by the upstream with %i %j', async (code, reason) => {
    await using setting = await setUpRealtime()
    const [client, upstream] = await session(setting)
    upstream.socket.close(code, reason)
    expect(await client.closed).toEqual({ code, reason })
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'ok', error: undefined })
  })

  test('said by the upstream while the client talks on reaches it all the same', async () => {
    await using setting = await setUpRealtime()
    const [client, upstream] = await session(setting)
    const talking = setInterval(() => client.socket.readyState === 1 && client.socket.send(randomBytes(20_000)), 1)
    await sleep(20)
    upstream.socket.close(1001, 'session expired')
    expect(await client.closed).toEqual({ code: 1001, reason: 'session expired' })
    clearInterval(talking)
    await setting.ends.at(0)
  })

  test.each(['destroy', 'resetAndDestroy'] as const)(
    'of an upstream that dies (%s): the client is told',
    async (how) => {
      await using setting = await setUpRealtime()
      const [client, upstream] = await session(setting)
      upstream.send(responseDone(10, 5))
      await client.next()
      upstream.connection[how]()
      const { code, reason } = await client.closed
      expect([code, reason]).toEqual([1011, expect.stringMatching(/upstream/i)])
      expect(await setting.ends.at(0)).toMatchObject({
        outcome: 'failed',
        error: { code: 'upstream_error' },
        usage: { input: { total: 10 } },
      })
    },
  )

  test('of an upstream that dies within a frame: nothing can be said', async () => {
    await using setting = await setUpRealtime()
    const [client, upstream] = await session(setting)
    upstream.connection.end(Buffer.from([0x81, 100, 0x61]))
    expect(await client.closed).toEqual({ code: 1006, reason: '' })
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'failed', error: { code: 'upstream_error' } })
  })

  test.each(['destroy', 'resetAndDestroy'] as const)(
    'of a client that dies (%s): so does its upstream',
    async (how) => {
      await using setting = await setUpRealtime()
      const [client, upstream] = await session(setting)
      upstream.send(responseDone(10, 5))
      await client.next()
      const left = performance.now()
      client.connection[how]()
      await upstream.closed
      expect(performance.now() - left).toBeLessThan(100)
      expect(await setting.ends.at(0)).toMatchObject({
        outcome: 'client_closed',
        error: { code: 'client_closed' },
        usage: { input: { total: 10 }, output: { total: 5 } },
      })
    },
  )

  test('of a client that says so and leaves at once: the upstream hears it', async () => {
    await using setting = await setUpRealtime()
    const [client, upstream] = await session(setting)
    client.socket.close(1000, 'bye')
    client.connection.end()
    expect(await upstream.closed).toEqual({ code: 1000, reason: 'bye' })
    await setting.ends.at(0)
  })

  test('said by an upstream that stays connected all the same', async () => {
    await using setting = await setUpRealtime()
    const held = Promise.withResolvers<Duplex>()
    setting.upstream.answer((_request, socket) => {
      socket.write(OPEN)
      socket.write(Buffer.from([0x88, 2, 0x03, 0xe8]))
      held.resolve(socket.on('error', () => undefined))
    })
    const { socket } = await handshake(setting)
    await once(socket, 'end')
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'ok', error: undefined })
    // To write to what is closed, and not just silent, breaks it.
    const upstream = await held.promise
    const writing = setInterval(() => upstream.write('x'), 10)
    await new Promise((resolve) => upstream.on('close', resolve))
    clearInterval(writing)
  })

  test('of a client that leaves before its upstream has answered', async () => {
    await using setting = await setUpRealtime()
    const gone = Promise.withResolvers<void>()
    setting.upstream.answer((_request, socket) => socket.on('end', () => gone.resolve()).resume())
    const { port } = new URL(setting.gateway.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(`GET ${AT} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n`)
    await eventually(() => setting.upstream.requests.length === 1)
    socket.end()
    await gone.promise
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'client_closed' })
  })

  test('of silence that was too long', async () => {
    await using setting = await setUpRealtime({ realtime: { idleTimeout: '150ms' } })
    const [client, upstream] = await session(setting)
    // Each side's word counts.
    for (let turn = 0; turn < 6; turn++) {
      await sleep(60)
      const [from, to] = turn % 2 === 0 ? [client, upstream] : [upstream, client]
      from.send({})
      await to.next()
    }
    expect(await client.closed).toEqual({ code: 1001, reason: expect.stringContaining('150 ms') })
    expect(await upstream.closed).toMatchObject({ code: 1006 })
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'failed', error: { code: 'upstream_timeout' } })
  })

  test('of the time that a session may take', async () => {
    await using setting = await setUpRealtime({ realtime: { maxDuration: '150ms' }, timeouts: { total: 50 } })
    const [client] = await session(setting)
    const talking = setInterval(() => client.socket.readyState === 1 && client.send({}), 10)
    expect(await client.closed).toEqual({ code: 1001, reason: expect.stringContaining('150 ms') })
    clearInterval(talking)
    await setting.ends.at(0)
  })
})

describe('a refusal', () => {
  const json = { 'content-type': 'application/json' }
  const body = JSON.stringify({ error: { message: 'Slow down.', type: 'requests', code: 'rate_limit_exceeded' } })

  test("of the gateway's credential stays with the gateway", async () => {
    await using setting = await setUpRealtime()
    setting.upstream.answer(refusing(401, json, '{"error":{"message":"Incorrect API key: sk-0123"}}'))
    const refused = await refusal(setting.connect())
    expect([refused.status, refused.code]).toEqual([502, 'upstream_error'])
    expect(refused.body).not.toContain('sk-0123')
  })

  test('passes as it came, with the time to wait', async () => {
    await using setting = await setUpRealtime()
    setting.upstream.answer(refusing(429, { ...json, 'retry-after': '7' }, body))
    const refused = await refusal(setting.connect())
    expect([refused.status, refused.body, refused.headers['retry-after']]).toEqual([429, body, '7'])
    expect(refused.headers.connection).toBe('close')
    expect(await setting.ends.at(0)).toMatchObject({
      outcome: 'refused',
      error: { code: 'rate_limit_exceeded', retryAfter: 7 },
    })
  })

  test.each([200, 204, 302])('that is none (%i) is a failure of the upstream', async (status) => {
    await using setting = await setUpRealtime()
    setting.upstream.answer(refusing(status, json))
    const refused = await refusal(setting.connect())
    expect([refused.status, refused.code]).toEqual([502, 'upstream_error'])
  })

  test('by one target lets the next one open the session', async () => {
    await using setting = await setUpRealtime({ targets: 2 })
    setting.upstream.answer(refusing(503, json, body))
    const client = await setting.connect()
    const upstream = await setting.upstreams[1]!.at()
    expect(setting.upstreams[1]!.requests[0]!.url).toBe('/v1/realtime?model=two')
    client.send({ type: 'response.create' })
    expect(await upstream.nextEvent()).toEqual({ type: 'response.create' })
  })

  test('by nobody, as nothing listens there', async () => {
    await using setting = await setUpRealtime({ url: await refusedUrl() })
    const refused = await refusal(setting.connect())
    expect([refused.status, refused.code]).toEqual([502, 'upstream_error'])
  })

  test('of an upstream that does not answer comes when its time is over', async () => {
    await using setting = await setUpRealtime({ timeouts: { firstByte: 80 } })
    setting.upstream.answer((_request, socket) => void socket.resume())
    const refused = await refusal(setting.connect())
    expect([refused.status, refused.code]).toEqual([504, 'upstream_timeout'])
  })

  test('of an upstream that hangs up comes at once', async () => {
    await using setting = await setUpRealtime()
    setting.upstream.answer((_request, socket) => void socket.destroy())
    const refused = await refusal(setting.connect())
    expect([refused.status, refused.code]).toEqual([502, 'upstream_error'])
  })

  test.each([
    ['/v1/realtime?model=m', {}, 401, 'invalid_api_key'],
    ['/v1/realtime?model=m', { authorization: 'Bearer wrong' }, 401, 'invalid_api_key'],
    ['/v1/realtime?model=up0/secret', { authorization: 'Bearer gateway-key' }, 403, 'permission_denied'],
    ['/v1/realtime?model=nobody', { authorization: 'Bearer gateway-key' }, 404, 'model_not_found'],
    ['/v1/realtime?model=echo/echo', { authorization: 'Bearer gateway-key' }, 400, 'invalid_request'],
    ['/v1/realtime?model=', { authorization: 'Bearer gateway-key' }, 400, 'invalid_request'],
    ['/v1/realtime/more?model=m', {}, 404, 'not_found'],
    ['/v1/chat/completions', {}, 405, 'method_not_allowed'],
  ])('by the gateway, at %s with %j: %i', async (path, headers, status, code) => {
    await using setting = await setUpRealtime({ plugins: [door()] })
    const client = connect(Number(new URL(setting.gateway.url).port), '127.0.0.1')
    const refused = await refusal(setting.connect(path, { headers, createConnection: () => client }))
    expect([refused.status, refused.code, refused.headers.connection]).toEqual([status, code, 'close'])
    if (!client.destroyed) await once(client, 'close')
    expect(setting.upstream.requests).toEqual([])
  })
})

describe('what opens no WebSocket', () => {
  test.each([
    ['a plain request', 'connection: close\r\n'],
    ['one that asks for another protocol', 'connection: Upgrade, close\r\nupgrade: h2c\r\n'],
    ['one that only looks like it', 'connection: close\r\nupgrade: websocket\r\n'],
  ])('%s, is told what would', async (_, headers) => {
    await using setting = await setUpRealtime()
    const reply = await exchangeBytes(setting.gateway.url, `GET ${AT} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`)
    expect(reply).toMatch(/^HTTP\/1\.1 400 [^]*WebSocket/)
    expect(setting.upstream.requests).toEqual([])
  })

  test('a POST, is not served there', async () => {
    await using setting = await setUpRealtime()
    expect((await setting.gateway.request(AT, { body: {} })).status).toBe(405)
  })

  test('is served elsewhere, whatever protocol it asks for besides', async () => {
    await using setting = await setUpRealtime()
    const body = JSON.stringify({ model: 'echo/echo', messages: [{ role: 'user', content: 'hello' }] })
    for (const protocol of ['h2c', 'websocket']) {
      const reply = await setting.gateway.request('/v1/chat/completions', {
        headers: { 'content-type': 'application/json', connection: 'Upgrade', upgrade: protocol },
        body,
      })
      expect([protocol, reply.status, reply.text.includes('hello')]).toEqual([protocol, 200, true])
    }
  })

  test('a handshake before the reply to an earlier request, ends the connection and nothing else', async () => {
    await using setting = await setUpRealtime()
    const slow = tapping('slow', (hooks) => hooks.onRequest.tap('wait', () => sleep(50).then(() => undefined)))
    await using patient = await setUpRealtime({ plugins: [slow] })
    const upgrade = `GET ${AT} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n`
    await exchangeBytes(patient.gateway.url, `GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n${upgrade}`)
    expect((await patient.gateway.request('/health/live')).status).toBe(200)
    expect(await patient.ends.at(0)).toMatchObject({ outcome: 'client_closed' })
    const [client] = await session(setting)
    client.socket.close()
  })
})

describe('usage', () => {
  test('is the sum of all answers of the session, in the form of the upstream, too', async () => {
    await using setting = await setUpRealtime()
    const [client, upstream] = await session(setting)
    for (const event of [
      { type: 'session.created' },
      responseDone(100, 20, { cached: 40, audio: 60 }),
      { type: 'response.output_audio.delta', delta: 'response.done'.repeat(1000) },
      { type: 'response.output_text.done', text: '"response.done"' },
      responseDone(200, 30, { cached: 100, audio: 70 }),
      { type: 'response.done', response: { status: 'cancelled', usage: null } },
    ]) {
      upstream.send(event)
      expect(await client.nextEvent()).toEqual(event)
    }
    client.connection.destroy()
    expect((await setting.ends.at(0)).usage).toEqual({
      input: { total: 300, cacheRead: 140, cacheWrite: 0, audio: 130, image: 0 },
      output: { total: 50, reasoning: 0, audio: 0 },
      raw: expect.objectContaining({ total_tokens: 350, input_tokens: 300, output_tokens: 50 }),
    })
  })

  test('is unknown if nothing was counted', async () => {
    await using setting = await setUpRealtime()
    const [client] = await session(setting)
    client.socket.close()
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'ok', usage: undefined })
  })

  test('is shown to observers each time it grows', async () => {
    const parts: StreamPart[] = []
    await using setting = await setUpRealtime({ plugins: [observer(parts)] })
    const [client, upstream] = await session(setting)
    for (const tokens of [1, 2, 3]) {
      upstream.send(responseDone(tokens, 0))
      await client.next()
    }
    client.socket.close()
    expect(await setting.ends.at(0)).toMatchObject({ replyPath: 'observed', usage: { input: { total: 6 } } })
    expect(parts.map((part) => (part.type === 'usage' ? part.usage.input.total : part.type))).toEqual([1, 3, 6])
  })

  test('of a session that transcribes is that of its transcripts', async () => {
    await using setting = await setUpRealtime()
    const [client, upstream] = await session(setting, `${AT}&intent=transcription`)
    const usage = { type: 'tokens', total_tokens: 22, input_tokens: 13, output_tokens: 9 }
    upstream.send({ type: 'conversation.item.input_audio_transcription.completed', transcript: 'Hey.', usage })
    await client.next()
    client.socket.close()
    expect(await setting.ends.at(0)).toMatchObject({ usage: { input: { total: 13 }, output: { total: 9 } } })
  })
})

describe('whoever does not read', () => {
  /** Bytes that a peer can send until nothing moves any more, in messages of 1 MB, of 128 at most. */
  async function flooded(peer: Peer): Promise<number> {
    const message = randomBytes(MB)
    for (let sent = 0; sent < 128; sent++) peer.socket.send(message)
    let before = -1
    for (let left = peer.socket.bufferedAmount; left !== before; left = peer.socket.bufferedAmount) {
      before = left
      await sleep(100)
    }
    return 128 * MB - before
  }

  test.each(['client', 'upstream'] as const)(
    '(%s) stops the other side, not the memory of the gateway',
    async (who) => {
      await using setting = await setUpRealtime()
      const [client, upstream] = await session(setting)
      const [from, to] = who === 'client' ? [upstream, client] : [client, upstream]
      to.socket.pause()
      // What is on the way is in the buffers of four sockets, which the operating system sizes.
      expect(await flooded(from)).toBeLessThan(64 * MB)
      to.socket.resume()
      for (let taken = 0; taken < 128; taken++) expect((await to.next()).data.length).toBe(MB)
      client.socket.close()
      await setting.ends.at(0)
    },
  )
})

describe('a gateway that shuts down', () => {
  test('lets sessions go on for a while, and then says that it is gone', async () => {
    await using setting = await setUpRealtime({ server: { drainTimeout: '150ms' } })
    const [client, upstream] = await session(setting)
    const closed = setting.gateway.close()
    await sleep(20)
    upstream.send(responseDone(10, 5))
    await client.next()
    expect(await client.closed).toEqual({ code: 1012, reason: expect.stringContaining('shutting down') })
    await closed
    expect(await upstream.closed).toMatchObject({ code: 1006 })
    expect(await setting.ends.at(0)).toMatchObject({
      error: { code: 'shutting_down' },
      usage: { input: { total: 10 } },
    })
  })

  test('does not wait for a client that does not answer', async () => {
    await using setting = await setUpRealtime({ server: { drainTimeout: '50ms' } })
    const [client, upstream] = await session(setting)
    client.socket.pause()
    upstream.socket.send(randomBytes(30 * MB))
    await sleep(100)
    const began = performance.now()
    await setting.gateway.close()
    expect(performance.now() - began).toBeLessThan(6_000)
    client.socket.terminate()
  })

  test('ends with the last session, if that is earlier', async () => {
    await using setting = await setUpRealtime({ server: { drainTimeout: '1m' } })
    const [client] = await session(setting)
    const closed = setting.gateway.close()
    await sleep(20)
    client.socket.close()
    await closed
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'ok' })
  })

  test('opens no more', async () => {
    await using setting = await setUpRealtime({ server: { drainTimeout: '1m' } })
    const [client] = await session(setting)
    // Its handshake has begun when the gateway begins to drain.
    const late = connect(Number(new URL(setting.gateway.url).port), '127.0.0.1')
    late.write(`GET ${AT} HTTP/1.1\r\nhost: x\r\n`)
    await sleep(20)
    const closed = setting.gateway.close()
    late.write('connection: Upgrade\r\nupgrade: websocket\r\n\r\n')
    const [reply] = (await once(late, 'data')) as [Buffer]
    expect(reply.toString()).toMatch(/^HTTP\/1\.1 503 [^]*"shutting_down"/)
    client.socket.close()
    await closed
  })
})

test('sessions that end in every way complete once each, and leave nothing open', async () => {
  await using setting = await setUpRealtime()
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const client = await setting.connect()
      const upstream = await setting.upstream.at(index)
      upstream.send(responseDone(1, 1))
      const ends: (() => unknown)[] = [
        () => client.socket.close(),
        () => upstream.socket.close(),
        () => client.connection.destroy(),
        () => upstream.connection.destroy(),
        () => client.connection.resetAndDestroy(),
        () => upstream.connection.resetAndDestroy(),
      ]
      ends[index % ends.length]!()
    }),
  )
  await eventually(() => setting.ends.all.length === 60 && setting.upstream.connections.size === 0)
  expect(new Set(setting.ends.all.map(({ outcome }) => outcome))).toEqual(new Set(['ok', 'client_closed', 'failed']))
})
