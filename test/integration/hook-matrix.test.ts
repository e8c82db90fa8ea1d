/** Every hook fires in every cell of endpoint × operation × stream × provider kind, in the order of the table. */
import { createGateway, definePlugin, HOOKS } from '@sluice/core'
import type { Exchange, Gateway, HookName, StreamPart, StreamStage } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { httpProvider } from '@sluice/provider-kit'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { request } from 'undici'

const openaiJson = {
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
}
const openaiStream = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]}\n\ndata: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}\n\ndata: [DONE]\n\n`
const localParts: StreamPart[] = [
  { type: 'start', id: 'c', model: 'm' },
  { type: 'text-delta', block: 0, text: 'hi' },
  { type: 'finish', finish: { unified: 'stop' } },
  { type: 'usage', usage: { input: { total: 3, cacheRead: 0, cacheWrite: 0 }, output: { total: 1, reasoning: 0 } } },
]

/** What each cell did, by the id that its request carries. */
const fired = new Map<string, HookName[]>()
const passThrough: StreamStage = { push: (part) => [part] }
const note = (hook: HookName, exchange: Exchange): void => {
  const cell = String(exchange.headers['x-cell'])
  fired.set(cell, [...(fired.get(cell) ?? []), hook])
}

/** Taps every hook of the table that concerns an exchange. */
const recorder = definePlugin({
  name: 'recorder',
  version: '0.0.0',
  api: 1,
  setup({ hooks, router }) {
    for (const [name, definition] of Object.entries(HOOKS) as [HookName, (typeof HOOKS)[HookName]][]) {
      const { exchange: at } = definition
      if (at === undefined) continue
      const tap = hooks[name] as unknown as { tap(name: string, handler: (...args: unknown[]) => unknown): void }
      tap.tap('note', (...args) => {
        const exchange = args[at] as Exchange
        note(name, exchange)
        if (name === 'authenticate') return { id: 'tester', permissions: ['test:read'] }
        if (name === 'transformStream')
          return [...(args[0] as StreamStage[]), ...(exchange.headers['x-stage'] ? [passThrough] : [])]
        if (name === 'authorize' && exchange.headers['x-refuse']) throw new Error('refused by crash')
        return undefined
      })
    }
    router.get('/test/route', { permission: 'test:read' }, (context) => void (context.body = { ok: true }))
  },
})

const upstream = createServer((incoming, response) => {
  let text = ''
  incoming.on('data', (chunk: Buffer) => (text += chunk.toString()))
  incoming.on('end', () => {
    const { stream } = JSON.parse(text) as { stream?: boolean }
    response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' })
    response.end(stream ? openaiStream : JSON.stringify(openaiJson))
  })
})

const providers = definePlugin({
  name: 'wire',
  version: '0.0.0',
  api: 1,
  setup({ addProvider, onClose }) {
    const { port } = upstream.address() as AddressInfo
    const { provider, close } = httpProvider({
      dialect: 'openai-chat',
      baseUrl: `http://127.0.0.1:${port}`,
      path: () => '/chat',
      headers: () => ({}),
    })
    addProvider(provider)
    onClose(close)
  },
})
const dead = definePlugin({
  name: 'dead',
  version: '0.0.0',
  api: 1,
  setup({ addProvider, onClose }) {
    const { provider, close } = httpProvider({
      dialect: 'openai-chat',
      baseUrl: 'http://127.0.0.1:9',
      path: () => '/chat',
      headers: () => ({}),
    })
    addProvider(provider)
    onClose(close)
  },
})
const local = definePlugin({
  name: 'local',
  version: '0.0.0',
  api: 1,
  setup({ addProvider }) {
    addProvider({
      kind: 'local',
      answer: async (asked) =>
        asked.stream
          ? (async function* () {
              yield* localParts
            })()
          : {
              operation: 'chat',
              choices: [{ index: 0, parts: [{ type: 'text', text: 'hi' }], finish: { unified: 'stop' } }],
              extensions: {},
            },
    })
  },
})

let gateway: Gateway
let url: string
beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  gateway = await createGateway({
    server: { port: 0, logLevel: 'silent' },
    models: { wire: { targets: ['dead/m', 'wire/m'] }, local: { targets: ['dead/m', 'local/m'] } },
    plugins: [openaiDialect(), anthropicDialect(), providers(), dead(), local(), recorder()],
  })
  url = (await gateway.listen()).url
})
afterAll(async () => {
  await gateway.close()
  upstream.close()
})

async function call(
  cell: string,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<HookName[]> {
  const reply = await request(url + path, {
    method,
    headers: { 'x-cell': cell, ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  await reply.body.text()
  expect(reply.statusCode).toBe(headers['x-refuse'] ? 500 : 200)
  // onComplete runs once the client's connection is done with the reply.
  await expect.poll(() => fired.get(cell)?.at(-1)).toBe('onComplete')
  return fired.get(cell)!
}

const entered: HookName[] = ['onRequest', 'authenticate', 'authorize']
const routed: HookName[] = [
  'transformRequest',
  'lookup',
  'admit',
  'beforeRoute',
  'beforeAttempt',
  'onAttemptError',
  'afterAttempt',
  'beforeAttempt',
]
const whole: HookName[] = ['transformResponse', 'onResponse', 'afterAttempt', 'onUsage', 'onComplete']
const streamed: HookName[] = ['transformStream', 'onResponse', 'onStreamPart', 'afterAttempt', 'onUsage', 'onComplete']
const body = { max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }

describe('every hook fires, in order, once per exchange or attempt', () => {
  const endpoints = [openaiDialect, anthropicDialect].map(({ definition }) => definition.name)
  const paths: { [name: string]: string } = {
    'dialect-openai': '/v1/chat/completions',
    'dialect-anthropic': '/v1/messages',
  }
  const cells = endpoints.flatMap((name) =>
    ['wire', 'local'].flatMap((model) =>
      [false, true].flatMap((stream) =>
        [false, true].filter((stage) => stream || !stage).map((stage) => ({ name, model, stream, stage })),
      ),
    ),
  )
  test.each(cells)(
    'chat: client $name, provider $model, stream $stream, stage $stage',
    async ({ name, model, stream, stage }) => {
      const cell = `${name} ${model} ${stream} ${stage}`
      const hooks = await call(cell, 'POST', paths[name]!, { ...body, model, stream }, stage ? { 'x-stage': '1' } : {})
      const once = hooks.filter((hook, index) => hook !== 'onStreamPart' || hooks[index - 1] !== 'onStreamPart')
      expect(once).toEqual([...entered, ...routed, ...(stream ? streamed : whole)])
    },
  )

  test.each([
    ['/v1/models', {}],
    ['/v1/models/wire', {}],
    ['/v1/models', { 'anthropic-version': '2023-06-01' }],
    ['/test/route', {}],
  ])('an operation that needs no model: %s %j', async (path, headers) => {
    expect(await call(`${path} ${JSON.stringify(headers)}`, 'GET', path, undefined, headers)).toEqual([
      ...entered,
      'onResponse',
      'onComplete',
    ])
  })

  test('a refused exchange', async () => {
    const hooks = await call('refused', 'POST', '/v1/chat/completions', { ...body, model: 'wire' }, { 'x-refuse': '1' })
    expect(hooks).toEqual([...entered, 'onError', 'onResponse', 'onComplete'])
  })

  test('the cells cover every endpoint of every dialect and every hook of the table', () => {
    const all = new Set([...fired.values()].flat())
    expect(
      Object.entries(HOOKS).filter(([name, { exchange }]) => exchange !== undefined && !all.has(name as HookName)),
    ).toEqual([])
    expect(fired.size).toBeGreaterThan(10)
  })
})
