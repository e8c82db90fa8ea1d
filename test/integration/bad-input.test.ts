/** Whatever a client sends: a 4xx in its own format, no upstream call, and a gateway that serves on. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { JsonObject } from '@sluice/core'
import { json, sse } from '@sluice/core/testing'
import type { TestReply, TestRequest } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { exchangeBytes } from './support/client.ts'
import { setUp } from './support/setting.ts'
import type { Setting, SettingOptions } from './support/setting.ts'
import { ANTHROPIC, OPENAI, WIRES } from './support/wires.ts'
import type { Wire } from './support/wires.ts'

const MB = 1024 * 1024

interface Refused {
  status: number
  code: string
  param?: string
}

/** Sends `request` to a fresh gateway, expects to be refused, and that the same client is served afterwards. */
async function expectRefusal(
  client: Wire,
  request: TestRequest & { path?: string },
  { status, code, param }: Refused,
  options: SettingOptions = {},
): Promise<TestReply> {
  await using setting = await setUp({ wire: client, ...options })
  const { gateway, upstream } = setting
  const reply = await gateway.request(request.path ?? client.path, request)
  expect([reply.status, reply.json()]).toMatchObject([status, client.envelope(status, code)])
  if (param !== undefined && client === OPENAI) expect(reply.json()).toMatchObject({ error: { param } })
  expect(reply.headers['content-type']).toMatch(/^application\/json/)
  expect(upstream.requests).toHaveLength(0)
  await expectServed(setting, client)
  return reply
}

async function expectServed({ gateway, upstream, wire }: Setting, client: Wire, request?: TestRequest): Promise<void> {
  upstream.reply(json(wire.answer('Hello.')))
  const reply = await gateway.request(client.path, request ?? { body: client.request() })
  expect([reply.status, client.textIn(reply.text)]).toEqual([200, 'Hello.'])
}

const invalid = { status: 400, code: 'invalid_request' }
const unknownModel = { status: 404, code: 'model_not_found', param: 'model' }
const raw = (body: string | Buffer, headers: { [name: string]: string } = {}): TestRequest => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body,
})

describe.for(WIRES)('a client of $name', { concurrent: true }, (client) => {
  const { path, request } = client
  const without = (field: string): JsonObject => {
    const { [field]: _, ...rest } = request()
    return rest
  }
  const text = (fields: JsonObject): string => JSON.stringify(request(fields))

  test.for<[what: string, body: string, refused: Refused]>([
    ['a body cut off', '{"model":"m","mess', invalid],
    ['no body', '', invalid],
    ['a body that is no JSON', 'model=m&messages=Hi', invalid],
    ['a list', '[]', invalid],
    ['null', 'null', invalid],
    ['a text', '"m"', invalid],
    ['JSON behind a byte order mark', `\uFEFF${text({})}`, invalid],
    ['two objects', `${text({})}${text({})}`, invalid],
    ['no model', JSON.stringify(without('model')), { ...invalid, param: 'model' }],
    ['a model that is a number', text({ model: 7 }), { ...invalid, param: 'model' }],
    ['a model that is null', text({ model: null }), { ...invalid, param: 'model' }],
    ['an empty model', text({ model: '' }), { ...invalid, param: 'model' }],
    ['no messages', JSON.stringify(without('messages')), { ...invalid, param: 'messages' }],
    ['messages that are a text', text({ messages: 'Hi' }), { ...invalid, param: 'messages' }],
    ['messages that are an object', text({ messages: {} }), { ...invalid, param: 'messages' }],
    ['an empty list of messages', text({ messages: [] }), { ...invalid, param: 'messages' }],
    ['a stream that is a text', text({ stream: 'true' }), { ...invalid, param: 'stream' }],
    ['an unknown model', text({ model: 'n' }), unknownModel],
    ['a target of an unknown provider', text({ model: 'nobody/up-1' }), unknownModel],
    ['a target without a model', text({ model: 'up0/' }), unknownModel],
    ['a target with a letter in place of its slash', text({ model: 'up0x' }), unknownModel],
    ['the name of a property of every object', text({ model: '__proto__' }), unknownModel],
    ['a model with a line break', text({ model: 'up0/a\r\nx-evil: 1' }), { ...invalid, param: 'model' }],
    ['a model with a null', text({ model: 'up0/a\0' }), { ...invalid, param: 'model' }],
    ['a model that climbs', text({ model: 'up0/../../admin' }), { ...invalid, param: 'model' }],
    ['a model that climbs, escaped', text({ model: 'up0/%2e%2e%2fadmin' }), { ...invalid, param: 'model' }],
    ['a model with an escaped slash', text({ model: 'up0/a%2fb' }), { ...invalid, param: 'model' }],
    ['a model with a query', text({ model: 'up0/a?key=1' }), { ...invalid, param: 'model' }],
    ['a model of a million letters', text({ model: `up0/${'a'.repeat(1e6)}` }), { ...invalid, param: 'model' }],
    ['a model in letters that no header takes', text({ model: 'up0/模型' }), { ...invalid, param: 'model' }],
    ['half a character as model', text({ model: 'up0/\uD800' }), { ...invalid, param: 'model' }],
    ['two models', text({}).replace('{', '{"model":"up0/cheap",'), { ...invalid, param: 'model' }],
    [
      'two models, one of them in disguise',
      text({}).replace('{', String.raw`{"mod\u0065l":"up0/cheap",`),
      { ...invalid, param: 'model' },
    ],
    [
      'two models, both in disguise',
      text({}).replace('{"model"', String.raw`{"\u006Dodel":"up0/cheap","m\u006fdel"`),
      { ...invalid, param: 'model' },
    ],
  ])('who sends %s is refused', async ([_, body, refused]) => {
    await expectRefusal(client, raw(body), refused)
  })

  test('who sends a model twice, once inside another field, is served', async () => {
    await using setting = await setUp({ wire: client })
    const metadata = { model: 'x', '"model"': '"model":' }
    await expectServed(setting, client, { body: request({ metadata }) })
  })

  test.for<[what: string, field: string, value: unknown]>([
    ['a limit that is a text', 'max_tokens', 'many'],
    ['a temperature that is a text', 'temperature', '1'],
    ['tools that are no list', 'tools', {}],
    ['a message that is a text', 'messages', ['Hi']],
    ['a message whose content is a number', 'messages', [{ role: 'user', content: 7 }]],
  ])('who sends %s is refused where the request is translated', async ([_, field, value]) => {
    const wire = client === OPENAI ? ANTHROPIC : OPENAI
    const reply = await expectRefusal(client, { body: request({ [field]: value }) }, invalid, { wire })
    expect(JSON.stringify(reply.json())).toContain(field)
  })

  test('who sends an object 100,000 levels deep is served or refused where the request is translated', async () => {
    const wire = client === OPENAI ? ANTHROPIC : OPENAI
    await using setting = await setUp({ wire })
    setting.upstream.reply(json(wire.answer('Hello.')))
    const deep = `${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`
    const tool =
      client === OPENAI
        ? `{"type":"function","function":{"name":"f","parameters":${deep}}}`
        : `{"name":"f","input_schema":${deep}}`
    const reply = await setting.gateway.request(path, raw(text({}).replace(/}$/, `,"tools":[${tool}]}`)))
    // Whether such an object can be written again depends on the version of Node.
    expect([200, 400]).toContain(reply.status)
  })

  test('who sends fields the gateway does not know has them sent on, byte for byte', async () => {
    await using setting = await setUp({ wire: client })
    const body = `{ "future_field" : {"n": 1.0e2, "s":"\\u00fc"},\n ${text({}).slice(1, -1)} , "big":12345678901234567890}`
    await expectServed(setting, client, raw(body))
    const [sent] = setting.upstream.requests
    expect(sent?.body.toString()).toBe(body.replace('"model":"m"', '"model":"up-1"'))
  })

  test.for([
    ['with line breaks', 'x\r\nset-cookie: a=1'],
    ['in letters that no header takes', '模型'],
    ['of 100,000 letters', 'a'.repeat(1e5)],
  ])('who sends fields %s to another format is answered', async ([_, name]) => {
    const wire = client === OPENAI ? ANTHROPIC : OPENAI
    await using setting = await setUp({ wire })
    setting.upstream.reply(json(wire.answer('Hello.')))
    const body = request({
      strange: 1,
      [name!]: 1,
      ...Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, i])),
    })
    const reply = await setting.gateway.request(path, { body })
    expect([reply.status, client.textIn(reply.text)]).toEqual([200, 'Hello.'])
    expect(reply.headers['set-cookie']).toBeUndefined()
    expect(reply.headers['x-sluice-dropped-params']).toContain('strange')
    expect(String(reply.headers['x-sluice-dropped-params']).length).toBeLessThan(4096)
  })

  test('whose body is larger than allowed is refused by its announced length', async () => {
    await expectRefusal(client, raw(Buffer.alloc(33 * MB, ' ')), { status: 413, code: 'request_too_large' })
  })

  test('whose body is larger than allowed is refused, announced or not', async () => {
    const chunked = raw(Buffer.alloc(33 * MB, ' '), { 'transfer-encoding': 'chunked' })
    await expectRefusal(client, chunked, { status: 413, code: 'request_too_large' })
  })

  test('whose body swells beyond the limit is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(2 * MB, ' '))
    const request = raw(bomb, { 'content-encoding': 'gzip' })
    const reply = expectRefusal(
      client,
      request,
      { status: 413, code: 'request_too_large' },
      { server: { bodyLimit: '1mb' } },
    )
    expect((await reply).status).toBe(413)
  })

  test.for<[encoding: string, encode: (body: string) => Buffer]>([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (body) => Buffer.from(body)],
  ])('may compress its body: %s', async ([encoding, encode]) => {
    await using setting = await setUp({ wire: client })
    await expectServed(setting, client, raw(encode(text({})), { 'content-encoding': encoding }))
    expect(setting.upstream.requests[0]?.headers['content-encoding']).toBeUndefined()
    expect(setting.upstream.requests[0]?.json()).toMatchObject({ model: 'up-1' })
  })

  test.for<[what: string, encoding: string, body: string | Buffer]>([
    ['in an unknown coding', 'snappy', text({})],
    ['in two codings', 'gzip, gzip', gzipSync(gzipSync(text({})))],
    ['in a coding named like a property of every object', 'constructor', text({})],
    ['that is not in the coding it claims', 'gzip', text({})],
    ['that is cut off inside its coding', 'gzip', gzipSync(text({})).subarray(0, -9)],
    ['of noise', 'br', randomBytes(1000)],
  ])('whose body is %s is refused', async ([_, encoding, body]) => {
    await expectRefusal(client, raw(body, { 'content-encoding': encoding }), invalid)
  })

  test('who sends its body too slowly is told so, and the connection is closed', async () => {
    await using setting = await setUp({ wire: client, server: { bodyTimeout: '30ms' } })
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nanthropic-version: 2023-06-01\r\ncontent-length: 100\r\n\r\n`
    const received = await exchangeBytes(setting.gateway.url, `${head}{"model"`)
    expect(received).toMatch(/^HTTP\/1.1 408 /)
    const [, body = ''] = received.split('\r\n\r\n')
    expect(JSON.parse(body)).toMatchObject(client.envelope(408, 'request_timeout'))
    expect(setting.upstream.requests).toHaveLength(0)
    await expectServed(setting, client)
  })

  test('who drips its body is told so as well: what counts is the whole time', async () => {
    await using setting = await setUp({ wire: client, server: { bodyTimeout: '30ms' } })
    const dripping = new AbortController()
    const drip = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await sleep(5)
        if (!dripping.signal.aborted) controller.enqueue(Buffer.from(' '))
        else controller.close()
      },
    })
    const reply = await fetch(setting.gateway.url + path, { method: 'POST', body: drip, duplex: 'half' })
    dripping.abort()
    expect([reply.status, await reply.json()]).toMatchObject([408, client.envelope(408, 'request_timeout')])
  })

  const own = client === ANTHROPIC ? { 'anthropic-version': '2023-06-01' } : {}

  test.for(['GET', 'PUT', 'DELETE', 'PATCH'])(
    'who uses %s on the chat endpoint learns which method it takes',
    async (method) => {
      const request = { method, headers: own, ...(method[0] === 'P' ? { body: text({}) } : {}) }
      const reply = await expectRefusal(client, request, { status: 405, code: 'method_not_allowed' })
      expect(reply.headers['allow']).toBe('POST')
    },
  )

  test.for([
    '/v1/chat',
    '/',
    '/v1/%2e%2e/v1/messages/x',
    '/v1/chat%2fcompletions',
    '/V1/MESSAGESX',
    '/v1/chat/%zz',
    '/%',
    '//evil.example/v1/messages',
    '/v1/messages;x=1',
  ])('who calls %s finds nothing there', async (path) => {
    const reply = await expectRefusal(
      client,
      { path, body: text({}), headers: own },
      { status: 404, code: 'not_found' },
    )
    expect(reply.headers['x-request-id']).toBeDefined()
  })

  test('whose request is refused in the middle of a connection is served on the same one', async () => {
    await using setting = await setUp({ wire: client })
    setting.upstream.reply(json(client.answer('Hello.')))
    const requests = [text({ model: 'n' }), '{"model', text({ messages: [] }), text({})].map((body) => {
      const length = `content-length: ${Buffer.byteLength(body)}`
      return `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${length}\r\n\r\n${body}`
    })
    const received = await exchangeBytes(setting.gateway.url, requests.join(''), (text) => text.includes('Hello.'))
    expect(received.match(/HTTP\/1.1 \d+/g)).toEqual(['404', '400', '400', '200'].map((status) => `HTTP/1.1 ${status}`))
  })
})

test.for(['*', 'http://evil.example/v1/messages', '/\u00ff'])(
  'a request for the target %s gets an answer',
  async (target) => {
    await using setting = await setUp()
    const received = await exchangeBytes(
      setting.gateway.url,
      `OPTIONS ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    )
    expect(received).toMatch(/^HTTP\/1.1 4\d\d /)
    expect(setting.gateway.log.find(({ level }) => level === 'error')).toBeUndefined()
  },
)

test('what no client sends is refused on the socket and hurts nobody else', async () => {
  await using setting = await setUp()
  setting.upstream.reply(sse(OPENAI.stream('a')))
  for (const bytes of [
    '\x16\x03\x01\x02\x00',
    'GET / HTTP/9\r\n\r\n',
    `GET / HTTP/1.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
  ]) {
    expect(await exchangeBytes(setting.gateway.url, bytes)).toMatch(/^HTTP\/1.1 4\d\d /)
  }
  expect((await setting.gateway.request(OPENAI.path, { body: OPENAI.request({ stream: true }) })).status).toBe(200)
})
