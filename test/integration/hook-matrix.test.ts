/** Every hook fires in every cell of client × operation × stream × provider kind, in the order of the table. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGateway, definePlugin, HOOKS } from '@sluice/core'
import type {
  Answer,
  CanonicalRequest,
  Exchange,
  Gateway,
  HookName,
  Operation,
  PluginInstance,
  StreamPart,
  StreamStage,
} from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { httpProvider } from '@sluice/provider-kit'
import { passthrough } from '@sluice/route-passthrough'
import { realtime } from '@sluice/route-realtime'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { responseDone } from './support/realtime.ts'
import { toy, toyTwo, TRANSLATED, UNREAD } from './support/toy.ts'
import { OPENAI } from './support/wires.ts'

const usage = { input: { total: 3, cacheRead: 0, cacheWrite: 0 }, output: { total: 1, reasoning: 0 } }
const parts: StreamPart[] = [
  { type: 'start', id: 'c', model: 'm' },
  { type: 'text-delta', block: 0, text: 'hi' },
  { type: 'finish', finish: { unified: 'stop' } },
  { type: 'usage', usage },
]
const lines = parts.map((part) => `${JSON.stringify(part)}\n`).join('')

/** What every source of answers gives: a local provider, a cache. */
function answerTo({ operation, stream }: Pick<CanonicalRequest, 'operation' | 'stream'>): Answer {
  if (stream)
    return (async function* () {
      yield* parts
    })()
  const text = { index: 0, parts: [{ type: 'text', text: 'hi' }], finish: { unified: 'stop' } }
  return { operation, usage, choices: [text], extensions: {} } as unknown as Answer
}

/** Content type and body of an upstream's reply to a path. */
function replyTo(path: string, body: string): [type: string, body: string] {
  const stream = body.includes('"stream":true')
  if (path.endsWith('/chat/completions')) {
    return stream
      ? ['text/event-stream', OPENAI.stream('hi')]
      : ['application/json', JSON.stringify(OPENAI.answer('hi'))]
  }
  if (path.includes('speech') || path.endsWith('/binary')) return ['audio/mpeg', '\0\x01']
  return stream ? ['application/x-toy', lines] : ['application/json', JSON.stringify({ usage, inputTokens: 3 })]
}

/** Counts an answer and ends the session. */
const sessions = new WebSocketServer({ noServer: true }).on('connection', (socket) => {
  socket.send(JSON.stringify(responseDone(3, 1)))
  socket.close()
})
const upstream = createServer((incoming, response) => {
  let text = ''
  incoming.on('data', (chunk: Buffer) => (text += chunk.toString()))
  incoming.on('end', () => {
    const [type, body] = replyTo(incoming.url ?? '', text)
    response.writeHead(200, { 'content-type': type }).end(body)
  })
})
upstream.on('upgrade', (incoming, socket, head) => {
  sessions.handleUpgrade(incoming, socket, head, (opened) => sessions.emit('connection', opened))
})

/** What each cell did, by the id that its request carries. */
const fired = new Map<string, HookName[]>()
/** The first arguments of the hooks that transform. */
const shown = new Map<string, unknown[]>()
const passThrough: StreamStage = { push: (part) => [part] }

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
        const cell = String(exchange.headers['x-cell'])
        fired.set(cell, [...(fired.get(cell) ?? []), name])
        if (name === 'transformRequest' || name === 'transformResponse')
          shown.set(cell, [...(shown.get(cell) ?? []), args[0]])
        if (name === 'authenticate') return { id: 'tester', permissions: ['test:read'] }
        if (name === 'transformStream')
          return [...(args[0] as StreamStage[]), ...(exchange.headers['x-stage'] ? [passThrough] : [])]
        if (name === 'authorize' && exchange.headers['x-refuse']) throw new Error('refused by crash')
        if (name === 'lookup' && exchange.headers['x-hit']) return answerTo(exchange.request)
        return undefined
      })
    }
    router.get('/test/route', { permission: 'test:read' }, (context) => void (context.body = { ok: true }))
  },
})

/** A provider over HTTP; the one that is dead has an address where nothing listens. */
function wire(id: string, dialect: string, also: string[], port: number): PluginInstance {
  return definePlugin({
    name: 'wire',
    version: '0.0.0',
    api: 1,
    setup({ addProvider, onClose }) {
      const path = (operation: Operation): string => (operation === 'chat' ? '/chat/completions' : `/toy/${operation}`)
      const baseUrl = `http://127.0.0.1:${port}`
      const { provider, close } = httpProvider({ dialect, also, baseUrl, path, headers: () => ({}) })
      addProvider(provider)
      onClose(close)
    },
  })({}, { id })
}

const local = definePlugin({
  name: 'local',
  version: '0.0.0',
  api: 1,
  setup({ addProvider, addDialect }) {
    addProvider({ kind: 'local', answer: answerTo })
    addDialect(toy)
    addDialect(toyTwo)
  },
})

/** Each model first meets a provider that is dead, so that there is an attempt of either kind. */
const MODELS = ['wire', 'other', 'local', 'wire/passthrough']
let gateway: Gateway
let url: string
beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const { port } = upstream.address() as AddressInfo
  const targets = (model: string): string[] => ['dead/m', model.includes('/') ? model : `${model}/m`]
  gateway = await createGateway({
    server: { port: 0, logLevel: 'silent' },
    models: Object.fromEntries(MODELS.map((model) => [model, { targets: targets(model) }])),
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      passthrough(),
      realtime(),
      wire('dead', 'openai-chat', ['toy', 'openai-realtime'], 9),
      wire('wire', 'openai-chat', ['toy', 'openai-realtime'], port),
      wire('other', 'toy-two', ['openai-chat'], port),
      local(),
      recorder(),
    ],
  })
  url = (await gateway.listen()).url
})
afterAll(async () => {
  await gateway.close()
  upstream.close()
})

type Call = {
  /** `WS` opens a WebSocket. */
  method?: 'GET' | 'POST' | 'WS'
  path: string
  body?: object | string
  headers?: { [name: string]: string }
  status?: number
}

/** The hooks that a call fires; those of the parts of a stream once. */
async function call(
  cell: string,
  { path, body, headers = {}, status = 200, method = body ? 'POST' : 'GET' }: Call,
): Promise<HookName[]> {
  const text = typeof body === 'object' ? JSON.stringify(body) : body
  const sent = { 'x-cell': cell, ...headers }
  if (method === 'WS') expect(await opened(path, sent)).toBe(status === 200 ? 101 : status)
  else {
    const reply = await request(url + path, { method, headers: sent, body: text ?? null })
    await reply.body.text()
    expect(reply.statusCode).toBe(status)
  }
  // onComplete runs once the client's connection is done with the reply.
  await expect.poll(() => fired.get(cell)?.at(-1)).toBe('onComplete')
  return fired.get(cell)!.filter((hook, index, all) => hook !== 'onStreamPart' || all[index - 1] !== 'onStreamPart')
}

/** The status with which a session was opened, and has ended, or was refused. */
function opened(path: string, headers: { [name: string]: string }): Promise<number | undefined> {
  const socket = new WebSocket(url.replace('http:', 'ws:') + path, { headers })
  return new Promise((resolve, reject) => {
    socket.on('close', () => resolve(101)).on('error', reject)
    socket.on('unexpected-response', (_request, { statusCode }) => {
      resolve(statusCode)
      socket.on('error', () => undefined).terminate()
    })
  })
}

const entered: HookName[] = ['onRequest', 'authenticate', 'authorize']
const looked: HookName[] = ['transformRequest', 'lookup']
const routed: HookName[] = ['admit', 'beforeRoute', 'beforeAttempt', 'onAttemptError', 'afterAttempt', 'beforeAttempt']
const whole: HookName[] = ['transformResponse', 'onResponse']
const streamed: HookName[] = ['transformStream', 'onResponse', 'onStreamPart']
const unread: HookName[] = ['transformStream', 'onResponse']
const ended: HookName[] = ['onUsage', 'onComplete']
const all = (reply: HookName[]): HookName[] => [...entered, ...looked, ...routed, ...reply, 'afterAttempt', ...ended]

const body = { max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }
const form = '--x\r\n{"model": "wire"}\r\n--x--'
type Cell = Call & { what?: string; reply: HookName[]; canonical?: boolean }

/** In which forms an operation that is translated can be asked. */
const forms = (path: string, fields: object = {}): Cell[] =>
  ['wire', 'other', 'local'].flatMap((model) => [
    { what: model, path, body: { ...fields, model }, reply: whole, canonical: true },
    ...[false, true].map((stage) => {
      const headers: { [name: string]: string } = stage ? { 'x-stage': '1' } : {}
      const what = `${model}, stream${stage ? ' with a stage' : ''}`
      return { what, path, body: { ...fields, model, stream: true }, headers, reply: streamed, canonical: true }
    }),
  ])
const isWhole = ({ reply }: Cell): boolean => reply === whole

/** Every operation that a model serves. Those of the gateway itself are below. */
const CELLS: { readonly [operation in Exclude<Operation, 'models' | 'operator'>]: readonly Cell[] } = {
  chat: [...forms('/v1/chat/completions', body), ...forms('/v1/messages', body)],
  embeddings: forms('/toy/embeddings').filter(isWhole),
  rerank: forms('/toy/rerank').filter(isWhole),
  // Counted by the upstream, and estimated where the dialect or the provider cannot.
  'count-tokens': forms('/toy/count-tokens').filter(isWhole),
  moderations: forms('/toy/moderations').filter(isWhole),
  images: forms('/toy/images'),
  speech: [{ path: '/toy/speech', body: { model: 'wire', input: 'hi' }, reply: unread }],
  transcription: [
    { path: '/toy/transcription', body: form, reply: whole },
    { what: 'stream', path: '/toy/transcription', body: form.replace('}', ',"stream":true}'), reply: unread },
  ],
  files: [{ path: '/toy/files/wire', reply: whole }],
  batches: [{ path: '/toy/batches/wire', body: '{}', reply: whole }],
  passthrough: [
    { what: 'JSON', path: '/passthrough/wire/any', reply: whole },
    { what: 'JSON of a chat', path: '/passthrough/wire/chat/completions', body: {}, reply: whole },
    { what: 'events', path: '/passthrough/wire/chat/completions', body: { stream: true }, reply: streamed },
    { what: 'bytes', path: '/passthrough/wire/binary', body: '', method: 'POST', reply: unread },
  ],
  realtime: [{ path: '/v1/realtime?model=wire', method: 'WS', reply: streamed }],
}
const cells = Object.entries(CELLS).flatMap(([operation, list]) =>
  list.map((cell) => ({
    ...cell,
    operation,
    name: `${operation} at ${cell.path}${cell.what ? `: ${cell.what}` : ''}`,
  })),
)

describe('every hook fires, in order, once per exchange or attempt', () => {
  test.each(cells)('$name', async ({ name, reply, ...cell }) => {
    expect(await call(name, cell)).toEqual(all(reply))
  })

  test.each(cells)('$name, refused', async ({ name, operation: _, ...cell }) => {
    const refused = { ...cell, headers: { ...cell.headers, 'x-refuse': '1' }, status: 500 }
    expect(await call(`${name}, refused`, refused)).toEqual([...entered, 'onError', 'onResponse', 'onComplete'])
  })

  test.each(cells.filter(({ canonical }) => canonical))('$name, from a cache', async ({ name, reply, ...cell }) => {
    const hooks = await call(`${name}, cached`, { ...cell, headers: { ...cell.headers, 'x-hit': '1' } })
    expect(hooks).toEqual([...entered, ...looked, ...reply, ...ended])
  })

  test.each<[path: string, headers: { [name: string]: string }]>([
    ['/v1/models', {}],
    ['/v1/models/wire', {}],
    ['/v1/models', { 'anthropic-version': '2023-06-01' }],
    ['/test/route', {}],
  ])('an operation that needs no model: %s %j', async (path, headers) => {
    const hooks = await call(`${path} ${JSON.stringify(headers)}`, { path, headers })
    expect(hooks).toEqual([...entered, 'onResponse', 'onComplete'])
  })

  test('the cells cover every hook of the table, and every operation of the toy', () => {
    const seen = new Set([...fired.values()].flat())
    const concerned = Object.entries(HOOKS).filter(([, { exchange }]) => exchange !== undefined)
    expect(concerned.filter(([name]) => !seen.has(name as HookName))).toEqual([])
    expect([...TRANSLATED, ...UNREAD].filter((operation) => CELLS[operation].length === 0)).toEqual([])
  })
})

test.each(cells.filter(({ canonical }) => !canonical))(
  'what transforms is shown no body that passes unread: $name',
  ({ name, operation, reply }) => {
    const model = operation === 'passthrough' ? 'wire/passthrough' : 'wire'
    const asked = { operation, model, extensions: {} }
    const answered = { operation, extensions: {} }
    expect(shown.get(name)).toMatchObject(reply === whole ? [asked, answered] : [asked])
  },
)
