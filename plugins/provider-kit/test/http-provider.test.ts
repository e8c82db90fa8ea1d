import type { GatewayError, StreamCodec, WireReply, WireRequest, WireStream } from '@sluice/core'
import { DEFAULT_TIMEOUTS } from '@sluice/core'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { httpProvider } from '../src/index.ts'
import type { HttpProviderOptions } from '../src/index.ts'

const codec = {
  contentType: 'text/event-stream',
  prober: () => (chunk: Buffer) => (chunk.includes('\n\n') ? 'ok' : 'more'),
} as Partial<StreamCodec> as StreamCodec

const request: WireRequest = {
  operation: 'chat',
  dialect: 'openai-chat',
  model: 'm',
  stream: false,
  headers: {},
  body: Buffer.from('{"model":"m"}'),
  timeouts: DEFAULT_TIMEOUTS,
  codec,
  raw: undefined,
}

let server: Server
let origin: string
let listener: (...call: Parameters<RequestListener>) => unknown = () => {}

beforeAll(async () => {
  server = createServer((req, res) => listener(req, res))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const options = (changes: Partial<HttpProviderOptions>): HttpProviderOptions => ({
  dialect: 'x',
  baseUrl: `${origin}/v1`,
  path: (operation) => `/${operation}`,
  headers: () => ({ authorization: 'Bearer k' }),
  ...changes,
})

async function send(
  changes: Partial<WireRequest> = {},
  provided: Partial<HttpProviderOptions> = {},
): Promise<WireReply> {
  const { provider, close } = httpProvider(options(provided))
  try {
    return await received(await provider.send({ ...request, ...changes }).reply)
  } finally {
    await close()
  }
}

/** A reply whose stream, if it is one, has come to its end. */
async function received(reply: WireReply): Promise<WireReply> {
  return reply.stream ? { ...reply, body: await bodyOf(reply.stream) } : reply
}

function bodyOf(stream: WireStream): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  stream.attach({
    onChunk: (chunk) => chunks.push(chunk),
    onEnd: () => resolve(Buffer.concat(chunks)),
    onError: reject,
  })
  return promise
}

describe('a request', () => {
  let seen: { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers']; body: string }
  beforeAll(() => {
    listener = async (req, res) => {
      seen = { method: req.method, url: req.url, headers: req.headers, body: await text(req) }
      res.end('{}')
    }
  })

  test.each([
    ['', '/chat'],
    ['/', '/chat'],
    ['/v1', '/v1/chat'],
    ['/v1/', '/v1/chat'],
    ['/openai/v1//', '/openai/v1/chat'],
  ])('to a base URL that ends with %j goes to %s', async (base, path) => {
    await send({}, { baseUrl: origin + base })
    expect(seen.url).toBe(path)
  })

  test('has the bytes that were handed over', async () => {
    await send({ body: Buffer.from('{"model": "ä"}') })
    expect(seen).toMatchObject({ method: 'POST', body: '{"model": "ä"}' })
    expect(seen.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '15' })
  })

  test("has the provider's headers, and those of the request over them", async () => {
    await send({ headers: { 'x-team': 'b' } }, { headers: () => ({ authorization: 'Bearer k', 'x-team': 'a' }) })
    expect(seen.headers).toMatchObject({ authorization: 'Bearer k', 'x-team': 'b', 'user-agent': 'sluice' })
  })

  test.each([
    [false, 'application/json'],
    [true, 'text/event-stream'],
  ])('for a stream: %s, accepts %s', async (stream, accepted) => {
    await send({ stream })
    expect(seen.headers.accept).toBe(accepted)
  })

  test('goes where operation, model, stream mode and dialect say', async () => {
    await send({ model: 'a/b', stream: true }, { path: (...all) => `/${encodeURIComponent(all.join())}?alt=sse` })
    expect(seen.url).toBe('/v1/chat%2Ca%2Fb%2Ctrue%2Copenai-chat?alt=sse')
  })

  test('for what the provider does not offer is refused', async () => {
    await expect(send({}, { path: () => undefined })).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'model',
      message: expect.stringContaining('does not offer chat'),
    })
  })
})

describe('an answer', () => {
  const answers: [what: string, listener: RequestListener, expected: { status: number; body: string }][] = [
    ['comes whole', (_, res) => res.end('{"a":1}'), { status: 200, body: '{"a":1}' }],
    ['may be empty', (_, res) => res.writeHead(204).end(), { status: 204, body: '' }],
    ['may be a refusal', (_, res) => res.writeHead(429).end('{"error":{}}'), { status: 429, body: '{"error":{}}' }],
    [
      'is decompressed',
      (_, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}')),
      { status: 200, body: '{"a":1}' },
    ],
    [
      'comes as a stream',
      (_, res) =>
        res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).end('data: a\n\ndata: b\n\n'),
      { status: 200, body: 'data: a\n\ndata: b\n\n' },
    ],
    [
      'comes as a compressed stream',
      (_, res) =>
        res
          .writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
          .end(gzipSync('data: a\n\n')),
      { status: 200, body: 'data: a\n\n' },
    ],
  ]
  test.each(answers)('%s', async (_what, answer, expected) => {
    listener = answer
    const { status, body } = await send({ stream: true })
    expect({ status, body: body?.toString() }).toEqual(expected)
  })

  const failures: [what: string, listener: RequestListener, code: GatewayError['code'], message: string][] = [
    ['never began', (req) => req.socket.destroy(), 'upstream_error', 'closed the connection without an answer'],
    [
      'broke off',
      (req, res) => {
        res.writeHead(200, { 'content-length': '10' })
        res.write('abc', () => req.socket.destroy())
      },
      'upstream_error',
      'broke off its answer',
    ],
    [
      'broke off in its stream',
      (req, res) => {
        res.writeHead(200, { 'content-type': 'text/event-stream' })
        res.write('data: a\n\n', () => req.socket.destroy())
      },
      'upstream_error',
      'broke off its answer',
    ],
    [
      'was a stream that said nothing',
      (_, res) => res.writeHead(200, { 'content-type': 'text/event-stream' }).end(': hello\n'),
      'upstream_error',
      'ended its stream before it said anything',
    ],
    [
      'was compressed otherwise than it said',
      (_, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end('{"a":1}'),
      'upstream_error',
      'cannot be decompressed',
    ],
    ['took too long', () => {}, 'upstream_timeout', 'did not finish within 30 ms'],
  ]
  test.each(failures)('that %s is an error', async (_what, answer, code, message) => {
    listener = answer
    const timeouts = code === 'upstream_timeout' ? { ...DEFAULT_TIMEOUTS, total: 30 } : DEFAULT_TIMEOUTS
    await expect(send({ stream: true, timeouts })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
  })
})

describe('a request that is passed on as it is', () => {
  const raw = { method: 'PUT', path: '/files/a?b=c', headers: { 'x-team': 'client', 'x-free': 'client' } }
  const passed = { raw, headers: { 'x-free': 'plugin' } }
  const provided = { headers: () => ({ authorization: 'Bearer k', 'x-team': 'own', 'x-free': 'own' }) }

  test('has its method, path and headers; those of the provider win over them, and over these those of plugins', async () => {
    let seen: IncomingMessage | undefined
    listener = (req, res) => {
      seen = req
      req.resume().on('end', () => res.end('{}'))
    }
    await send({ ...passed, codec: undefined }, provided)
    expect(seen).toMatchObject({ method: 'PUT', url: '/v1/files/a?b=c' })
    expect(seen!.headers).toMatchObject({ authorization: 'Bearer k', 'x-team': 'own', 'x-free': 'plugin' })
    expect(seen!.headers).not.toHaveProperty('content-type')
  })

  test.each([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['application/problem+json', false],
    ['application/jsonl', true],
    ['application/x-ndjson', true],
    ['text/event-stream', true],
    ['audio/mpeg', true],
    [undefined, true],
  ])('has a reply of %s as a stream: %s', async (type, streamed) => {
    listener = (_, res) => {
      if (type) res.setHeader('content-type', type)
      res.end('{}')
    }
    const reply = await send(passed)
    expect([reply.stream !== undefined, reply.body!.toString()]).toEqual([streamed, '{}'])
  })

  test('has a stream as it is, without a probe, and a refusal as a whole', async () => {
    listener = (_, res) => void res.writeHead(200, { 'content-type': 'text/event-stream' }).end()
    expect((await send(passed)).body).toEqual(Buffer.alloc(0))
    listener = (_, res) => void res.writeHead(500, { 'content-type': 'text/event-stream' }).end('data: no\n\n')
    expect(await send(passed)).toEqual({ status: 500, headers: expect.anything(), body: Buffer.from('data: no\n\n') })
  })
})

test('what is said of a compressed body is not said of the one that comes out', async () => {
  const packed = gzipSync('{"a":1}')
  const head = { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': packed.length }
  listener = (_, res) => void res.writeHead(200, head).end(packed)
  const { body, headers } = await send()
  expect(body!.toString()).toBe('{"a":1}')
  expect([headers['content-encoding'], headers['content-length']]).toEqual([undefined, undefined])
})

test('an upstream that is not there is an error', async () => {
  const gone = createServer()
  await new Promise<void>((listening) => gone.listen(0, '127.0.0.1', listening))
  const { port } = gone.address() as AddressInfo
  await new Promise((closed) => gone.close(closed))
  await expect(send({}, { baseUrl: `http://127.0.0.1:${port}` })).rejects.toMatchObject({
    code: 'upstream_error',
    message: 'The upstream could not be reached.',
  })
})

test('a path that HTTP does not allow rejects, and does not throw', async () => {
  await expect(send({}, { path: () => '/a b\r\n' })).rejects.toMatchObject({ code: 'upstream_error' })
})

test('a call that is given up closes its connection', async () => {
  const closed = new Promise<void>((resolve) => {
    listener = (req) => {
      req.socket.once('close', () => resolve())
      call.abort(given)
    }
  })
  const given = Object.assign(new Error('Given up.'), { code: 'client_closed' }) as unknown as GatewayError
  const { provider, close } = httpProvider(options({}))
  const call = provider.send(request)
  await expect(call.reply).rejects.toBe(given)
  await closed
  await close()
})

test('what is under way fails when the provider is closed', async () => {
  const { provider, close } = httpProvider(options({}))
  const arrived = new Promise<void>((resolve) => (listener = () => resolve()))
  const { reply } = provider.send(request)
  reply.catch(() => {})
  await arrived
  await close()
  await expect(reply).rejects.toMatchObject({ code: 'upstream_error' })
})

test.each(['', 'api.example.com/v1', 'ftp://example.com', 'localhost:8000', 'file:///etc', '/v1'])(
  'the base URL %j is refused at once',
  (baseUrl) => {
    expect(() => httpProvider(options({ baseUrl }))).toThrow(/baseUrl ".*" is not an http or https address/)
  },
)

test('a provider tells where it is, and its models', async () => {
  const { provider, close } = httpProvider(options({ baseUrl: `${origin}/v1/`, models: ['a'], timeouts: { total: 5 } }))
  expect(provider).toMatchObject({
    kind: 'wire',
    dialect: 'x',
    address: `${origin}/v1`,
    models: ['a'],
    timeouts: { total: 5 },
  })
  await close()
})
