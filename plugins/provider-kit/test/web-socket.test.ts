/** Calls that open a WebSocket. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { DEFAULT_TIMEOUTS } from '@sluice/core'
import type { GatewayError, Timeouts, WireReply, WireStream } from '@sluice/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { httpProvider } from '../src/index.ts'

const OPEN = 'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nx-a: b\r\n\r\n'
const MB = 1024 * 1024

let url: string
let onUpgrade: (socket: Socket, request: IncomingMessage) => void
const server = createServer()
const sockets = new Set<Socket>()
beforeAll(async () => {
  server.on('upgrade', (request: IncomingMessage) => {
    const { socket } = request
    sockets.add(socket.on('error', () => undefined))
    onUpgrade(socket, request)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
})
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

interface Call {
  client: PassThrough
  reply: Promise<WireReply>
  abort: (reason: GatewayError) => void
  [Symbol.asyncDispose]: () => Promise<void>
}

function call(timeouts: Partial<Timeouts> = {}): Call {
  const headers = (): { [name: string]: string } => ({ authorization: 'Bearer k' })
  const { provider, close } = httpProvider({ dialect: 'x', baseUrl: url, path: () => undefined, headers })
  const client = new PassThrough()
  const sent = provider.send({
    operation: 'realtime',
    dialect: 'x',
    model: 'm',
    stream: false,
    headers: {},
    body: Buffer.alloc(0),
    timeouts: { ...DEFAULT_TIMEOUTS, ...timeouts },
    codec: undefined,
    raw: { method: 'GET', path: '/talk?model=m', headers: { 'sec-websocket-key': 'key' }, socket: client },
  })
  sent.reply.catch(() => undefined)
  return { client, reply: sent.reply, abort: (reason) => sent.abort(reason), [Symbol.asyncDispose]: close }
}

/** What a stream gives until its end. */
function all(stream: WireStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const onChunk = (chunk: Buffer): void => void (text += chunk.toString())
    stream.attach({ onChunk, onEnd: () => resolve(text), onError: reject })
  })
}

test('both directions pass until the upstream closes', async () => {
  const seen = Promise.withResolvers<IncomingMessage>()
  onUpgrade = (socket, request) => {
    seen.resolve(request)
    socket.write(`${OPEN}hello`)
    socket.on('data', (piece: Buffer) => socket.end(`, ${piece.toString()}`))
  }
  await using talk = call()
  const { status, headers, stream } = await talk.reply
  expect([status, headers['x-a']]).toEqual([101, 'b'])
  talk.client.write('you')
  expect(await all(stream!)).toBe('hello, you')
  const { method, url: path, headers: sent } = await seen.promise
  expect([method, path]).toEqual(['GET', '/v1/talk?model=m'])
  expect(sent).toMatchObject({
    upgrade: 'websocket',
    connection: 'upgrade',
    'sec-websocket-key': 'key',
    authorization: 'Bearer k',
  })
  expect(sent).not.toHaveProperty('content-type')
})

describe('what is not opened', () => {
  test('is a whole reply if it is refused', async () => {
    onUpgrade = (socket) => void socket.end('HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno')
    await using talk = call()
    expect(await talk.reply).toMatchObject({ status: 403, body: Buffer.from('no') })
  })

  test.each([200, 204, 301])('is an error if it is answered with %i', async (status) => {
    onUpgrade = (socket) => void socket.end(`HTTP/1.1 ${status} So\r\ncontent-length: 0\r\n\r\n`)
    await using talk = call()
    await expect(talk.reply).rejects.toMatchObject({ code: 'upstream_error' })
  })

  test('is late after the time for a first answer', async () => {
    onUpgrade = () => undefined
    await using talk = call({ firstByte: 30 })
    await expect(talk.reply).rejects.toMatchObject({ code: 'upstream_timeout' })
  })
})

describe('an open one', () => {
  test('that breaks is an error', async () => {
    onUpgrade = (socket) => void socket.write(OPEN, () => setTimeout(() => socket.resetAndDestroy(), 20))
    await using talk = call()
    await expect(all((await talk.reply).stream!)).rejects.toMatchObject({ code: 'upstream_error' })
  })

  test('that is given up is closed, with what was sent last', async () => {
    let text = ''
    const ended = Promise.withResolvers<void>()
    onUpgrade = (socket) => {
      socket.write(OPEN)
      socket.on('data', (piece: Buffer) => void (text += piece.toString())).on('end', ended.resolve)
    }
    await using talk = call()
    const { stream } = await talk.reply
    talk.client.write('goodbye')
    await new Promise(setImmediate)
    stream!.abort()
    await ended.promise
    expect(text).toBe('goodbye')
    // The rest of what the client says is nobody's, and may be thrown away by whoever holds it.
    expect(talk.client.listenerCount('data')).toBe(0)
  })

  test('that is given up need not take what it has not taken for long', async () => {
    let bytes = 0
    const ended = Promise.withResolvers<void>()
    onUpgrade = (socket) => {
      socket.pause().write(OPEN)
      socket.on('data', ({ length }: Buffer) => void (bytes += length)).on('end', ended.resolve)
      setTimeout(() => socket.resume(), 1_300)
    }
    await using talk = call()
    const { stream } = await talk.reply
    talk.client.write(Buffer.alloc(20 * MB))
    await new Promise(setImmediate)
    stream!.abort()
    await ended.promise
    expect(bytes).toBeLessThan(20 * MB)
  })

  test('is silent too long only if both sides are', async () => {
    onUpgrade = (socket) => void socket.write(OPEN)
    await using talk = call({ idle: 100 })
    const { stream } = await talk.reply
    const failed = all(stream!).catch((error: GatewayError) => error.code)
    const began = performance.now()
    const talking = setInterval(() => talk.client.write('x'), 20)
    setTimeout(() => clearInterval(talking), 300)
    expect(await failed).toBe('upstream_timeout')
    expect(performance.now() - began).toBeGreaterThan(350)
  })
})
