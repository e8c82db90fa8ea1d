import { once } from 'node:events'
import { connect } from 'node:net'
import { request as call } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { json, mockUpstream, paced, refusedUrl, sse, stallBeforeHeaders, text } from '../../src/testing/index.ts'
import type { MockUpstream } from '../../src/testing/index.ts'
import { chunksOf } from './chunks.ts'

let upstream: MockUpstream
beforeEach(async () => {
  upstream = await mockUpstream()
})
afterEach(async () => upstream.close())

describe('requests', () => {
  test('are recorded with method, path, headers and raw bytes', async () => {
    upstream.reply(json({ ok: true }))
    const answer = await call(`${upstream.url}/v1/x?y=1`, {
      method: 'POST',
      headers: { 'x-one': '1' },
      body: Buffer.from([0x80, 1]),
    })
    expect(await answer.body.json()).toEqual({ ok: true })
    expect(upstream.requests).toHaveLength(1)
    expect(upstream.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/x?y=1',
      headers: { 'x-one': '1' },
      closedAt: undefined,
    })
    expect(upstream.requests[0]?.body).toEqual(Buffer.from([0x80, 1]))
  })

  test('can be waited for while no answer is given', async () => {
    upstream.reply(stallBeforeHeaders())
    const abort = new AbortController()
    const answer = call(upstream.url, { signal: abort.signal })
    const request = await upstream.request()
    abort.abort()
    await expect(answer).rejects.toThrow()
    await request.closed
    expect(request.closedAt).toBeGreaterThan(0)
  })

  test('know that the peer left in the middle of a stream', async () => {
    upstream.reply(paced('data: 1\n\n', 1000, 5))
    const { body } = await call(upstream.url)
    await once(body, 'data')
    body.on('error', () => {}).destroy()
    await upstream.requests[0]?.closed
  })

  test('do not count as left when the answer came to its end', async () => {
    upstream.reply(text('all'))
    const socket = connect(Number(new URL(upstream.url).port), '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    await socket.toArray()
    expect(upstream.requests[0]?.closedAt).toBeUndefined()
  })

  test('are read slowly if the upstream drains slowly', async () => {
    await using slow = await mockUpstream({ slowDrain: 5 })
    slow.reply(text('read'))
    const body = Buffer.alloc(512 * 1024)
    const startedAt = performance.now()
    await (await call(slow.url, { method: 'POST', body })).body.dump()
    expect(performance.now() - startedAt).toBeGreaterThan(30) // eight pieces of 64 KiB at least
    expect(slow.requests[0]?.body).toHaveLength(body.length)
  })
})

describe('replies', () => {
  test('are given in turn, the last one for ever', async () => {
    upstream.reply(text('one'), text('two'))
    const seen: string[] = []
    for (let i = 0; i < 4; i++) seen.push(await (await call(upstream.url)).body.text())
    expect(seen).toEqual(['one', 'two', 'two', 'two'])
  })

  test('are a 500 without a script', async () => {
    const answer = await call(upstream.url)
    expect(answer.statusCode).toBe(500)
    await answer.body.dump()
  })

  test('may be any function of request and response', async () => {
    upstream.reply((request, response) => {
      response.writeHead(418, { 'x-path': request.path }).end(request.body)
    })
    const answer = await call(`${upstream.url}/tea`, { method: 'POST', body: 'hot' })
    expect([answer.statusCode, answer.headers['x-path'], await answer.body.text()]).toEqual([418, '/tea', 'hot'])
  })

  test('that throw cut the connection and are reported at the end', async () => {
    const broken = await mockUpstream()
    broken.reply(() => {
      throw new Error('a typo')
    })
    await expect(call(broken.url)).rejects.toThrow()
    await expect(broken.close()).rejects.toMatchObject({ errors: [expect.objectContaining({ message: 'a typo' })] })
  })
})

describe('pieces', () => {
  const stream = 'data: {"a":"é"}\n\nevent: b\r\ndata: 2\r\n\r\ndata: 3\n\n'

  test.each([
    ['one piece by default', undefined, [stream]],
    ['events', 'frame', ['data: {"a":"é"}\n\n', 'event: b\r\ndata: 2\r\n\r\n', 'data: 3\n\n']],
    ['cut positions', [0, 4, 10], ['data', ': {"a"', ':"é"}\n\nevent: b\r\ndata: 2\r\n\r\ndata: 3\n\n']],
  ] as const)('%s', async (_name, chunk, expected) => {
    upstream.reply(sse(stream, chunk && { chunk }))
    expect((await chunksOf(upstream.url)).map(String)).toEqual(expected)
  })

  test('a number of bytes each, also inside a character', async () => {
    upstream.reply(sse(stream, { chunk: 7 }))
    const chunks = await chunksOf(upstream.url)
    expect(chunks.map((chunk) => chunk.length)).toEqual([7, 7, 7, 7, 7, 7, 6])
    expect(Buffer.concat(chunks).toString()).toBe(stream)
  })

  test('come at their pace', async () => {
    upstream.reply(paced('data: 1\n\n', 4, 10))
    const startedAt = performance.now()
    expect(await chunksOf(upstream.url)).toHaveLength(4)
    expect(performance.now() - startedAt).toBeGreaterThan(25)
  })
})

describe('connections', () => {
  test('are counted while they are open', async () => {
    expect(upstream.sockets).toBe(0)
    const socket = connect(Number(new URL(upstream.url).port), '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await upstream.request()
    expect(upstream.sockets).toBe(1)
    await upstream.close()
    expect(upstream.sockets).toBe(0)
    socket.destroy()
  })

  test('to a refused URL are refused', async () => {
    await expect(call(await refusedUrl())).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('are refused after close, which may be called twice', async () => {
    await upstream.close()
    await upstream.close()
    await expect(call(upstream.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
