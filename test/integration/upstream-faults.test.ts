/** Whatever an upstream does: the right error in the client's format, never an answer that looks whole, and nothing hangs. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  brotliCompressSync,
  createBrotliCompress,
  createDeflate,
  createGzip,
  createZstdCompress,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import {
  body,
  cutMidStream,
  endMidStream,
  errorInStream,
  htmlErrorPage,
  hugeFrame,
  json,
  rateLimited,
  refusedUrl,
  resetBeforeHeaders,
  resetMidBody,
  sse,
  stallBeforeHeaders,
  stallMidBody,
  stallMidStream,
  text,
} from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import type { JsonObject } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { openReply } from './support/client.ts'
import { Ends, observer, setUp } from './support/setting.ts'
import type { Setting, SettingOptions } from './support/setting.ts'
import { ANTHROPIC, framesIn, OPENAI, PATHS, upTo } from './support/wires.ts'
import type { Wire } from './support/wires.ts'

/** Milliseconds an upstream is given where it is to be too slow. */
const LIMIT = 100

interface Fault {
  what: string
  /** Which requests it can befall. Default: both. */
  stream?: boolean
  reply: (wire: Wire) => UpstreamReply
  status: number | ((wire: Wire) => number)
  code: string
  timeouts?: SettingOptions['timeouts']
  /** False: the next target would not do better. */
  retryable?: false
}

const failed = { status: 502, code: 'upstream_error' }
const late = { status: 504, code: 'upstream_timeout' }
const redirect =
  (status: number): UpstreamReply =>
  (_request, response) =>
    void response.writeHead(status, { location: '/v1/elsewhere' }).end()

/** Before the first byte of an answer: the client may still be told with a status, and another target may take over. */
const EARLY: Fault[] = [
  { what: 'resets the connection', reply: resetBeforeHeaders, ...failed },
  { what: 'closes the connection', reply: () => (_, response) => void response.socket?.end(), ...failed },
  {
    what: 'says nothing to a whole request',
    stream: false,
    reply: stallBeforeHeaders,
    timeouts: { total: LIMIT },
    ...late,
  },
  {
    what: 'says nothing to a stream request',
    stream: true,
    reply: stallBeforeHeaders,
    timeouts: { firstByte: LIMIT },
    ...late,
  },
  {
    what: 'sends the head of a stream and no more',
    stream: true,
    reply: () => stallMidStream(),
    timeouts: { firstByte: LIMIT },
    ...late,
  },
  {
    what: 'sends half an event and no more',
    stream: true,
    reply: (wire) => stallMidStream(wire.stream('a'), 20),
    timeouts: { firstByte: LIMIT },
    ...late,
  },
  { what: 'resets the connection in a whole answer', stream: false, reply: () => resetMidBody(1000), ...failed },
  {
    what: 'stops in a whole answer',
    stream: false,
    reply: () => stallMidBody(1000),
    timeouts: { total: LIMIT },
    ...late,
  },
  {
    what: 'cuts a stream in its first event',
    stream: true,
    reply: (wire) => cutMidStream(wire.stream('a'), 20),
    ...failed,
  },
  {
    what: 'ends a stream in its first event',
    stream: true,
    reply: (wire) => endMidStream(wire.stream('a'), 20),
    ...failed,
  },
  { what: 'ends a stream that has only just begun', stream: true, reply: () => sse(''), ...failed },
  { what: 'sends comments only', stream: true, reply: () => sse(': busy\n\n: busy\n\n'), ...failed },
  {
    what: 'begins its stream with an error event',
    stream: true,
    reply: (wire) => errorInStream(wire.refusal('overloaded_error', 'Too busy.')),
    status: (wire) => (wire === OPENAI ? 503 : 529),
    code: 'upstream_error',
  },
  { what: 'begins its stream with noise', stream: true, reply: () => sse('data: ~~~\n\n'), ...failed },
  {
    what: 'puts an error into a 200',
    stream: false,
    reply: (wire) => json(wire.refusal('overloaded_error', 'Too busy.')),
    status: (wire) => (wire === OPENAI ? 503 : 529),
    code: 'upstream_error',
  },
  { what: 'answers with an error page', reply: () => htmlErrorPage(), ...failed },
  { what: 'answers with an error page and 500', reply: () => htmlErrorPage(500), status: 500, code: 'upstream_error' },
  { what: 'answers with an error page and 200', reply: () => htmlErrorPage(200), ...failed },
  { what: 'answers with another content type', reply: (wire) => text(JSON.stringify(wire.answer('a'))), ...failed },
  {
    what: 'names no content type',
    reply: (wire) => (_, response) => void response.end(JSON.stringify(wire.answer('a'))),
    ...failed,
  },
  {
    what: 'names two content types',
    reply: (wire) => (_, response) => {
      response.setHeader('content-type', ['text/plain', 'text/html'])
      response.end(JSON.stringify(wire.answer('a')))
    },
    ...failed,
  },
  { what: 'answers whole to a stream request', stream: true, reply: (wire) => json(wire.answer('a')), ...failed },
  { what: 'streams to a whole request', stream: false, reply: (wire) => sse(wire.stream('a')), ...failed },
  { what: 'answers with nothing', reply: () => (_, response) => void response.writeHead(204).end(), ...failed },
  { what: 'answers with an empty body', stream: false, reply: () => body('', 'application/json'), ...failed },
  { what: 'redirects', reply: () => redirect(302), ...failed },
  { what: 'redirects with the method kept', reply: () => redirect(307), ...failed },
  {
    what: 'compresses badly',
    reply: () => body('{"not":"gzip"}', 'application/json', { headers: { 'content-encoding': 'gzip' } }),
    ...failed,
  },
  {
    what: 'names a coding like a property of every object',
    reply: () => body('~~~', 'application/json', { headers: { 'content-encoding': 'constructor' } }),
    ...failed,
  },
  {
    what: 'limits the rate',
    reply: (wire) => rateLimited(7, wire.refusal('rate_limit_error', 'Slow down.')['error'] as JsonObject),
    status: 429,
    code: 'rate_limit_exceeded',
  },
  {
    what: 'is down',
    reply: (wire) => json(wire.refusal('server_error', 'Down.'), { status: 503 }),
    status: 503,
    code: 'upstream_error',
  },
  {
    what: "refuses the gateway's credential",
    reply: (wire) => json(wire.refusal('authentication_error', 'Bad key.'), { status: 401 }),
    ...failed,
  },
  {
    what: 'refuses the request',
    reply: (wire) => json(wire.refusal('invalid_request_error', 'Too hot.'), { status: 400 }),
    status: 400,
    code: 'invalid_request',
    retryable: false,
  },
]

const modesOf = ({ stream }: { stream?: boolean }): boolean[] => (stream === undefined ? [false, true] : [stream])
const CASES = PATHS.flatMap((path) =>
  EARLY.flatMap((fault) => modesOf(fault).map((stream) => ({ ...path, fault, stream }))),
)

const settingFor = (
  options: { wire: Wire; observed: boolean; fault: Pick<Fault, 'timeouts'> },
  targets = 1,
): Promise<Setting> => {
  const { wire, observed, fault } = options
  return setUp({
    wire,
    targets,
    plugins: observed ? [observer()] : [],
    ...(fault.timeouts && { timeouts: fault.timeouts }),
  })
}

describe.concurrent('an upstream that fails before the first byte', () => {
  test.for(CASES)('$path by $wire.name to $client.name (stream: $stream): $fault.what', async (options) => {
    const { client, wire, fault, stream } = options
    await using setting = await settingFor(options)
    setting.upstream.reply(fault.reply(wire))
    const reply = await setting.gateway.request(client.path, { body: client.request({ stream }) })
    const status = typeof fault.status === 'number' ? fault.status : fault.status(wire)
    expect(reply.status).toBe(status)
    // An error in the client's own format goes out as it came.
    const own = client === wire && /Too|Slow|Down/.test(reply.text)
    if (own) expect(reply.json()).toHaveProperty('error.message')
    else expect(reply.json()).toMatchObject(client.envelope(status, fault.code))
    expect(reply.headers['content-type']).toBe('application/json')
    expect(reply.headers['retry-after']).toBe(status === 429 ? '7' : undefined)
    if (fault.timeouts) return
    expect(setting.upstream.requests).toHaveLength(1)

    setting.upstream.reply(stream ? sse(wire.stream('On ', 'again.')) : json(wire.answer('On again.')))
    const next = await setting.gateway.request(client.path, { body: client.request({ stream }) })
    expect([next.status, client.textIn(next.text)]).toEqual([200, 'On again.'])
  })

  // Whether a plugin looks at the parts makes no difference before the first one.
  const unobserved = CASES.filter(({ observed }) => !observed)
  test.for(unobserved)(
    'is stood in for, $path by $wire.name to $client.name (stream: $stream): $fault.what',
    async (options) => {
      const { client, wire, fault, stream } = options
      await using setting = await settingFor(options, 2)
      const [first, second] = setting.upstreams
      first!.reply(fault.reply(wire))
      second!.reply(stream ? sse(wire.stream('I ', 'can.')) : json(wire.answer('I can.')))
      const reply = await setting.gateway.request(client.path, { body: client.request({ stream }) })
      if (fault.retryable === false) {
        expect([reply.status, second!.requests.length]).toEqual([fault.status, 0])
      } else {
        expect([reply.status, client.textIn(reply.text)]).toEqual([200, 'I can.'])
        expect(reply.headers['x-sluice-attempts']).toBe('2')
        expect(reply.headers['x-sluice-model']).toBe('up1/up-1')
      }
    },
  )

  test.for([
    ['refuses connections', refusedUrl],
    ['has no address', () => Promise.resolve('http://nobody.invalid')],
    ['is no HTTP server', noise],
  ] as const)('is told of, and stood in for, when it %s', async ([_, urlOf]) => {
    const url = await urlOf()
    await using alone = await setUp({ url })
    const reply = await alone.gateway.request(OPENAI.path, { body: OPENAI.request() })
    expect([reply.status, reply.json()]).toMatchObject([502, OPENAI.envelope(502, 'upstream_error')])
    expect(reply.text).not.toContain(new URL(url).host)
    await using backed = await setUp({ url, targets: 2 })
    backed.upstreams[1]!.reply(json(OPENAI.answer('I can.')))
    expect((await backed.gateway.request(OPENAI.path, { body: OPENAI.request() })).status).toBe(200)
  })

  test('is told of as the last target was, when all fail', async () => {
    await using setting = await setUp({ targets: 3 })
    const [first, second, third] = setting.upstreams
    first!.reply(resetBeforeHeaders())
    second!.reply(rateLimited(7))
    third!.reply(htmlErrorPage(503))
    const reply = await setting.gateway.request(OPENAI.path, { body: OPENAI.request() })
    expect([reply.status, reply.json()]).toMatchObject([503, OPENAI.envelope(503, 'upstream_error')])
    expect(setting.upstreams.map(({ requests }) => requests.length)).toEqual([1, 1, 1])
  })
})

/** A server that answers everything with bytes that are no HTTP. */
async function noise(): Promise<string> {
  const server = createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.2\r\n')).unref()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Once the head is sent, only the stream itself can tell. */
interface LateFault {
  what: string
  reply: (wire: Wire, stream: string) => UpstreamReply
  status: number
  code: string
  timeouts?: SettingOptions['timeouts']
  /** The client's text before the error, if it is not the beginning of the whole one. */
  text?: RegExp
}

const TEXTS = ['Once ', 'upon ', 'a ', 'time.']
/** Bytes up to half of the frame behind the one that says `text`. */
const inside = (stream: string, text: string): number => upTo(stream, text) + 40
/** The stream with `frame` put in behind the frame that says `upon`. */
const withFrame = (stream: string, frame: string): string => {
  const at = upTo(stream, 'upon ')
  return stream.slice(0, at) + frame + stream.slice(at)
}

const LATE: LateFault[] = [
  { what: 'is cut between events', reply: (_, stream) => cutMidStream(stream, upTo(stream, 'upon ')), ...failed },
  { what: 'is cut inside an event', reply: (_, stream) => cutMidStream(stream, inside(stream, 'upon ')), ...failed },
  {
    what: 'ends too early, between events',
    reply: (_, stream) => endMidStream(stream, upTo(stream, 'upon ')),
    ...failed,
  },
  {
    what: 'ends too early, inside an event',
    reply: (_, stream) => endMidStream(stream, inside(stream, 'upon ')),
    ...failed,
  },
  {
    what: 'falls silent between events',
    reply: (_, stream) => stallMidStream(stream, upTo(stream, 'upon ')),
    timeouts: { idle: LIMIT },
    ...late,
  },
  {
    what: 'falls silent inside an event',
    reply: (_, stream) => stallMidStream(stream, inside(stream, 'upon ')),
    timeouts: { idle: LIMIT },
    ...late,
  },
  {
    what: 'takes longer than it may in all',
    reply: (_, stream) => {
      const cuts = ['upon ', 'a ', 'time.'].map((text) => upTo(stream, text))
      return sse(stream, { chunk: cuts, delayMs: LIMIT * 0.6 })
    },
    timeouts: { total: LIMIT },
    ...late,
    text: /^Once upon (a )?$/,
  },
  {
    what: 'brings an event of 10 MB',
    reply: (_, stream) => sse(withFrame(stream, `data: ${'a'.repeat(1e7)}\n\n`)),
    ...failed,
  },
  {
    what: 'is cut inside its compression',
    reply: (_, stream) => (_request, response) => {
      const whole = gzipSync(stream)
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
      response.end(whole.subarray(0, whole.length - 20))
    },
    ...failed,
    text: /^/,
  },
  {
    what: 'turns to noise inside its compression',
    reply: (_, stream) => async (_request, response) => {
      const encoder = createGzip()
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
      encoder.pipe(response, { end: false })
      encoder.write(stream.slice(0, upTo(stream, 'upon ')))
      await new Promise<void>((resolve) => encoder.flush(resolve))
      await sleep(20)
      response.end('noise'.repeat(99))
    },
    ...failed,
  },
]

describe.concurrent('a stream', () => {
  const cases = PATHS.flatMap((path) => LATE.map((fault) => ({ ...path, fault })))
  test.for(cases)(
    'that $fault.what, $path by $wire.name to $client.name, ends with an error event',
    async (options) => {
      const { client, wire, fault } = options
      const ends = new Ends()
      await using setting = await setUp({
        wire,
        plugins: options.observed ? [observer(), ends.plugin] : [ends.plugin],
        ...(fault.timeouts && { timeouts: fault.timeouts }),
      })
      setting.upstream.reply(fault.reply(wire, wire.stream(...TEXTS)))
      const reply = await openReply(setting.gateway.url + client.path, client.request({ stream: true }))
      const { text, broken } = await reply.rest()
      expect([reply.status, broken]).toEqual([200, false])
      expect(client.textIn(text)).toMatch(fault.text ?? /^Once (upon )?$/)
      expect(text).not.toContain(client.cleanEnd)
      expect(framesIn(text).at(-1)).toMatchObject(client.envelope(fault.status, fault.code))
      expect(text).toMatch(/\n\n$/)
      const exchange = await ends.at(0)
      expect(exchange).toMatchObject({ outcome: 'failed', replyPath: options.path, error: { code: fault.code } })
      expect(exchange.attempts).toMatchObject([{ error: { code: fault.code } }])
      if (fault.timeouts) await setting.upstream.requests[0]!.closed
      expect(ends.all).toHaveLength(1)
    },
  )

  test.for(PATHS)(
    'with an error event of its own, $path by $wire.name to $client.name, tells it once',
    async (options) => {
      const { client, wire, observed } = options
      const ends = new Ends()
      await using setting = await setUp({ wire, plugins: observed ? [observer(), ends.plugin] : [ends.plugin] })
      const stream = wire.stream(...TEXTS)
      const error = wire.refusal('overloaded_error', 'Too busy.')
      const frame = `event: error\ndata: ${JSON.stringify(error)}\n\n`
      setting.upstream.reply(sse(stream.slice(0, upTo(stream, 'upon ')) + frame))
      const reply = await openReply(setting.gateway.url + client.path, client.request({ stream: true }))
      const { text, broken } = await reply.rest()
      expect(broken).toBe(false)
      expect(client.textIn(text)).toBe('Once upon ')
      expect(framesIn(text).filter((data) => 'error' in data)).toHaveLength(1)
      expect(framesIn(text).at(-1)).toMatchObject({ error: { message: 'Too busy.' } })
      expect(text).not.toContain(client.cleanEnd)
      expect(await ends.at(0)).toMatchObject({ outcome: 'failed', error: { code: 'upstream_error' } })
    },
  )

  test.for(PATHS)(
    'with an event that cannot be read, $path by $wire.name to $client.name, never looks whole',
    async (options) => {
      const { client, wire, observed } = options
      const ends = new Ends()
      await using setting = await setUp({ wire, plugins: observed ? [observer(), ends.plugin] : [ends.plugin] })
      const stream = withFrame(wire.stream(...TEXTS), 'data: {"half":\n\n')
      setting.upstream.reply(sse(stream, { chunk: 'frame' }))
      const { text } = await (
        await openReply(setting.gateway.url + client.path, client.request({ stream: true }))
      ).rest()
      if (client === wire) expect(text.startsWith(stream)).toBe(true)
      else expect([client.textIn(text), text.includes(client.cleanEnd)]).toEqual(['Once upon ', false])
      expect(await ends.at(0)).toMatchObject({ outcome: 'failed', error: { code: 'upstream_error' } })
      expect(framesIn(text.replace('data: {"half":', '')).at(-1)).toMatchObject(client.envelope(502, 'upstream_error'))
    },
  )

  test.for(PATHS)('with bytes that are no UTF-8 passes, $path by $wire.name to $client.name', async (options) => {
    const { client, wire, observed } = options
    await using setting = await setUp({ wire, plugins: observed ? [observer()] : [] })
    const [before = '', after = ''] = wire.stream('BAD').split('BAD')
    const bytes = Buffer.concat([Buffer.from(before), Buffer.from([0x80, 0xff, 0xe2, 0x82]), Buffer.from(after)])
    setting.upstream.reply(sse(bytes))
    const response = await fetch(setting.gateway.url + client.path, {
      method: 'POST',
      body: JSON.stringify(client.request({ stream: true })),
    })
    const received = Buffer.from(await response.arrayBuffer())
    if (client === wire) expect(received.equals(bytes)).toBe(true)
    else expect(client.textIn(received.toString())).toBe('\uFFFD\uFFFD\uFFFD')
    expect(received.toString()).toContain(client.cleanEnd)
  })

  test.for(PATHS)('with an event of 512 kB passes, $path by $wire.name to $client.name', async (options) => {
    const { client, wire, observed } = options
    await using setting = await setUp({ wire, plugins: observed ? [observer()] : [] })
    const long = 'a'.repeat(1 << 19)
    setting.upstream.reply(sse(wire.stream(long, long)))
    const reply = await setting.gateway.request(client.path, { body: client.request({ stream: true }) })
    expect(client.textIn(reply.text) === long + long).toBe(true)
    expect(reply.text).toContain(client.cleanEnd)
  })

  test.for(PATHS)(
    'that begins with 10 MB without an event fails, $path by $wire.name to $client.name',
    async (options) => {
      const { client, wire, observed } = options
      await using setting = await setUp({ wire, plugins: observed ? [observer()] : [] })
      setting.upstream.reply(hugeFrame())
      const { text } = await setting.gateway.request(client.path, { body: client.request({ stream: true }) })
      expect(framesIn(text)).toMatchObject([client.envelope(502, 'upstream_error')])
    },
  )
})

test("parts that the client's format has no way to write end the stream with an error event", async () => {
  const ends = new Ends()
  await using setting = await setUp({ wire: OPENAI, plugins: [ends.plugin] })
  const call = (index: number, part: JsonObject): string => {
    const delta = { tool_calls: [{ index, ...part }] }
    return `data: ${JSON.stringify({ id: '1', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`
  }
  const begun = [0, 1].map((index) => call(index, { id: `call_${index}`, function: { name: 'f', arguments: '{"a":' } }))
  const interleaved = [0, 1].map((index) => call(index, { function: { arguments: '1}' } }))
  setting.upstream.reply(sse([...begun, ...interleaved, OPENAI.stream('a')].join('')))
  const reply = await openReply(setting.gateway.url + ANTHROPIC.path, ANTHROPIC.request({ stream: true }))
  const { text, broken } = await reply.rest()
  expect([reply.status, broken]).toEqual([200, false])
  expect(framesIn(text).at(-1)).toMatchObject(ANTHROPIC.envelope(502, 'upstream_error'))
  expect(text).not.toContain(ANTHROPIC.cleanEnd)
  expect(await ends.at(0)).toMatchObject({ outcome: 'failed' })
})

test.for([ANTHROPIC, OPENAI])(
  'a JSON object that is no answer is refused where it is translated: $name',
  async (wire) => {
    const client = wire === OPENAI ? ANTHROPIC : OPENAI
    await using setting = await setUp({ wire })
    setting.upstream.reply(json({ hello: 'world' }))
    const reply = await setting.gateway.request(client.path, { body: client.request() })
    expect([reply.status, reply.json()]).toMatchObject([502, client.envelope(502, 'upstream_error')])
  },
)

describe.concurrent('a compressed answer', () => {
  const encoders = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync }
  const cases = PATHS.flatMap((path) =>
    Object.entries(encoders).map(([encoding, encode]) => ({ ...path, encoding, encode })),
  )

  test.for(cases)('passes plain, $path by $wire.name to $client.name: $encoding', async (options) => {
    const { client, wire, observed, encoding, encode } = options
    await using setting = await setUp({ wire, plugins: observed ? [observer()] : [] })
    for (const stream of [false, true]) {
      const plain = stream ? wire.stream(...TEXTS) : JSON.stringify(wire.answer(TEXTS.join('')))
      const type = stream ? 'text/event-stream' : 'application/json'
      setting.upstream.reply(body(encode(Buffer.from(plain)), type, { headers: { 'content-encoding': encoding } }))
      const reply = await setting.gateway.request(client.path, { body: client.request({ stream }) })
      expect([reply.status, client.textIn(reply.text)]).toEqual([200, TEXTS.join('')])
      expect(reply.headers['content-encoding']).toBeUndefined()
      if (client === wire) expect(reply.text).toBe(plain)
    }
  })

  test.for(['gzip', 'deflate', 'br', 'zstd'] as const)('is passed on as it comes: %s', async (encoding) => {
    await using setting = await setUp()
    const encoder = { gzip: createGzip, deflate: createDeflate, br: createBrotliCompress, zstd: createZstdCompress }[
      encoding
    ]()
    const release = Promise.withResolvers<void>()
    const stream = OPENAI.stream(...TEXTS)
    const half = upTo(stream, 'upon ')
    setting.upstream.reply(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': encoding })
      encoder.pipe(response)
      encoder.write(stream.slice(0, half))
      encoder.flush()
      await release.promise
      encoder.end(stream.slice(half))
    })
    const reply = await openReply(setting.gateway.url + OPENAI.path, OPENAI.request({ stream: true }))
    expect(await reply.until('upon ')).toBe(stream.slice(0, half))
    release.resolve()
    expect((await reply.rest()).text).toBe(stream)
  })
})

test('of the headers only those of the dialect reach the client, in whatever letters', async () => {
  await using setting = await setUp()
  setting.upstream.reply((_request, response) => {
    const answer = JSON.stringify(OPENAI.answer('Hello.'))
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nopenai-organization: \u6a21\u578b\r\nopenai-version: 1\r\n`
    response.socket?.end(
      `${head}set-cookie: a=1\r\ncontent-length: ${answer.length}\r\nconnection: close\r\n\r\n${answer}`,
    )
  })
  const reply = await setting.gateway.request(OPENAI.path, { body: OPENAI.request() })
  expect([reply.status, OPENAI.textIn(reply.text)]).toEqual([200, 'Hello.'])
  expect(reply.headers).toMatchObject({ 'openai-version': '1' })
  expect(reply.headers).not.toHaveProperty('set-cookie')
})
