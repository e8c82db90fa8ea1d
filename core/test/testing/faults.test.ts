import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  cutMidStream,
  endless,
  endMidStream,
  mockUpstream,
  resetBeforeHeaders,
  resetMidBody,
  stallBeforeHeaders,
  stallMidBody,
  stallMidStream,
} from '../../src/testing/index.ts'
import type { MockUpstream, UpstreamReply } from '../../src/testing/index.ts'

const STREAM = 'data: one\n\ndata: two\n\n'
const END_OF_CHUNKS = '0\r\n\r\n'

let upstream: MockUpstream
beforeEach(async () => {
  upstream = await mockUpstream()
})
afterEach(async () => upstream.close())

function ask(): Socket {
  const socket = connect(Number(new URL(upstream.url).port), '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  return socket
}

/** All that came over the wire, and how the connection ended. */
async function watch(reply: UpstreamReply): Promise<{ wire: string; end: string }> {
  upstream.reply(reply)
  const socket = ask()
  let wire = ''
  socket.on('data', (bytes: Buffer) => (wire += bytes.toString()))
  const end = await new Promise<string>((resolve) => {
    socket.once('end', () => resolve('closed'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
  })
  socket.destroy()
  return { wire, end }
}

describe('connections that break', () => {
  test('a reset before headers sends nothing', async () => {
    expect(await watch(resetBeforeHeaders())).toEqual({ wire: '', end: 'ECONNRESET' })
  })

  test('a reset in a body sends half of what was announced', async () => {
    const { wire, end } = await watch(resetMidBody(100))
    expect(end).toBe('ECONNRESET')
    expect(wire).toMatch(/content-length: 200\r\n/i)
    expect(wire.split('\r\n\r\n')[1]).toHaveLength(100)
  })

  test('a cut stream lacks the end of its chunked coding', async () => {
    const { wire, end } = await watch(cutMidStream(STREAM, 14))
    expect(end).toBe('closed')
    expect(wire).toContain('data: one\n\ndat')
    expect(wire).not.toContain('data: two')
    expect(wire.endsWith(END_OF_CHUNKS)).toBe(false)
  })

  test('a stream ended too early looks whole to HTTP', async () => {
    const { wire, end } = await watch(endMidStream(STREAM, 14))
    expect(end).toBe('closed')
    expect(wire).not.toContain('data: two')
    expect(wire.endsWith(END_OF_CHUNKS)).toBe(true)
  })
})

describe('connections that fall silent', () => {
  test.each<[name: string, reply: UpstreamReply, sent: RegExp]>([
    ['before the headers', stallBeforeHeaders(), /^$/],
    ['after the headers of a stream', stallMidStream(), /text\/event-stream[^]*\r\n\r\n$/],
    ['in a stream', stallMidStream(STREAM, 11), /data: one\n\n\r\n$/],
    ['in a body', stallMidBody(20), /content-length: 40\r\n[^]*\r\n\r\n.{20}$/i],
  ])('%s they stay open and say no more', async (_name, reply, sent) => {
    upstream.reply(reply)
    const socket = ask()
    let wire = ''
    socket.on('data', (bytes: Buffer) => (wire += bytes.toString()))
    const request = await upstream.request()
    const ended = once(socket, 'close').then(() => true)
    expect(await Promise.race([ended, sleep(30, false)])).toBe(false)
    expect(wire).toMatch(sent)
    socket.destroy()
    await request.closed
  })
})

describe('an endless stream', () => {
  test('stops writing while nobody reads, and notices', async () => {
    const reply = endless(STREAM)
    upstream.reply(reply)
    const socket = ask().pause()
    while (!reply.backpressure) await sleep(1)
    const written = reply.bytes
    await sleep(20)
    expect(reply.bytes).toBe(written)

    socket.resume()
    while (reply.bytes === written) await sleep(1)
    socket.destroy()
    await upstream.requests[0]?.closed
  })

  test('reports no backpressure to a reader that keeps up', async () => {
    const reply = endless(STREAM)
    upstream.reply(reply)
    const socket = ask().resume()
    while (reply.bytes < 200_000) await sleep(1)
    expect(reply.backpressure).toBe(false)
    socket.destroy()
    await upstream.requests[0]?.closed
  })
})
