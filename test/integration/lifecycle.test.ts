/** From boot to the last byte: generations, draining, disposal, capabilities, routes, internal exchanges. */
import { connect } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { ANONYMOUS, capability, createGateway, definePlugin, exchangeKey, GatewayError, Type } from '@sluice/core'
import type {
  Answer,
  ChatRequest,
  Exchange,
  GatewayConfig,
  PluginInstance,
  Principal,
  SetupContext,
  StreamPart,
  When,
} from '@sluice/core'
import {
  createTestGateway,
  json,
  resetBeforeHeaders,
  sse,
  stallBeforeHeaders,
  stallMidStream,
} from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { openReply } from './support/client.ts'
import { Ends, eventually, setUp, tapping } from './support/setting.ts'
import type { Setting } from './support/setting.ts'
import { ANTHROPIC, framesIn, OPENAI, upTo, WIRES } from './support/wires.ts'

type Setup = (context: SetupContext<Record<string, never>, Record<never, never>>) => void | Promise<void>
interface Declared {
  provides?: ReturnType<typeof capability>[]
  requires?: ReturnType<typeof capability>[]
  uses?: ReturnType<typeof capability>[]
}

const plugin = (name: string, setup: Setup, declared: Declared = {}, when?: When): PluginInstance =>
  definePlugin({ name, version: '1.0.0', api: 1, ...declared, setup })({}, when ? { when } : {})

const refusalOf = async (booting: Promise<unknown>): Promise<GatewayError> => {
  const error: unknown = await booting.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (GatewayError.is(error)) return error
  throw new Error('nothing was refused', { cause: error })
}

/** The config of a setting, with other plugins. */
const configOf = (
  { upstream, wire }: Setting,
  plugins: readonly PluginInstance[] = [],
  more: GatewayConfig = {},
): GatewayConfig => ({
  models: { m: 'up0/up-1' },
  plugins: [...WIRES.map((other) => other.plugin()), wire.provider('up0', upstream.url, {}), ...plugins],
  ...more,
})

const stalled = (setting: Setting): string => {
  const stream = OPENAI.stream('Once ', 'upon ', 'a time.')
  setting.upstream.reply(stallMidStream(stream, upTo(stream, 'Once ')))
  return stream
}

describe.concurrent('a reload', () => {
  test('serves new requests with the new generation, and those in flight with theirs', async () => {
    const seen: string[] = []
    const noting = (name: string): PluginInstance =>
      plugin(name, ({ hooks, onClose }) => {
        hooks.onRequest.tap('note', () => void seen.push(`${name} begins`))
        hooks.onComplete.tap('note', ({ start }) => void seen.push(`${name} ends revision ${start.revision}`))
        onClose(() => void seen.push(`${name} closes`))
      })
    // Those in flight have longer than when the gateway stops.
    await using setting = await setUp({ plugins: [noting('old')], server: { drainTimeout: 1 } })
    const { gateway, upstream } = setting
    const release = Promise.withResolvers<void>()
    const stream = OPENAI.stream('Once ', 'upon ')
    const half = upTo(stream, 'Once ')
    upstream.reply(
      async (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(stream.slice(0, half))
        await release.promise
        response.end(stream.slice(half))
      },
      json(OPENAI.answer('Hello.')),
    )
    const inFlight = await openReply(gateway.url + OPENAI.path, OPENAI.request({ stream: true }))
    await inFlight.until('Once ')
    await gateway.gateway.reload(configOf(setting, [noting('new')]))
    expect(gateway.gateway.revision).toBe(2)
    const reply = await gateway.request(OPENAI.path, { body: OPENAI.request() })
    expect(reply.headers['x-sluice-revision']).toBe('2')
    await sleep(20)
    expect(seen).toEqual(['old begins', 'new begins', 'new ends revision 2'])
    release.resolve()
    expect((await inFlight.rest()).text).toBe(stream)
    await eventually(() => seen.length === 5)
    expect(seen.slice(3)).toEqual(['old ends revision 1', 'old closes'])
  })

  test('to an invalid config is refused with every problem, and the old one stays', async () => {
    const closed: string[] = []
    await using setting = await setUp({
      plugins: [plugin('old', ({ onClose }) => onClose(() => void closed.push('old')))],
    })
    const { gateway, upstream } = setting
    const half = plugin('half', ({ onClose }) => onClose(() => void closed.push('half')))
    const picky = definePlugin({
      name: 'picky',
      version: '1.0.0',
      api: 1,
      options: Type.Object({ size: Type.Integer({ description: 'Size.' }) }, { additionalProperties: false }),
      setup: () => undefined,
    })
    const attempts: [config: GatewayConfig, problems: string[]][] = [
      [
        { server: { port: -1, host: 7 as never }, models: { m: 'up0/x' }, plugins: [picky({ size: 'big' as never })] },
        ['server.port', 'server.host', 'plugins[picky].size'],
      ],
      [{ ...configOf(setting, [half]), models: { m: 'up9/x', n: 'up8/x' } }, ['models[m]', 'models[n]']],
      [configOf(setting, [half, plugin('bad', () => Promise.reject(new Error('no disk')))]), ['no disk']],
      [
        configOf(setting, [
          half,
          plugin('bad', ({ router }) => router.get('no-slash(', { permission: 'public' }, () => undefined)),
        ]),
        ['bad'],
      ],
    ]
    for (const [config, problems] of attempts) {
      const error = await refusalOf(gateway.gateway.reload(config))
      for (const problem of problems) expect(error.message).toContain(problem)
    }
    expect(closed).toEqual(['half', 'half', 'half'])
    expect(gateway.gateway.revision).toBe(1)
    upstream.reply(json(OPENAI.answer('Hello.')))
    const reply = await gateway.request(OPENAI.path, { body: OPENAI.request() })
    expect([reply.status, reply.headers['x-sluice-revision']]).toEqual([200, '1'])
  })

  test('that fails in ready leaves the old generation, and nothing of the new one', async () => {
    const closed: string[] = []
    await using setting = await setUp()
    const { gateway } = setting
    const unready = plugin('unready', ({ hooks, onClose }) => {
      hooks.ready.tap('fail', () => Promise.reject(new Error('not today')))
      onClose(() => void closed.push('unready'))
    })
    await refusalOf(gateway.gateway.reload(configOf(setting, [unready])))
    expect([gateway.gateway.revision, closed]).toEqual([1, ['unready']])
    expect((await gateway.request('/health/ready')).json()).toEqual({ status: 'ok', revision: 1 })
  })

  test('of a gateway that has closed is refused', async () => {
    const setting = await setUp()
    await setting[Symbol.asyncDispose]()
    const closed: string[] = []
    const late = plugin('late', ({ onClose }) => onClose(() => void closed.push('late')))
    const error = await refusalOf(setting.gateway.gateway.reload(configOf(setting, [late])))
    expect([error.code, closed]).toEqual(['shutting_down', []])
  })

  test('applies one after another, in the order they were asked for', async () => {
    await using setting = await setUp()
    const slow = plugin('slow', () => sleep(30))
    const quick = plugin('quick', () => undefined)
    const { gateway } = setting.gateway
    await Promise.all([gateway.reload(configOf(setting, [slow])), gateway.reload(configOf(setting, [quick]))])
    expect(gateway.revision).toBe(3)
    expect(gateway.inspect().plugins.map(({ name }) => name)).toContain('quick')
  })
})

describe.concurrent('a gateway that closes', () => {
  test('lets a stream in flight end, and takes no new connection', async () => {
    const ends = new Ends()
    await using setting = await setUp({ plugins: [ends.plugin] })
    const { gateway, upstream } = setting
    const release = Promise.withResolvers<void>()
    const stream = OPENAI.stream('Once ', 'upon ')
    const half = upTo(stream, 'Once ')
    upstream.reply(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(stream.slice(0, half))
      await release.promise
      response.end(stream.slice(half))
    })
    const reply = await openReply(gateway.url + OPENAI.path, OPENAI.request({ stream: true }))
    await reply.until('Once ')
    const closing = gateway.gateway.close()
    expect(gateway.gateway.close()).toBe(closing)
    await expect(openReply(gateway.url + OPENAI.path, OPENAI.request())).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    release.resolve()
    expect(await reply.rest()).toEqual({ text: stream, broken: false })
    await closing
    expect(ends.all).toMatchObject([{ outcome: 'ok' }])
  })

  test('tells who asks on an open connection to come back, and that it drains', async () => {
    await using setting = await setUp()
    const { gateway, upstream } = setting
    const release = Promise.withResolvers<void>()
    upstream.reply(async (_request, response) => {
      await release.promise
      response.setHeader('content-type', 'application/json').end(JSON.stringify(OPENAI.answer('Hello.')))
    })
    const send = (method: string, path: string, body = ''): string =>
      `${method} ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    const { hostname, port } = new URL(gateway.url)
    // A connection with a request under way is not idle; each gets a second request once the gateway drains.
    const connections = Array.from({ length: 3 }, () => connect({ host: hostname, port: Number(port) }))
    const received = connections.map((socket) => readText(socket))
    for (const socket of connections) socket.write(send('POST', OPENAI.path, JSON.stringify(OPENAI.request())))
    await upstream.request(2)
    const closing = gateway.gateway.close()
    const seconds = [send('POST', OPENAI.path, '{}'), send('GET', '/health/live'), send('GET', '/health/ready')]
    for (const [index, socket] of connections.entries()) socket.write(seconds[index]!)
    await sleep(20)
    release.resolve()
    const replies = (await Promise.all(received)).map((text) => text.slice(text.lastIndexOf('HTTP/1.1')))
    expect(replies[0]).toMatch(/^HTTP\/1.1 503 [^]*\r\nretry-after: 1\r\n/i)
    expect(replies[0]).toMatch(/\r\nconnection: close\r\n/i)
    expect(replies[0]).toContain('shutting_down')
    expect(replies[1]).toMatch(/^HTTP\/1.1 200 /)
    expect(replies[2]).toMatch(/^HTTP\/1.1 503 [^]*draining/)
    await closing
    expect(upstream.requests).toHaveLength(3)
  })

  test('cuts what takes longer than the drain timeout, and disposes after its last exchange', async () => {
    const seen: string[] = []
    const noting = plugin('noting', ({ hooks, onClose }) => {
      hooks.onComplete.tap('note', async ({ outcome }) => {
        await sleep(5)
        seen.push(String(outcome))
      })
      hooks.close.tap('note', () => void seen.push('close'))
      onClose(() => void seen.push('disposed'))
    })
    await using setting = await setUp({ plugins: [noting], server: { drainTimeout: 30 } })
    stalled(setting)
    const reply = await openReply(setting.gateway.url + OPENAI.path, OPENAI.request({ stream: true }))
    await reply.until('Once ')
    const begun = performance.now()
    await setting.gateway.gateway.close()
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(await reply.rest()).toMatchObject({ broken: true })
    expect(seen).toEqual(['failed', 'close', 'disposed'])
  })

  test('disposes of its plugins in reverse, all of them, even if one fails', async () => {
    const closed: string[] = []
    const closing = (name: string): PluginInstance =>
      plugin(name, ({ onClose }) => {
        onClose(() => void closed.push(`${name} 1`))
        onClose(async () => {
          await sleep(1)
          closed.push(`${name} 2`)
          if (name === 'b') throw new Error('stuck')
        })
      })
    const gateway = await createTestGateway({ plugins: ['a', 'b', 'c'].map(closing) })
    await gateway.close()
    expect(closed).toEqual(['c 2', 'c 1', 'b 2', 'b 1', 'a 2', 'a 1'])
    expect(gateway.log.find(({ level }) => level === 'error')).toMatchObject({ plugin: 'b' })
  })

  test('lets keep-alive connections go at once', async () => {
    await using setting = await setUp()
    setting.upstream.reply(json(OPENAI.answer('Hello.')))
    await Promise.all(Array.from({ length: 5 }, () => setting.gateway.request(OPENAI.path, { body: OPENAI.request() })))
    const begun = performance.now()
    await setting.gateway.gateway.close()
    expect(performance.now() - begun).toBeLessThan(500)
  })
})

test('two gateways in one process share nothing', async () => {
  const seen: string[] = []
  const shared = capability<string>('Shared')
  const make = (name: string): PluginInstance[] => [
    plugin('provide', ({ provide }) => provide(shared, name), { provides: [shared] }),
    plugin('use', ({ hooks, get }) => hooks.onComplete.tap('note', () => void seen.push(`${get(shared)} of ${name}`)), {
      requires: [shared],
    }),
  ]
  await using one = await setUp({ plugins: make('one') })
  await using other = await setUp({ plugins: make('other') })
  for (const { upstream, gateway } of [one, other]) {
    upstream.reply(json(OPENAI.answer('Hello.')))
    await gateway.request(OPENAI.path, { body: OPENAI.request() })
  }
  await eventually(() => seen.length === 2)
  expect(seen).toEqual(['one of one', 'other of other'])
  await one.gateway.close()
  expect((await other.gateway.request(OPENAI.path, { body: OPENAI.request() })).status).toBe(200)
  expect(one.upstream.requests).toHaveLength(1)
})

describe.concurrent('an internal exchange', () => {
  const asking = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
    operation: 'chat',
    model: 'm',
    stream: false,
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    extensions: {},
    ...fields,
  })
  const partsIn = async (answer: Answer): Promise<StreamPart[]> => Array.fromAsync(answer as AsyncIterable<StreamPart>)
  const textIn = (parts: readonly StreamPart[]): string =>
    parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')

  test('gives a whole answer', async () => {
    const ends = new Ends()
    await using setting = await setUp({ plugins: [ends.plugin] })
    setting.upstream.reply(json(OPENAI.answer('Hello.')))
    const answer = await setting.gateway.gateway.dispatch(asking())
    expect(answer).toMatchObject({
      choices: [{ parts: [{ type: 'text', text: 'Hello.' }] }],
      usage: { output: { total: 3 } },
    })
    expect(await ends.at(0)).toMatchObject({ outcome: 'ok', principal: ANONYMOUS, start: { path: '/internal' } })
  })

  test('gives a stream, slowly read, in full', async () => {
    const ends = new Ends()
    await using setting = await setUp({ wire: ANTHROPIC, plugins: [ends.plugin] })
    const texts = Array.from({ length: 3000 }, (_, index) => `${index} `)
    setting.upstream.reply(sse(ANTHROPIC.stream(...texts)))
    const parts: StreamPart[] = []
    for await (const part of (await setting.gateway.gateway.dispatch(
      asking({ stream: true }),
    )) as AsyncIterable<StreamPart>) {
      if (parts.push(part) % 500 === 0) await sleep(2)
    }
    expect(textIn(parts)).toBe(texts.join(''))
    expect(await ends.at(0)).toMatchObject({ outcome: 'ok', usage: { output: { total: 3 } } })
  })

  test("has its parent's principal, or the one it is given, and nothing of the client's headers", async () => {
    const principal: Principal = { id: 'ada', tags: ['gold'] }
    const children: Exchange[] = []
    const chain = plugin('chain', ({ hooks, gateway }) => {
      hooks.authenticate.tap('known', () => principal)
      hooks.authorize.tap('ask', async (exchange) => {
        if (exchange.start.parent) return void children.push(exchange)
        await gateway.dispatch(asking(), { parent: exchange })
        await gateway.dispatch(asking(), { parent: exchange, principal: { id: 'judge' } })
      })
    })
    await using setting = await setUp({ plugins: [chain] })
    setting.upstream.reply(json(OPENAI.answer('Hello.')))
    const headers = { authorization: 'Bearer client-key', 'openai-beta': 'x=1' }
    await setting.gateway.request(OPENAI.path, { headers, body: OPENAI.request() })
    expect(children.map((child) => child.principal.id)).toEqual(['ada', 'judge'])
    expect(setting.upstream.requests).toHaveLength(3)
    for (const { headers: sent } of setting.upstream.requests.slice(0, 2)) expect(sent['openai-beta']).toBeUndefined()
    expect(JSON.stringify(setting.upstream.requests.map((request) => request.headers))).not.toContain('client-key')
  })

  test('fails as a client would be told', async () => {
    await using setting = await setUp()
    const { dispatch } = { dispatch: (request: ChatRequest) => setting.gateway.gateway.dispatch(request) }
    setting.upstream.reply(
      json(OPENAI.refusal('rate_limit_error', 'Slow down.'), { status: 429, headers: { 'retry-after': '7' } }),
    )
    await expect(dispatch(asking())).rejects.toMatchObject({ code: 'rate_limit_exceeded', retryAfter: 7 })
    setting.upstream.reply(resetBeforeHeaders())
    await expect(dispatch(asking({ stream: true }))).rejects.toMatchObject({ code: 'upstream_error' })
    await expect(dispatch(asking({ model: 'unknown' }))).rejects.toMatchObject({ code: 'model_not_found' })
  })

  test.for(['at once', 'late'])('throws in the middle of a stream that is cut off, read %s', async (when) => {
    const ends = new Ends()
    await using setting = await setUp({ plugins: [ends.plugin] })
    const stream = OPENAI.stream('Once ', 'upon ')
    setting.upstream.reply(sse(stream.slice(0, upTo(stream, 'Once ')), { chunk: 'frame' }))
    const answer = await setting.gateway.gateway.dispatch(asking({ stream: true }))
    if (when === 'late') await ends.at(0)
    await expect(partsIn(answer)).rejects.toMatchObject({ code: 'upstream_error' })
    expect(await ends.at(0)).toMatchObject({ outcome: 'failed' })
  })

  test('that nobody reads any more closes the upstream', async () => {
    const ends = new Ends()
    await using setting = await setUp({ plugins: [ends.plugin] })
    stalled(setting)
    const answer = await setting.gateway.gateway.dispatch(asking({ stream: true }))
    for await (const part of answer as AsyncIterable<StreamPart>) if (part.type === 'text-delta') break
    await setting.upstream.requests[0]!.closed
    expect(await ends.at(0)).toMatchObject({ outcome: 'client_closed' })
  })

  test.for(['before', 'while it waits', 'in the middle of a stream'])('is given up by its signal %s', async (when) => {
    const ends = new Ends()
    await using setting = await setUp({ plugins: [ends.plugin] })
    const controller = new AbortController()
    const { signal } = controller
    if (when === 'before') controller.abort()
    if (when === 'in the middle of a stream') stalled(setting)
    else setting.upstream.reply(stallBeforeHeaders())
    const stream = when === 'in the middle of a stream'
    const answered = setting.gateway.gateway.dispatch(asking({ stream }), { signal })
    if (stream) {
      const parts = partsIn(await answered)
      controller.abort()
      await expect(parts).rejects.toMatchObject({ code: 'client_closed' })
    } else {
      if (when === 'while it waits') void setting.upstream.request().then(() => controller.abort())
      await expect(answered).rejects.toMatchObject({ code: 'client_closed' })
    }
    if (when === 'before') expect(setting.upstream.requests).toHaveLength(0)
    else await setting.upstream.requests[0]!.closed
    expect(await ends.at(0)).toMatchObject({ outcome: 'client_closed' })
  })
})

describe.concurrent('a route of a plugin', () => {
  const authenticating = tapping('auth', (hooks) => {
    hooks.authenticate.tap('key', ({ headers }) => {
      const key = headers.authorization
      if (key === 'Bearer reader') return { id: 'reader', permissions: ['things:read'] }
      if (key === 'Bearer root') return { id: 'root', permissions: ['*'] }
      if (key === undefined) return undefined
      throw new GatewayError('invalid_api_key', 'No such key.')
    })
  })
  const routes = plugin('routes', ({ router }) => {
    router.get('/open', { permission: 'public' }, (context) => void (context.body = { for: 'all' }))
    router.get('/things/:id', { permission: 'things:read' }, (context, exchange) => {
      context.set('x-thing', String(context.params['id']))
      context.body = { id: context.params['id'], by: exchange.principal.id }
    })
    router.delete('/things/:id', { permission: 'things:write' }, (context) => void (context.status = 204))
    router.post('/text', { permission: 'public' }, (context) => {
      context.status = 201
      context.body = 'made'
    })
    router.get('/silent', { permission: 'public' }, () => undefined)
    router.get('/crash', { permission: 'public' }, () => Promise.reject(new Error('secret-detail')))
  })

  test.for([
    ['GET', '/open', undefined, 200],
    ['GET', '/open', 'reader', 200],
    ['GET', '/open', 'forged', 200],
    ['GET', '/things/7', undefined, 401],
    ['GET', '/things/7', 'forged', 401],
    ['GET', '/things/7', 'reader', 200],
    ['DELETE', '/things/7', 'reader', 403],
    ['DELETE', '/things/7', 'root', 204],
    ['POST', '/text', undefined, 201],
    ['GET', '/silent', undefined, 404],
    ['PUT', '/things/7', 'root', 405],
  ] as const)('%s %s with the key %s: %i', async ([method, path, key, status]) => {
    const ends = new Ends()
    await using gateway = await createTestGateway({ plugins: [authenticating, routes, ends.plugin] })
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
    const reply = await gateway.request(path, { method, headers })
    expect(reply.status).toBe(status)
    if (path === '/things/7' && status === 200) {
      expect([reply.json(), reply.headers['x-thing']]).toEqual([{ id: '7', by: 'reader' }, '7'])
    }
    if (status === 204) expect([reply.text, reply.headers['content-type']]).toEqual(['', undefined])
    if (status === 201)
      expect([reply.text, reply.headers['content-type']]).toEqual(['made', 'text/plain; charset=utf-8'])
    if (status !== 405) expect(await ends.at(0)).toMatchObject({ operation: 'operator' })
  })

  test('that needs a permission is closed where nobody authenticates', async () => {
    await using gateway = await createTestGateway({ plugins: [routes] })
    expect((await gateway.request('/things/7')).status).toBe(403)
    expect((await gateway.request('/open')).json()).toEqual({ for: 'all' })
  })

  test('that crashes tells the log who it was, and the client nothing', async () => {
    await using gateway = await createTestGateway({ plugins: [routes] })
    const reply = await gateway.request('/crash')
    expect([reply.status, reply.text.includes('secret-detail')]).toEqual([500, false])
    expect(gateway.log.find(({ level }) => level === 'error')).toMatchObject({ plugin: 'routes', hook: 'GET /crash' })
  })

  test('without a permission is refused at boot', async () => {
    const open = plugin('open', ({ router }) => router.get('/x', {} as never, () => undefined))
    const error = await refusalOf(createGateway({ plugins: [open] }))
    expect([error.code, error.message.includes('/x')]).toEqual(['config_invalid', true])
  })
})

describe.concurrent('capabilities', () => {
  const clock = capability<{ now: () => number }>('Clock', { plugins: ['clock-real', 'clock-fake'] })
  const provide = (name: string, now: number): PluginInstance =>
    plugin(name, (context) => context.provide(clock, { now: () => now }), { provides: [clock] })

  test('are provided before they are used, wherever the provider stands', async () => {
    let found: (number | undefined)[] = []
    const user = plugin('user', ({ get, find }) => void (found = [get(clock).now(), find(clock)?.now()]), {
      requires: [clock],
    })
    await using gateway = await createTestGateway({ plugins: [user, provide('clock-real', 7)] })
    expect(found).toEqual([7, 7])
    expect(gateway.gateway.inspect()).toMatchObject({ capabilities: { Clock: 'clock-real' } })
    expect(gateway.gateway.inspect().plugins.map(({ id }) => id)).toEqual(['clock-real', 'user'])
  })

  test('that are only used may be missing', async () => {
    let found: unknown = 'not asked'
    await using gateway = await createTestGateway({
      plugins: [plugin('user', ({ find }) => void (found = find(clock)), { uses: [clock] })],
    })
    expect([gateway.url !== '', found]).toEqual([true, undefined])
  })

  test('that are missing are named, with the plugins that would do', async () => {
    const error = await refusalOf(createGateway({ plugins: [plugin('user', () => undefined, { requires: [clock] })] }))
    expect(error.code).toBe('capability_missing')
    expect(error.message).toMatch(/user.*Clock.*clock-real, clock-fake/s)
  })

  test('that need each other in a circle are refused', async () => {
    const chicken = capability<number>('Chicken')
    const egg = capability<number>('Egg')
    const plugins = [
      plugin('hen', ({ provide }) => provide(chicken, 1), { provides: [chicken], requires: [egg] }),
      plugin('nest', ({ provide }) => provide(egg, 1), { provides: [egg], requires: [chicken] }),
    ]
    const error = await refusalOf(createGateway({ plugins }))
    expect(error.code).toBe('capability_cycle')
    expect(error.message).toMatch(/hen → nest → hen/)
  })

  test('with two providers need the config to name one', async () => {
    const plugins = (): PluginInstance[] => [provide('clock-real', 1), provide('clock-fake', 2)]
    const error = await refusalOf(createGateway({ plugins: plugins() }))
    expect(error.message).toMatch(/Clock.*clock-real, clock-fake/s)
    let found = 0
    const user = plugin('user', ({ get }) => void (found = get(clock).now()), { requires: [clock] })
    await using gateway = await createTestGateway({
      plugins: [...plugins(), user],
      capabilities: { Clock: 'clock-fake' },
    })
    expect([gateway.url !== '', found]).toEqual([true, 2])
  })

  test.for<[what: string, setup: Setup, declared: Declared]>([
    ['used without being listed', ({ get }) => void get(clock), {}],
    ['provided without being listed', ({ provide }) => provide(clock, { now: () => 1 }), {}],
    ['listed and not provided', () => undefined, { provides: [clock] }],
  ])('%s are refused at boot', async ([_, setup, declared]) => {
    const error = await refusalOf(createGateway({ plugins: [plugin('sloppy', setup, declared)] }))
    expect([error.code, error.message.includes('sloppy'), error.message.includes('Clock')]).toEqual([
      'config_invalid',
      true,
      true,
    ])
  })
})

describe.concurrent('a plugin with a condition', () => {
  const principal: Principal = { id: 'ada', key: 'k1', team: 'blue', tags: ['gold', 'eu'] }
  test.for<[what: string, when: When, applies: boolean]>([
    ['the model', { models: ['m'] }, true],
    ['a model that matches', { models: ['x', 'a*', 'm*'] }, true],
    ['another model', { models: ['mm', '*x'] }, false],
    ['the operation', { operations: ['chat'] }, true],
    ['another operation', { operations: ['embeddings'] }, false],
    ['a header with its value', { headers: { 'X-Team': 'a' } }, true],
    ['a header with another value', { headers: { 'x-team': 'b' } }, false],
    ['a header that is there', { headers: { 'x-team': true } }, true],
    ['a header that is not there', { headers: { 'x-other': true } }, false],
    ['the key', { keys: { ids: ['k0', 'k1'] } }, true],
    ['another key', { keys: { ids: ['k2'] } }, false],
    ['a tag', { keys: { tags: ['eu'] } }, true],
    ['another tag', { keys: { tags: ['us'] } }, false],
    ['the team', { keys: { teams: ['blue'] } }, true],
    ['a predicate that holds', { predicate: ({ headers }) => headers['x-team'] === 'a' }, true],
    ['a predicate that does not', { predicate: () => false }, false],
    ['all of several', { models: ['m'], keys: { tags: ['gold'], teams: ['blue'] } }, true],
    ['one of several', { models: ['m'], keys: { tags: ['gold'], teams: ['red'] } }, false],
    ['nothing', {}, true],
  ])('on %s', async ([_, when, applies]) => {
    const seen: string[] = []
    const known = tapping('known', (hooks) => hooks.authenticate.tap('ada', () => principal))
    const watching = plugin(
      'watching',
      ({ hooks }) => {
        for (const hook of ['admit', 'transformResponse', 'onComplete'] as const) {
          hooks[hook].tap('note', () => void seen.push(hook))
        }
      },
      {},
      when,
    )
    const ends = new Ends()
    await using setting = await setUp({ plugins: [known, watching, ends.plugin] })
    setting.upstream.reply(json(OPENAI.answer('Hello.')))
    const reply = await setting.gateway.request(OPENAI.path, { headers: { 'x-team': 'a' }, body: OPENAI.request() })
    await ends.at(0)
    expect(reply.status).toBe(200)
    expect(seen).toEqual(applies ? ['admit', 'transformResponse', 'onComplete'] : [])
  })

  test('on the model does not apply before the model is known', async () => {
    const seen: string[] = []
    const early = plugin(
      'early',
      ({ hooks }) => hooks.onRequest.tap('note', () => void seen.push('onRequest')),
      {},
      { models: ['*'] },
    )
    await using setting = await setUp({ plugins: [early] })
    setting.upstream.reply(json(OPENAI.answer('Hello.')))
    await setting.gateway.request(OPENAI.path, { body: OPENAI.request() })
    expect(seen).toEqual([])
  })

  test('that throws fails the request', async () => {
    const broken = plugin(
      'broken',
      ({ hooks }) => hooks.admit.tap('never', () => undefined),
      {},
      {
        predicate: () => {
          throw new Error('oops')
        },
      },
    )
    await using setting = await setUp({ plugins: [broken] })
    const reply = await setting.gateway.request(OPENAI.path, { body: OPENAI.request() })
    expect([reply.status, reply.json()]).toMatchObject([500, OPENAI.envelope(500, 'plugin_error')])
    expect(setting.gateway.log.find(({ level }) => level === 'error')).toMatchObject({
      plugin: 'broken',
      hook: 'admit',
    })
  })
})

test('what a plugin remembers about an exchange is its own and of that exchange', async () => {
  const started = exchangeKey<number>('timer/started')
  const same = exchangeKey<number>('timer/started')
  const seen: unknown[] = []
  let count = 0
  const timer = tapping('timer', (hooks) => {
    hooks.onRequest.tap('start', (exchange) => {
      expect(exchange.get(started)).toBeUndefined()
      exchange.set(started, ++count)
    })
    hooks.onComplete.tap('end', (exchange) => void seen.push(exchange.get(started), exchange.get(same)))
  })
  await using setting = await setUp({ plugins: [timer] })
  setting.upstream.reply(json(OPENAI.answer('Hello.')))
  for (let i = 0; i < 2; i++) await setting.gateway.request(OPENAI.path, { body: OPENAI.request() })
  await eventually(() => seen.length === 4)
  expect(seen).toEqual([1, undefined, 2, undefined])
})

test('a stream has its frames at once, and comments while nothing comes', async () => {
  await using setting = await setUp({ server: { heartbeat: 20 } })
  stalled(setting)
  const reply = await openReply(setting.gateway.url + OPENAI.path, OPENAI.request({ stream: true }))
  const text = await reply.until(': keep-alive')
  expect(OPENAI.textIn(text)).toBe('Once ')
  expect(framesIn(text)).toHaveLength(2)
  expect(text).toMatch(/\n\n: keep-alive\n\n$/)
  reply.leave()
})
