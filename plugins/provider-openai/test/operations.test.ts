/** Every operation, from a client's request to OpenAI and back. */
import { definePlugin } from '@sluice/core'
import type { Exchange, JsonObject, Usage } from '@sluice/core'
import {
  body,
  createTestGateway,
  cutMidStream,
  json,
  mockUpstream,
  recordedCases,
  replayCase,
  sse,
  text,
} from '@sluice/core/testing'
import type { TestGateway, TestRequest, UpstreamReply, UpstreamRequest } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { describe, expect, test } from 'vitest'
import { openai } from '../src/index.ts'

const apiKey = 'sk-test-0123456789'

interface Seen {
  reply: Awaited<ReturnType<TestGateway['request']>>
  request: UpstreamRequest | undefined
  /** What the exchange was worth. */
  usage: Usage | undefined
  path: string
}

/** Sends one request through a gateway with OpenAI behind it. */
async function ask(path: string, init: TestRequest, answer: UpstreamReply, models = {}): Promise<Seen> {
  await using upstream = await mockUpstream()
  upstream.reply(answer)
  const over = Promise.withResolvers<Exchange>()
  const watch = definePlugin({
    name: 'test-watch',
    version: '0.0.0',
    api: 1,
    setup({ hooks }) {
      hooks.onComplete.tap('watch', (exchange) => over.resolve(exchange))
    },
  })
  await using gateway = await createTestGateway({
    models,
    plugins: [openaiDialect(), openai({ apiKey, baseUrl: `${upstream.url}/v1` }), watch()],
  })
  const reply = await gateway.request(path, init)
  const { usage, replyPath } = await over.promise
  return { reply, request: upstream.requests[0], usage, path: replyPath }
}

const says = (content: string): JsonObject[] => [{ role: 'user', content }]
const tokens = (input: number, output: number): object => ({ input: { total: input }, output: { total: output } })
const events = (...list: JsonObject[]): string =>
  list.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`).join('')

describe('JSON goes up and comes back byte by byte', () => {
  const cases: { path: string; up?: string; body: JsonObject; reply: JsonObject; usage?: object }[] = [
    {
      path: '/v1/chat/completions',
      body: { messages: says('Hi') },
      reply: { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
      usage: tokens(3, 2),
    },
    {
      path: '/v1/responses',
      body: { input: 'Hi' },
      reply: { object: 'response', status: 'completed', output: [], usage: { input_tokens: 3, output_tokens: 2 } },
      usage: tokens(3, 2),
    },
    {
      path: '/v1/completions',
      body: { prompt: [[1, 2], [3]], echo: true },
      reply: { object: 'text_completion', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } },
      usage: tokens(3, 2),
    },
    {
      path: '/v1/embeddings',
      body: { input: [[1, 2, 3]], encoding_format: 'base64', dimensions: 2, user: 'ada' },
      reply: {
        object: 'list',
        data: [{ index: 0, embedding: 'AACAPw==' }],
        usage: { prompt_tokens: 3, total_tokens: 3 },
      },
      usage: tokens(3, 0),
    },
    { path: '/v1/moderations', body: { input: ['Hi'] }, reply: { id: 'modr-1', results: [{ flagged: false }] } },
    {
      path: '/v1/images/generations',
      body: { prompt: 'A cat', n: 1 },
      reply: {
        created: 1,
        data: [{ b64_json: 'AA==' }],
        usage: { input_tokens: 9, output_tokens: 1056, input_tokens_details: { text_tokens: 4, image_tokens: 5 } },
      },
      usage: { input: { total: 9, image: 5 }, output: { total: 1056 } },
    },
    {
      path: '/v1/responses/input_tokens',
      body: { input: 'Hi', instructions: 'Be brief.' },
      reply: { object: 'response.input_tokens', input_tokens: 11 },
    },
  ]
  test.each(cases)('$path', async ({ path, body, reply: sent, usage }) => {
    const bytes = JSON.stringify({ model: 'openai/some-model', ...body }, undefined, 1)
    const seen = await ask(path, { method: 'POST', body: bytes }, json(sent))
    expect(seen.request).toMatchObject({ method: 'POST', path })
    expect(seen.request!.body.toString()).toBe(bytes.replace('openai/some-model', 'some-model'))
    expect(seen.request!.headers).toMatchObject({
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
    })
    expect(seen.reply).toMatchObject({ status: 200, text: JSON.stringify(sent) })
    expect(seen.path).toBe('observed')
    if (usage) expect(seen.usage).toMatchObject(usage)
    else expect(seen.usage).toBeUndefined()
  })

  test('under the names that clients of Azure use, too', async () => {
    const asked = { method: 'POST', body: JSON.stringify({ input: 'Hi' }) }
    const { request } = await ask(
      '/openai/deployments/embed/embeddings?api-version=2024-10-21',
      asked,
      json({ data: [] }),
      {
        embed: 'openai/text-embedding-3-small',
      },
    )
    expect(request!.path).toBe('/v1/embeddings')
    expect(request!.json()).toEqual({ model: 'text-embedding-3-small', input: 'Hi' })
  })
})

describe('streams pass byte by byte', () => {
  const cases: { path: string; body: JsonObject; stream: string; usage?: object }[] = [
    {
      path: '/v1/chat/completions',
      body: { messages: says('Hi'), stream: true },
      stream: 'data: {"choices":[{"index":0,"delta":{"content":"A"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    },
    {
      path: '/v1/responses',
      body: { input: 'Hi', stream: true },
      stream: events(
        { type: 'response.created', response: { id: 'r', output: [] } },
        { type: 'response.completed', response: { id: 'r', output: [], usage: { input_tokens: 3, output_tokens: 2 } } },
      ),
      usage: tokens(3, 2),
    },
    {
      path: '/v1/completions',
      body: { prompt: 'Hi', stream: true },
      stream: `data: {"object":"text_completion","choices":[{"text":"A","index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\ndata: [DONE]\n\n`,
      usage: tokens(3, 2),
    },
    {
      path: '/v1/images/generations',
      body: { prompt: 'A cat', stream: true, partial_images: 1 },
      stream: events(
        { type: 'image_generation.partial_image', b64_json: 'AA==' },
        { type: 'image_generation.completed', b64_json: 'AAA=', usage: { input_tokens: 9, output_tokens: 1056 } },
      ),
      usage: tokens(9, 1056),
    },
    {
      path: '/v1/audio/speech',
      body: { input: 'Hi', voice: 'alloy', stream_format: 'sse' },
      stream: events(
        { type: 'speech.audio.delta', audio: 'AA==' },
        { type: 'speech.audio.done', usage: { input_tokens: 4, output_tokens: 50, total_tokens: 54 } },
      ),
      usage: tokens(4, 50),
    },
  ]
  test.each(cases)('$path', async ({ path, body, stream, usage }) => {
    const init = { body: { model: 'openai/some-model', ...body } }
    const seen = await ask(path, init, sse(stream, { chunk: 7 }))
    expect(seen.request).toMatchObject({ path })
    expect(seen.reply.text).toBe(stream)
    expect(seen.reply.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(seen.path).toBe('verbatim')
    if (usage) expect(seen.usage).toMatchObject(usage)
  })

  test('an error in the first event of a stream of pictures is a refusal', async () => {
    const error = { error: { message: 'Slow down.', code: 'rate_limit_exceeded', type: 'rate_limit_error' } }
    const init = { body: { model: 'openai/gpt-image-1', prompt: 'A cat', stream: true } }
    const { reply } = await ask('/v1/images/generations', init, sse(events({ type: 'error', ...error })))
    expect(reply).toMatchObject({ status: 429 })
  })

  test('a stream of pictures that is cut off ends with an error', async () => {
    const stream = events(
      { type: 'image_generation.partial_image', b64_json: 'AA==' },
      { type: 'image_generation.completed' },
    )
    const init = { body: { model: 'openai/gpt-image-1', prompt: 'A cat', stream: true } }
    const { reply } = await ask('/v1/images/generations', init, cutMidStream(stream, stream.length - 5))
    const [first, last, rest] = reply.text.split('\n\n')
    expect(first).toContain('partial_image')
    expect(JSON.parse(last!.slice('data: '.length))).toMatchObject({ error: { code: 'upstream_error' } })
    expect(rest).toBe('')
  })
})

describe('speech', () => {
  const init = { body: { model: 'openai/tts-1', input: 'Hi', voice: 'alloy' } }

  test('comes as the bytes of a sound, of whatever kind', async () => {
    const bytes = Buffer.from([0xff, 0xf3, 0x00, 0x0a, 0x0d, 0x0a, 0x0a, 0x7b, 0x22])
    for (const type of ['audio/mpeg', 'audio/wav', 'application/octet-stream']) {
      await using upstream = await mockUpstream()
      upstream.reply(body(bytes, type))
      await using gateway = await createTestGateway({
        plugins: [openaiDialect(), openai({ apiKey, baseUrl: upstream.url })],
      })
      const reply = await fetch(`${gateway.url}/v1/audio/speech`, { method: 'POST', body: JSON.stringify(init.body) })
      expect(reply.headers.get('content-type')).toBe(type)
      expect(Buffer.from(await reply.arrayBuffer())).toEqual(bytes)
    }
  })

  test('a plugin that looks at streams sees the bytes go by, and they come out whole', async () => {
    const seen: unknown[] = []
    const stage = definePlugin({
      name: 'test-stage',
      version: '0.0.0',
      api: 1,
      setup({ hooks }) {
        hooks.transformStream.tap('look', (stages) => [
          ...stages,
          { push: (part) => (seen.push(part), [part]), flush: () => [] },
        ])
      },
    })
    await using upstream = await mockUpstream()
    upstream.reply(body(Buffer.from('ID3 sound'), 'audio/mpeg'))
    const plugins = [openaiDialect(), openai({ apiKey, baseUrl: upstream.url }), stage()]
    await using gateway = await createTestGateway({ plugins })
    expect(await gateway.request('/v1/audio/speech', init)).toMatchObject({ status: 200, text: 'ID3 sound' })
    expect(seen).toMatchObject([{ type: 'raw' }])
  })

  test('is refused as OpenAI refuses it', async () => {
    const error = { message: 'No such voice.', type: 'invalid_request_error', param: 'voice', code: null }
    const { reply } = await ask('/v1/audio/speech', init, json({ error }, { status: 400 }))
    expect(reply).toMatchObject({ status: 400, text: JSON.stringify({ error }) })
  })
})

describe('what a client leaves out or gets wrong', () => {
  const cases: [path: string, body: JsonObject, param: string][] = [
    ['/v1/embeddings', { model: 'm' }, 'input'],
    ['/v1/embeddings', { model: 'm', input: [] }, 'input'],
    ['/v1/embeddings', { input: 'Hi' }, 'model'],
    ['/v1/completions', { model: 'm' }, 'prompt'],
    ['/v1/moderations', { model: 'm' }, 'input'],
    ['/v1/images/generations', { model: 'm', prompt: ['x'] }, 'prompt'],
    ['/v1/images/generations', { model: 'm', prompt: 'x', stream: 'yes' }, 'stream'],
    ['/v1/audio/speech', { input: 'Hi', voice: 'alloy' }, 'model'],
    ['/v1/audio/speech', { model: 'm', input: 'Hi' }, 'voice'],
    ['/v1/rerank', { model: 'm', documents: ['a'] }, 'query'],
    ['/v1/rerank', { model: 'm', query: 'q', documents: [] }, 'documents'],
    ['/v1/responses/input_tokens', { model: 'm' }, 'input'],
  ]
  test.each(cases)('%s %j', async (path, wrong, param) => {
    const { reply, request } = await ask(path, { body: wrong }, text(''))
    expect(reply.status).toBe(400)
    expect(reply.json()).toMatchObject({ error: { param, code: 'invalid_request' } })
    expect(request).toBeUndefined()
  })

  test.each([
    ['/v1/moderations', { input: 'Hi' }, 'omni-moderation-latest'],
    ['/v1/images/generations', { prompt: 'A cat' }, 'dall-e-2'],
  ])('%s without a model means the usual one', async (path, sent, model) => {
    const { request } = await ask(path, { body: sent }, json({ ok: true }), { [model]: 'openai/another' })
    expect(request!.json()).toEqual({ model: 'another', ...sent })
  })
})

describe('what OpenAI does not have', () => {
  test('reranking is refused', async () => {
    const sent = { model: 'openai/m', query: 'q', documents: ['a'] }
    const { reply, request } = await ask('/v1/rerank', { body: sent }, text(''))
    expect(reply.json()).toMatchObject({ error: { code: 'invalid_request' } })
    expect(request).toBeUndefined()
  })

  test('words for what vectors are for are left out and reported', async () => {
    const sent = { model: 'openai/m', input: 'Hi', input_type: 'query', truncate: 'end' }
    const { reply, request } = await ask('/v1/embeddings', { body: sent }, json({ data: [] }))
    expect(request!.json()).toEqual({ model: 'm', input: 'Hi' })
    expect(reply.headers['x-sluice-dropped-params']).toBe('input_type, truncate')
  })
})

describe.each(['chat', 'responses'] as const)('with api: %s', (api) => {
  const boot = (baseUrl: string) => createTestGateway({ plugins: [openaiDialect(), openai({ apiKey, baseUrl, api })] })

  test.each([
    ['/v1/chat/completions', '/chat/completions', { messages: says('Hi') }, { choices: [] }],
    ['/v1/responses', '/responses', { input: 'Hi' }, { object: 'response', status: 'completed', output: [] }],
  ])('clients of %s get their own API, byte by byte', async (path, up, sent, answer) => {
    await using upstream = await mockUpstream()
    upstream.reply(json(answer))
    await using gateway = await boot(upstream.url)
    const reply = await gateway.request(path, { body: { ...sent, model: 'openai/m' } })
    expect(reply.text).toBe(JSON.stringify(answer))
    expect(upstream.requests[0]!.path).toBe(up)
    expect(upstream.requests[0]!.json()).toEqual({ ...sent, model: 'm' })
  })
})

const recorded = recordedCases({ providers: ['openai'], endpoints: ['completions', 'embeddings', 'images', 'audio'] })
describe.skipIf(recorded.length === 0)('recorded traffic passes as it is', () => {
  const paths: { [endpoint: string]: string } = {
    completions: '/v1/completions',
    embeddings: '/v1/embeddings',
    images: '/v1/images/generations',
    audio: '/v1/audio/speech',
  }
  test.each(recorded)('$name', async (recorded) => {
    await using upstream = await mockUpstream()
    upstream.reply(replayCase(recorded, { chunk: 500 }))
    const { model, endpoint } = recorded.meta
    await using gateway = await createTestGateway({
      models: { [model]: `openai/${model}` },
      plugins: [openaiDialect(), openai({ apiKey, baseUrl: `${upstream.url}/v1` })],
    })
    const reply = await fetch(gateway.url + paths[endpoint]!, { method: 'POST', body: recorded.requestBytes! })
    expect(Buffer.from(await reply.arrayBuffer()).equals((recorded.stream ?? recorded.responseBytes)!)).toBe(true)
    expect(upstream.requests[0]!.path).toBe(paths[endpoint])
    expect(upstream.requests[0]!.body.equals(recorded.requestBytes!)).toBe(true)
  })
})
