/** Bodies that pass unread, on their way up. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { definePlugin } from '@sluice/core'
import { refusedUrl } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { form, FORM, hashing, setUpRaw, sha256 } from './support/raw.ts'
import type { RawSetting } from './support/raw.ts'
import { eventually, tapping } from './support/setting.ts'

const MB = 1024 * 1024
const json = (bytes: Buffer): unknown => JSON.parse(bytes.toString())
const hashed = (bytes: Buffer): object => ({ size: bytes.length, sha256: sha256(bytes) })

/** Counts what comes and says when the peer is gone before its end. */
function watch(request: IncomingMessage): { bytes: number; cut: Promise<unknown> } {
  const seen = { bytes: 0, cut: once(request, 'aborted') }
  request.on('data', (chunk: Buffer) => void (seen.bytes += chunk.length))
  return seen
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heldInBuffers(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

describe('a large form', () => {
  test('is on its way up before it has all come, and arrives as it was but for its model', async () => {
    await using setting = await setUpRaw()
    const { head, file, tail, whole } = form('m', 20 * MB)
    const expected = whole('one')
    setting.upstream.answer(hashing)
    const length = String(head.length + file.length + tail.length)
    const upload = setting.open('/transcriptions', { ...FORM, 'content-length': length, 'x-client': 'yes' })
    await upload.write(Buffer.concat([head, file.subarray(0, MB)]))
    const request = await setting.upstream.at()
    await once(request, 'data')
    expect(request.headers).toMatchObject({ ...FORM, 'content-length': String(expected.length), 'x-client': 'yes' })
    expect(request.headers.authorization).toBe('Bearer upstream-key')
    await upload.write(file.subarray(MB))
    const reply = await upload.end(tail).reply()
    expect([reply.status, json(reply.body)]).toEqual([200, hashed(expected)])
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'ok', model: 'm', bytesIn: Number(length) })
  })

  test('with its model last arrives as it was but for its model', async () => {
    await using setting = await setUpRaw()
    const { head, file, tail, whole } = form('up0/a-model-with-a-long-name', 5 * MB, 'file')
    setting.upstream.answer(hashing)
    const upload = setting.open('/transcriptions', { ...FORM, 'transfer-encoding': 'chunked' })
    await upload.write(head)
    await upload.write(file)
    const reply = await upload.end(tail).reply()
    expect([reply.status, json(reply.body)]).toEqual([200, hashed(whole('a-model-with-a-long-name'))])
  })

  test('without a model is refused', async () => {
    await using setting = await setUpRaw()
    const { file } = form('m', 2 * MB)
    const reply = await setting.open('/transcriptions', FORM).end(file).reply()
    expect([reply.status, json(reply.body)]).toMatchObject([400, { error: { code: 'invalid_request' } }])
    expect(setting.upstream.requests).toEqual([])
  })

  test('for a provider that does not speak its dialect is refused', async () => {
    const send = (): never => {
      throw new Error('called')
    }
    const chat = definePlugin({
      name: 'chat',
      version: '1.0.0',
      api: 1,
      setup: ({ addProvider }) => addProvider({ kind: 'wire', dialect: 'openai-chat', address: '', send }),
    })
    await using setting = await setUpRaw({ plugins: [chat()] })
    const { whole } = form('chat/x', 2 * MB)
    const reply = await setting.open('/transcriptions', FORM).end(whole('chat/x')).reply()
    expect([reply.status, json(reply.body)]).toMatchObject([400, { error: { code: 'invalid_request' } }])
  })

  test('does not stay in memory', async () => {
    const SIZE = 200 * MB
    await using setting = await setUpRaw({ server: { bodyLimit: '1gb' } })
    const held: number[] = []
    setting.upstream.answer((request, response) => {
      let size = 0
      request.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > held.length * 20 * MB) held.push(heldInBuffers())
      })
      request.on('end', () => response.end(String(size)))
    })
    const piece = Buffer.alloc(MB)
    const before = heldInBuffers()
    const upload = setting.open('/passthrough/up0/x', { 'content-length': String(SIZE) })
    for (let sent = 0; sent < SIZE; sent += piece.length) await upload.write(piece)
    const reply = await upload.end().reply()
    expect([reply.body.toString(), held.length]).toEqual([String(SIZE), 10])
    expect(Math.max(...held) - before).toBeLessThan(SIZE / 3)
  })
})

describe('the length of a body', () => {
  const body = form('up0/x', 3 * MB).whole('up0/x')

  test.each<[what: string, headers: { [name: string]: string }, expected: object]>([
    ['announced', { 'content-length': String(body.length) }, { 'content-length': String(body.length - 4) }],
    ['not announced', { 'transfer-encoding': 'chunked' }, { 'transfer-encoding': 'chunked' }],
  ])('%s', async (_, headers, expected) => {
    await using setting = await setUpRaw()
    setting.upstream.answer(hashing)
    const reply = await setting
      .open('/transcriptions', { ...FORM, ...headers })
      .end(body)
      .reply()
    const sent = Buffer.from(body.toString('latin1').replace('\r\n\r\nup0/x\r\n', '\r\n\r\nx\r\n'), 'latin1')
    expect([reply.status, json(reply.body)]).toEqual([200, hashed(sent)])
    const { 'content-length': length, 'transfer-encoding': coding } = setting.upstream.requests[0]!.headers
    expect({ ...(length && { 'content-length': length }), ...(coding && { 'transfer-encoding': coding }) }).toEqual(
      expected,
    )
  })

  test.each([
    ['GET', {}, undefined],
    ['DELETE', {}, undefined],
    ['POST', { 'content-length': '0' }, '0'],
    ['PUT', { 'content-length': '0' }, '0'],
  ])('none: %s', async (method, headers, expected) => {
    await using setting = await setUpRaw()
    setting.upstream.answer(hashing)
    const reply = await setting.open('/passthrough/up0/x', headers, method).end().reply()
    expect([reply.status, json(reply.body)]).toEqual([200, hashed(Buffer.alloc(0))])
    expect(setting.upstream.requests[0]!.headers['content-length']).toBe(expected)
    expect(setting.upstream.requests[0]!.headers).not.toHaveProperty('transfer-encoding')
  })

  test('a body with GET and DELETE passes too', async () => {
    await using setting = await setUpRaw()
    setting.upstream.answer(hashing)
    for (const method of ['GET', 'DELETE']) {
      const reply = await setting.open('/passthrough/up0/x', { 'content-length': '5' }, method).end('hello').reply()
      expect(json(reply.body)).toEqual(hashed(Buffer.from('hello')))
    }
  })

  test('more than the limit, as announced: refused, nothing goes up', async () => {
    await using setting = await setUpRaw({ server: { bodyLimit: '2mb' } })
    const reply = await setting
      .open('/transcriptions', { ...FORM, 'content-length': String(body.length) })
      .end(body)
      .reply()
    expect([reply.status, json(reply.body)]).toMatchObject([413, { error: { code: 'request_too_large' } }])
    expect(setting.upstream.requests).toEqual([])
  })

  test('more than the limit, as it turns out: refused, and what is under way is cut', async () => {
    await using setting = await setUpRaw({ server: { bodyLimit: '2mb' } })
    const cut = Promise.withResolvers<unknown>()
    setting.upstream.answer((request) => cut.resolve(watch(request).cut))
    const reply = await setting
      .open('/transcriptions', { ...FORM, 'transfer-encoding': 'chunked' })
      .end(body)
      .reply()
    expect([reply.status, json(reply.body)]).toMatchObject([413, { error: { code: 'request_too_large' } }])
    await cut.promise
    expect(await setting.ends.at(0)).toMatchObject({
      outcome: 'refused',
      attempts: [{ error: { code: 'request_too_large' } }],
    })
  })
})

describe('a client that does not go on', () => {
  const { head, file } = form('m', 2 * MB)
  const slow = { bodyTimeout: '150ms' }

  test('before it is known where the body goes', async () => {
    await using setting = await setUpRaw({ server: slow })
    const upload = setting.open('/transcriptions', { ...FORM, 'content-length': '1000' })
    await upload.write(head.subarray(0, 20))
    const reply = await upload.reply()
    expect([reply.status, json(reply.body)]).toMatchObject([408, { error: { code: 'request_timeout' } }])
    upload.leave()
  })

  test('but drips, before it is known where the body goes', async () => {
    await using setting = await setUpRaw({ server: slow })
    const upload = setting.open('/transcriptions', { ...FORM, 'content-length': '1000' })
    const dripping = setInterval(() => upload.request.write('x'), 20)
    const reply = await upload.reply()
    clearInterval(dripping)
    expect(reply.status).toBe(408)
    upload.leave()
  })

  test('in the middle: what is under way is cut', async () => {
    await using setting = await setUpRaw({ server: slow })
    const cut = Promise.withResolvers<unknown>()
    setting.upstream.answer((request) => cut.resolve(watch(request).cut))
    const upload = setting.open('/transcriptions', { ...FORM, 'content-length': String(4 * MB) })
    await upload.write(Buffer.concat([head, file]))
    const reply = await upload.reply()
    expect([reply.status, json(reply.body)]).toMatchObject([408, { error: { code: 'request_timeout' } }])
    await cut.promise
    upload.leave()
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'refused' })
  })

  test('is not one that the upstream keeps waiting', async () => {
    await using setting = await setUpRaw({ server: slow })
    const { head, file, tail, whole } = form('m', 20 * MB)
    setting.upstream.answer((request, response) => {
      void sleep(500).then(() => hashing(request, response))
    })
    const upload = setting.open('/transcriptions', { ...FORM, 'content-length': String(whole('m').length) })
    const reply = await upload.end(Buffer.concat([head, file, tail])).reply()
    expect([reply.status, json(reply.body)]).toEqual([200, hashed(whole('one'))])
  })

  test('but leaves: the upstream hears of it at once', async () => {
    await using setting = await setUpRaw()
    const cut = Promise.withResolvers<unknown>()
    setting.upstream.answer((request) => cut.resolve(watch(request).cut))
    const upload = setting.open('/transcriptions', { ...FORM, 'content-length': String(4 * MB) })
    await upload.write(Buffer.concat([head, file]))
    await setting.upstream.at()
    upload.leave()
    await cut.promise
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'client_closed', error: { code: 'client_closed' } })
  })

  test('but leaves before it is known where the body goes', async () => {
    await using setting = await setUpRaw()
    const upload = setting.open('/transcriptions', { ...FORM, 'content-length': String(4 * MB) })
    await upload.write(head.subarray(0, 20))
    await sleep(20)
    upload.leave()
    expect(await setting.ends.at(0)).toMatchObject({ outcome: 'client_closed' })
    expect(setting.upstream.requests).toEqual([])
  })
})

test('an upstream that does not read stops the client, not the memory of the gateway', async () => {
  const seen: { bytesIn: number }[] = []
  const tap = tapping('seen', (hooks) => hooks.authorize.tap('seen', (exchange) => void seen.push(exchange)))
  await using setting = await setUpRaw({ server: { bodyLimit: '1gb' }, plugins: [tap] })
  setting.upstream.answer((request) => void request.pause())
  const upload = setting.open('/passthrough/up0/x', { 'content-length': String(256 * MB) })
  upload.request.on('error', () => undefined)
  const piece = Buffer.alloc(MB)
  let written = 0
  const writing = (async () => {
    for (; written < 256 && !upload.request.destroyed; written++) await upload.write(piece)
  })()
  const request = await setting.upstream.at()
  for (let before = -1; before !== written; await sleep(100)) before = written
  // What is on the way is in the buffers of four sockets, which the operating system sizes.
  expect(seen[0]!.bytesIn).toBeLessThan(64 * MB)
  expect(written).toBeLessThan(128)
  upload.leave()
  await writing
  // Nobody reads, so nobody can hear that the client is gone, until the upstream reads on.
  request.resume()
  expect(await setting.ends.at(0)).toMatchObject({ outcome: 'client_closed' })
})

describe('an upstream that answers before it has all', () => {
  test.each([
    [413, { 'content-type': 'application/json' }, '{"no": "too large"}'],
    [429, { 'content-type': 'text/plain', 'x-upstream': 'yes' }, 'wait'],
    [503, {}, ''],
    [200, { 'content-type': 'application/json' }, '{"done": true}'],
    [200, { 'content-type': 'audio/mpeg' }, '\0\x01\x02'],
  ])('%i %j: the client has the answer while it still sends', async (status, headers, body) => {
    await using setting = await setUpRaw()
    setting.upstream.answer((request, response) => {
      request.once('data', () => response.writeHead(status, headers).end(body))
    })
    const { head, file } = form('m', 2 * MB)
    const upload = setting.open('/transcriptions', { ...FORM, 'content-length': String(head.length + 3 * file.length) })
    await upload.write(Buffer.concat([head, file]))
    const reply = await upload.reply()
    expect([reply.status, reply.body.toString()]).toEqual([status, body])
    expect(reply.headers).toMatchObject(headers)
    upload.leave()
    const outcome = status === 200 ? 'ok' : 'failed'
    expect(await setting.ends.at(0)).toMatchObject({ outcome, attempts: [{ status }] })
  })

  test.each(['application/json', 'audio/mpeg'])(
    '%s: the rest is discarded, and the connection serves on',
    async (type) => {
      await using setting = await setUpRaw()
      setting.upstream.answer((request, response) => {
        request.once('data', () => response.writeHead(200, { 'content-type': type }).end('"answer"'))
      })
      const { hostname, port } = new URL(setting.gateway.url)
      const socket = connect(Number(port), hostname)
      let received = ''
      socket.on('data', (chunk: Buffer) => void (received += chunk.toString()))
      const { head, file } = form('m', 2 * MB)
      socket.write(
        `POST /transcriptions HTTP/1.1\r\nhost: x\r\ncontent-length: ${head.length + 3 * file.length}\r\n\r\n`,
      )
      socket.write(Buffer.concat([head, file]))
      await eventually(() => received.includes('"answer"'))
      socket.write(file)
      socket.write(file)
      socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n')
      await eventually(() => received.includes('"status":"ok"'))
      socket.destroy()
    },
  )

  test('and is gone: the client is told', async () => {
    await using setting = await setUpRaw()
    setting.upstream.answer((request) => {
      request.once('data', () => request.socket.resetAndDestroy())
    })
    const { head, file } = form('m', 2 * MB)
    const upload = setting.open('/transcriptions', { ...FORM, 'content-length': String(head.length + 3 * file.length) })
    await upload.write(Buffer.concat([head, file]))
    const reply = await upload.reply()
    expect([reply.status, json(reply.body)]).toMatchObject([502, { error: { code: 'upstream_error' } }])
    upload.leave()
  })
})

describe('a second attempt', () => {
  const large = form('m', 5 * MB)
  const small = form('m', 1000)
  const announced = (bytes: Buffer): { [name: string]: string } => ({ ...FORM, 'content-length': String(bytes.length) })
  const busy = (setting: RawSetting): void =>
    setting.upstream.answer((request, response) => {
      request
        .resume()
        .on('end', () => response.writeHead(503, { 'content-type': 'application/json' }).end('{"busy":1}'))
    })

  test('is made while nothing has gone up: the next target gets it whole', async () => {
    await using setting = await setUpRaw({ targets: 2, url: await refusedUrl() })
    setting.upstreams[1]!.answer(hashing)
    const reply = await setting
      .open('/transcriptions', announced(large.whole('m')))
      .end(large.whole('m'))
      .reply()
    expect([reply.status, json(reply.body)]).toEqual([200, hashed(large.whole('two'))])
    expect(reply.headers['x-sluice-attempts']).toBe('2')
  })

  test('is made with a small body, which can be sent again', async () => {
    await using setting = await setUpRaw({ targets: 2 })
    busy(setting)
    setting.upstreams[1]!.answer(hashing)
    const reply = await setting
      .open('/transcriptions', announced(small.whole('m')))
      .end(small.whole('m'))
      .reply()
    expect([reply.status, json(reply.body)]).toEqual([200, hashed(small.whole('two'))])
  })

  test.each(['retry', 'next'] as const)(
    'is not made once a large one is on its way, whoever asks to %s',
    async (verdict) => {
      let asked = 0
      const stubborn = tapping('stubborn', (hooks) => {
        hooks.onAttemptError.tap('again', () => {
          asked++
          return verdict
        })
      })
      await using setting = await setUpRaw({ targets: 2, plugins: [stubborn] })
      busy(setting)
      setting.upstreams[1]!.answer(hashing)
      const reply = await setting
        .open('/transcriptions', announced(large.whole('m')))
        .end(large.whole('m'))
        .reply()
      expect([reply.status, reply.body.toString()]).toEqual([503, '{"busy":1}'])
      expect(await setting.ends.at(0)).toMatchObject({ attempts: [{ status: 503 }] })
      expect([asked, setting.upstreams[1]!.requests.length]).toEqual([0, 0])
    },
  )
})

test('a hundred uploads that end in every way complete once each', async () => {
  await using setting = await setUpRaw()
  const { head, file, tail, whole } = form('m', 2 * MB)
  setting.upstream.answer((request, response) => {
    const turn = setting.upstream.requests.length % 3
    if (turn === 0) hashing(request, response)
    else request.once('data', () => (turn === 1 ? response.writeHead(429).end('no') : request.socket.destroy()))
  })
  const statuses = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const upload = setting.open('/transcriptions', { ...FORM, 'content-length': String(whole('m').length) })
      upload.request.on('error', () => undefined)
      await upload.write(Buffer.concat([head, file]))
      if (index % 4 === 0) return upload.leave()
      return (await upload.end(tail).reply()).status
    }),
  )
  await eventually(() => setting.ends.all.length === 100)
  expect(new Set(statuses)).toEqual(new Set([undefined, 200, 429, 502]))
  expect(setting.ends.all.filter(({ outcome }) => outcome === undefined)).toEqual([])
})
