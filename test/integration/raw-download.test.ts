/** Bodies that pass unread, on their way down. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { OutgoingHttpHeaders } from 'node:http'
import { definePlugin, GatewayError } from '@sluice/core'
import type { StreamPart } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { setUpRaw, sha256, write } from './support/raw.ts'
import type { RawSetting } from './support/raw.ts'
import { eventually, observer, tapping } from './support/setting.ts'
import { ANTHROPIC, OPENAI, WIRES } from './support/wires.ts'

const MB = 1024 * 1024
const json = (bytes: Buffer): unknown => JSON.parse(bytes.toString())

/** Answers every request with the same. */
function answering(
  { upstream }: RawSetting,
  status: number,
  headers: OutgoingHttpHeaders,
  body?: string | Buffer,
): void {
  upstream.answer((request, response) =>
    request.resume().on('end', () => response.writeHead(status, headers).end(body)),
  )
}

describe('a reply', () => {
  const bytes = randomBytes(3 * MB)

  test.each<[what: string, headers: OutgoingHttpHeaders]>([
    ['of known length', { 'content-type': 'audio/mpeg', 'content-length': bytes.length }],
    ['in chunks', { 'content-type': 'application/octet-stream' }],
    ['without a type', {}],
    ['of a wrong type', { 'content-type': 'text/event-stream' }],
  ])('%s comes down byte for byte, in whatever pieces', async (_, headers) => {
    await using setting = await setUpRaw()
    setting.upstream.answer(async (request, response) => {
      request.resume()
      response.writeHead(200, headers)
      for (let at = 0; at < bytes.length;) {
        const size = 1 + (bytes[at]! << 9)
        response.write(bytes.subarray(at, at + size))
        at += size
        await new Promise(setImmediate)
      }
      response.end()
    })
    const reply = await setting.open('/passthrough/up0/chat/completions').end('{}').reply()
    expect([reply.status, sha256(reply.body)]).toEqual([200, sha256(bytes)])
    expect(reply.headers['content-type']).toBe(headers['content-type'])
    expect(reply.headers['content-length']).toBe(headers['content-length']?.toString())
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'ok', bytesOut: bytes.length, replyPath: 'verbatim' })
  })

  test.each<[status: number, headers: OutgoingHttpHeaders, body: string]>([
    [204, {}, ''],
    [204, { 'content-encoding': 'gzip' }, ''],
    [200, { 'content-length': '0' }, ''],
    [200, { 'content-type': 'application/json', 'content-length': '0' }, ''],
    [202, { location: '/jobs/1' }, ''],
    [205, {}, ''],
    [206, { 'content-range': 'bytes 0-4/10', 'content-type': 'text/plain' }, 'hello'],
    [301, { location: 'https://elsewhere.example/x', 'content-type': 'text/html' }, 'moved'],
    [302, { location: '/v1/y' }, ''],
    [307, { location: '/v1/y', 'content-type': 'application/json' }, '{"to":"y"}'],
    [304, { etag: '"v1"' }, ''],
  ])('%i %j comes down as it is, and nothing is followed', async (status, headers, body) => {
    await using setting = await setUpRaw()
    answering(setting, status, headers, body)
    for (const path of ['x', 'chat/completions']) {
      const reply = await setting.open(`/passthrough/up0/${path}`, {}, 'GET').end().reply()
      const { 'content-encoding': _, ...kept } = headers
      expect([reply.status, reply.body.toString(), reply.headers]).toMatchObject([status, body, kept])
    }
    expect(setting.upstream.requests).toHaveLength(2)
    expect(await setting.ends.at(1)).toMatchObject({ outcome: 'ok', attempts: [{ status, error: undefined }] })
  })

  test.each(['application/json', 'audio/mpeg'])('to HEAD says how long the body would be: %s', async (type) => {
    await using setting = await setUpRaw()
    answering(setting, 200, { 'content-type': type, 'content-length': '1234', etag: '"v1"' })
    const reply = await setting.open('/passthrough/up0/x', {}, 'HEAD').end().reply()
    expect([reply.status, reply.body.length]).toEqual([200, 0])
    expect(reply.headers).toMatchObject({ 'content-type': type, 'content-length': '1234', etag: '"v1"' })
    expect(setting.upstream.requests[0]!.method).toBe('HEAD')
  })

  test.each<[encoding: string, type: string, packed: Buffer]>([
    ['gzip', 'application/json', gzipSync('{"a":1}')],
    ['br', 'application/json', brotliCompressSync('{"a":1}')],
    ['gzip', 'text/plain', gzipSync('{"a":1}')],
    ['br', 'text/plain', brotliCompressSync('{"a":1}')],
  ])('packed with %s is unpacked: %s', async (encoding, type, packed) => {
    await using setting = await setUpRaw()
    answering(
      setting,
      200,
      { 'content-type': type, 'content-encoding': encoding, 'content-length': packed.length },
      packed,
    )
    const reply = await setting.open('/passthrough/up0/x', { 'accept-encoding': encoding }, 'GET').end().reply()
    expect([reply.status, reply.body.toString(), reply.headers['content-encoding']]).toEqual([
      200,
      '{"a":1}',
      undefined,
    ])
    expect(setting.upstream.requests[0]!.headers).not.toHaveProperty('accept-encoding')
  })

  test.each([
    [200, 'application/json'],
    [200, 'text/plain'],
    [404, 'application/json'],
  ])('packed in a way nobody knows passes as it is: %i %s', async (status, type) => {
    await using setting = await setUpRaw()
    answering(setting, status, { 'content-type': type, 'content-encoding': 'x-own' }, bytes.subarray(0, 1000))
    const reply = await setting.open('/passthrough/up0/x', {}, 'GET').end().reply()
    expect([reply.status, reply.headers['content-encoding']]).toEqual([status, 'x-own'])
    expect(reply.body).toEqual(bytes.subarray(0, 1000))
  })

  test('in lines of JSON comes down as it comes', async () => {
    await using setting = await setUpRaw()
    let open: ServerResponse | undefined
    setting.upstream.answer((_request, response) => {
      open = response
      response.writeHead(200, { 'content-type': 'application/jsonl' }).write('{"line":1}\n')
    })
    const incoming = await setting.open('/passthrough/up0/x', {}, 'GET').end().head()
    expect(String((await once(incoming, 'data'))[0])).toBe('{"line":1}\n')
    open!.end('{"line":2}\n')
    expect(String((await once(incoming, 'data'))[0])).toBe('{"line":2}\n')
  })

  test('with an id leads back to the provider; what passes of its headers is what the dialect says', async () => {
    await using setting = await setUpRaw()
    answering(
      setting,
      200,
      { 'content-type': 'application/json', 'x-upstream': 'yes', 'x-other': 'no' },
      '{"id":"f1","n":1}',
    )
    const reply = await setting.open('/files/up0-f1', {}, 'GET').end().reply()
    expect([reply.status, json(reply.body)]).toEqual([200, { id: 'up0-f1', n: 1 }])
    expect([reply.headers['x-upstream'], reply.headers['x-other']]).toEqual(['yes', undefined])
    expect(setting.upstream.requests).toMatchObject([{ method: 'GET', url: '/files/f1' }])
  })
})

describe('plugins', () => {
  const forbidden = tapping('guard', (hooks) => {
    hooks.onResponse.tap('refuse', () => {
      throw new GatewayError('content_blocked', 'Not this one.')
    })
  })
  const rewriting = tapping('rewrite', (hooks) => {
    hooks.transformRequest.tap('other', (request) => ({ ...request, extensions: { other: { a: 1 } } }))
    hooks.transformResponse.tap('other', (response) => ({ ...response, extensions: { other: { a: 1 } } }))
    hooks.transformStream.tap('none', (stages) => [...stages, { push: () => [] }])
  })

  test.each(['application/json', 'audio/mpeg'])('may refuse a reply of %s, which closes the upstream', async (type) => {
    await using setting = await setUpRaw({ plugins: [forbidden] })
    const closed = Promise.withResolvers<void>()
    setting.upstream.answer((_request, response) => {
      response.on('close', closed.resolve).writeHead(200, { 'content-type': type }).write('{}')
      if (type.includes('json')) response.end()
    })
    const reply = await setting.open('/passthrough/up0/x', {}, 'GET').end().reply()
    expect([reply.status, json(reply.body)]).toMatchObject([400, { error: { code: 'content_blocked' } }])
    await closed.promise
  })

  test.each(['application/json', 'text/event-stream', 'audio/mpeg'])(
    'cannot change what passes unread: %s',
    async (type) => {
      await using setting = await setUpRaw({ plugins: [rewriting] })
      const body = type.includes('json') ? '{"a": 1}' : OPENAI.stream('Hello.')
      answering(setting, 200, { 'content-type': type }, body)
      const reply = await setting.open('/passthrough/up0/chat/completions').end('{}').reply()
      expect([reply.status, reply.body.toString()]).toEqual([200, body])
    },
  )

  test('may replace a refusal of the upstream', async () => {
    const rescue = tapping('rescue', (hooks) => {
      hooks.onError.tap('page', ({ status }) => ({ status: 200, headers: {}, body: { instead: status } }))
    })
    await using setting = await setUpRaw({ plugins: [rescue] })
    answering(setting, 404, { 'content-type': 'application/json' }, '{"no":1}')
    const reply = await setting.open('/passthrough/up0/x', {}, 'GET').end().reply()
    expect([reply.status, json(reply.body)]).toEqual([200, { instead: 404 }])
  })

  test('that answer in the place of an upstream have nothing to say here', async () => {
    const cache = tapping('cache', (hooks) => {
      hooks.lookup.tap('hit', () => ({ operation: 'passthrough', extensions: {} }) as const)
    })
    await using setting = await setUpRaw({ plugins: [cache] })
    const reply = await setting.open('/passthrough/up0/x', {}, 'GET').end().reply()
    expect([reply.status, json(reply.body)]).toMatchObject([500, { error: { code: 'plugin_error' } }])
  })
})

test('a provider inside the gateway is not asked for what passes unread', async () => {
  let asked = 0
  const local = definePlugin({
    name: 'local',
    version: '1.0.0',
    api: 1,
    setup({ addProvider }) {
      addProvider({
        kind: 'local',
        answer() {
          asked++
          return { operation: 'passthrough', extensions: {} }
        },
      })
    },
  })
  await using setting = await setUpRaw({ plugins: [local()] })
  const reply = await setting.open('/passthrough/local/x', {}, 'GET').end().reply()
  expect([reply.status, json(reply.body), asked]).toMatchObject([400, { error: { code: 'invalid_request' } }, 0])
})

describe('an upstream that does not go on', () => {
  const half = randomBytes(100_000)
  const cut = (headers: OutgoingHttpHeaders) => (_request: unknown, response: ServerResponse) => {
    response.writeHead(200, headers)
    response.write(half, () => response.destroy())
  }

  test.each<[what: string, headers: OutgoingHttpHeaders]>([
    ['of known length', { 'content-type': 'audio/mpeg', 'content-length': 2 * half.length }],
    ['in chunks', { 'content-type': 'audio/mpeg' }],
    ['of events', { 'content-type': 'text/event-stream' }],
  ])('in the middle of a reply %s: the client sees it break off', async (_, headers) => {
    await using setting = await setUpRaw()
    setting.upstream.answer(cut(headers))
    const incoming = await setting.open('/passthrough/up0/chat/completions').end('{}').head()
    const pieces: Buffer[] = []
    incoming.on('data', (piece: Buffer) => pieces.push(piece))
    await expect(once(incoming, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(half.subarray(0, Buffer.concat(pieces).length)).toEqual(Buffer.concat(pieces))
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'failed', error: { code: 'upstream_error' } })
  })

  test('in the middle of JSON: the client is told', async () => {
    await using setting = await setUpRaw()
    setting.upstream.answer(cut({ 'content-type': 'application/json' }))
    const reply = await setting.open('/passthrough/up0/x', {}, 'GET').end().reply()
    expect([reply.status, json(reply.body)]).toMatchObject([502, { error: { code: 'upstream_error' } }])
  })

  test('but stays: silence has its limit', async () => {
    await using setting = await setUpRaw({ timeouts: { idle: 100 } })
    setting.upstream.answer(
      (_request, response) => void response.writeHead(200, { 'content-type': 'audio/mpeg' }).write(half),
    )
    const incoming = await setting.open('/passthrough/up0/x', {}, 'GET').end().head()
    incoming.resume()
    await expect(once(incoming, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'failed', error: { code: 'upstream_timeout' } })
  })

  test('before it has said anything: the client is told', async () => {
    await using setting = await setUpRaw({ timeouts: { total: 100 } })
    setting.upstream.answer(() => undefined)
    const reply = await setting.open('/passthrough/up0/x', {}, 'GET').end().reply()
    expect([reply.status, json(reply.body)]).toMatchObject([504, { error: { code: 'upstream_timeout' } }])
  })
})

describe('a client', () => {
  test.each(['audio/mpeg', 'text/event-stream', 'application/json'])(
    'that leaves closes the upstream: %s',
    async (type) => {
      await using setting = await setUpRaw()
      const closed = Promise.withResolvers<void>()
      setting.upstream.answer((_request, response) => {
        response.on('close', closed.resolve).writeHead(200, { 'content-type': type }).write('{}')
      })
      const upload = setting.open('/passthrough/up0/chat/completions').end('{}')
      const head = upload.head()
      head.catch(() => undefined)
      if (type.includes('json')) await setting.upstream.at().then(() => sleep(20))
      else await once(await head, 'data')
      upload.leave()
      await closed.promise
      expect(await setting.ends.at(0)).toMatchObject({ outcome: 'client_closed' })
    },
  )

  test('that reads slowly slows the upstream down, and gets all of it', async () => {
    const SIZE = 128 * MB
    await using setting = await setUpRaw({ timeouts: { idle: 200 } })
    let sent = 0
    setting.upstream.answer(async (request, response) => {
      request.resume()
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': SIZE })
      const piece = Buffer.alloc(MB)
      for (; sent < SIZE && !response.destroyed; sent += MB) await write(response, piece)
      response.end()
    })
    const incoming = await setting.open('/passthrough/up0/x', {}, 'GET').end().head()
    for (let before = -1; before !== sent; await sleep(250)) before = sent
    // What is on the way is in the buffers of four sockets, which the operating system sizes.
    expect(sent).toBeLessThan(64 * MB)
    let read = 0
    incoming.on('data', (piece: Buffer) => void (read += piece.length))
    await once(incoming, 'end')
    expect(read).toBe(SIZE)
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'ok' })
  })
})

describe('usage', () => {
  const usage = { input: { total: 7 }, output: { total: 3 } }

  test.each([
    ['JSON', 'application/json', JSON.stringify(OPENAI.answer('Hello.')), 0],
    ['a stream', 'text/event-stream', OPENAI.stream('Hello.', ' You.'), 5],
  ])('of %s is recognised, and its parts are seen where somebody looks', async (_, type, body, count) => {
    for (const watched of [false, true]) {
      const parts: StreamPart[] = []
      await using setting = await setUpRaw({ plugins: watched ? [observer(parts)] : [] })
      answering(setting, 200, { 'content-type': type }, body)
      const reply = await setting.open('/passthrough/up0/chat/completions').end('{}').reply()
      expect(reply.body.toString()).toBe(body)
      expect(await setting.ends.at(0)).toMatchObject({ usage, stream: type.includes('event') })
      expect(parts.length).toBe(watched ? count : 0)
    }
  })

  const paths = { [OPENAI.name]: '/chat/completions', [ANTHROPIC.name]: '/v1/messages' }
  const ways = WIRES.flatMap((wire) => [true, false].map((watched) => ({ ...wire, watched })))
  test.each(ways)(
    'of a long stream is recognised in whatever pieces it comes: $name, watched: $watched',
    async (way) => {
      await using setting = await setUpRaw({ plugins: way.watched ? [observer()] : [] })
      const stream = Buffer.from(way.stream(...Array.from({ length: 40 }, (_, index) => `word ${index} `)))
      setting.upstream.answer(async (request, response) => {
        request.resume()
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
        for (let at = 0; at < stream.length; at += 97) {
          response.write(stream.subarray(at, at + 97))
          await new Promise(setImmediate)
        }
        response.end()
      })
      const reply = await setting.open(`/passthrough/up0${paths[way.name]}`).end('{}').reply()
      expect(reply.body.equals(stream)).toBe(true)
      expect(await setting.ends.at(0)).toMatchObject({ outcome: 'ok', usage })
    },
  )

  test('of a stream that its client leaves is what had come', async () => {
    await using setting = await setUpRaw()
    const stream = OPENAI.stream('Twelve chars')
    setting.upstream.answer((_request, response) => {
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(stream.slice(0, stream.indexOf('finish_reason":"stop')))
    })
    const upload = setting.open('/passthrough/up0/chat/completions').end('x'.repeat(40))
    await once(await upload.head(), 'data')
    upload.leave()
    const estimated = { input: { total: 10 }, output: { total: 3 }, estimated: true }
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'client_closed', usage: estimated })
  })
})

test('a hundred downloads that end in every way complete once each', async () => {
  await using setting = await setUpRaw()
  const bytes = randomBytes(MB)
  setting.upstream.answer((request, response) => {
    const type = request.url?.endsWith('json') ? 'application/json' : 'audio/mpeg'
    response.writeHead(200, { 'content-type': type, 'content-length': bytes.length })
    const turn = setting.upstream.requests.length % 3
    if (turn === 0) response.end(bytes)
    else response.write(bytes.subarray(0, MB / 2), () => turn === 1 && response.destroy())
  })
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const upload = setting.open(`/passthrough/up0/${index % 2 ? 'json' : 'x'}`, {}, 'GET').end()
      upload.request.on('error', () => undefined)
      setTimeout(() => upload.leave(), 300)
      await upload.reply().catch(() => undefined)
    }),
  )
  await eventually(() => setting.ends.all.length === 100)
  const outcomes = new Set(setting.ends.all.map(({ outcome }) => outcome))
  expect(outcomes).toEqual(new Set(['ok', 'failed', 'client_closed']))
})
