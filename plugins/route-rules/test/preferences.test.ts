import { definePlugin } from '@sluice/core'
import type { CanonicalRequest, JsonObject, LocalProvider, Part, PluginInstance } from '@sluice/core'
import { TargetStats } from '@sluice/route-kit'
import type { TargetFigures } from '@sluice/route-kit'
import { Prices } from '@sluice/usage-kit'
import type { Quote } from '@sluice/usage-kit'
import { anthropic } from '@sluice/provider-anthropic'
import { describe, expect, test } from 'vitest'
import { stage } from './support/stage.ts'
import type { RuleOptions, Stage } from './support/stage.ts'

/** Dollars for a million tokens of input and of output, first byte in milliseconds, tokens a second. */
const KNOWN: { [provider: string]: { price?: [number, number]; ttft?: number; speed?: number } } = {
  a: { price: [3, 15], ttft: 900, speed: 40 },
  b: { price: [1, 40], ttft: 300, speed: 90 },
  c: {},
}

function figures(provider: string): TargetFigures {
  const { ttft, speed } = KNOWN[provider]!
  return { inFlight: 0, ttftMs: ttft, totalMs: undefined, tokensPerSecond: speed, errorRate: 0, samples: 1 }
}

function quote(provider: string): Quote | undefined {
  const { price } = KNOWN[provider]!
  if (!price) return undefined
  const nano = (input: number, output: number): number => Math.round(1000 * (input * price[0] + output * price[1]))
  return {
    cost: ({ input, output }) => ({ nanoUsd: nano(input.total, output.total), source: 'test', rates: {} }),
    most: nano,
  }
}

const knowledge = (): PluginInstance =>
  definePlugin({
    name: 'test-knowledge',
    version: '0.1.0',
    api: 1,
    provides: [Prices, TargetStats],
    setup({ provide }) {
      provide(Prices, { quote: ({ provider }) => quote(provider) })
      provide(TargetStats, { of: ({ provider }) => figures(provider) })
    },
  })()

const models = {
  m: {
    targets: [
      { target: 'a/one', region: 'us-1', priority: 1 },
      { target: 'b/two', tags: ['no-training'], priority: 2 },
      { target: 'c/three', about: { inputPrice: 0.5, outputPrice: 20 } },
    ],
  },
}
const open = (options: RuleOptions = {}, known = true): Promise<Stage> =>
  stage({ models, options, plugins: known ? [knowledge()] : [] })

/** The candidates in the order in which they are tried, as failing ones show it. */
async function tried(on: Stage, body: JsonObject): Promise<string[]> {
  on.upstream.reply((_, response) => void response.writeHead(500, { 'content-type': 'application/json' }).end('{}'))
  const from = on.upstream.requests.length
  await on.ask({ max_tokens: 1000, ...body })
  return on.upstream.requests.slice(from).map(({ path }) => path.slice(1, 2))
}

describe('the field "provider"', () => {
  test.each<[JsonObject, string]>([
    [{}, 'abc'],
    [{ order: ['c', 'b'] }, 'cba'],
    [{ order: ['nobody', 'C'] }, 'cab'],
    [{ order: ['c', 'b'], allow_fallbacks: false }, 'cb'],
    [{ allow_fallbacks: false }, 'a'],
    [{ allow_fallbacks: false, sort: 'latency' }, 'b'],
    [{ only: ['b', 'c'] }, 'bc'],
    [{ only: ['a/us-1'] }, 'a'],
    [{ only: ['b/two', 'openai'] }, 'abc'],
    [{ ignore: ['a'] }, 'bc'],
    [{ sort: 'latency' }, 'bac'],
    [{ sort: 'throughput' }, 'bac'],
    [{ sort: 'price' }, 'acb'],
    [{ order: ['b'], sort: 'price' }, 'bac'],
    [{ max_price: { prompt: 1 } }, 'bc'],
    [{ max_price: { prompt: 1, completion: 20 } }, 'c'],
    [{ max_price: {} }, 'abc'],
    [{ data_collection: 'deny' }, 'b'],
    [{ data_collection: 'allow' }, 'abc'],
  ])('%j tries %s', async (provider, order) => {
    await using on = await open()
    expect(await tried(on, { provider })).toEqual(order.split(''))
  })

  test('never goes up, and nothing else of the body is lost', async () => {
    await using on = await open()
    await on.ask({ provider: { order: ['b'] }, custom: { x: 1 }, temperature: 0.5 })
    expect(on.upstream.requests[0]!.json()).toEqual({
      model: 'two',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 10,
      custom: { x: 1 },
      temperature: 0.5,
    })
  })

  test('is understood in other dialects, too', async () => {
    await using on = await open()
    const reply = await on.ask({ provider: { order: ['b'] } }, { path: '/v1/messages' })
    expect([reply.status, reply.headers['x-sluice-model']]).toEqual([200, 'b/two'])
    expect(on.upstream.requests[0]!.json()).not.toHaveProperty('provider')
    expect(reply.headers).not.toHaveProperty('x-sluice-dropped-params')
  })

  test('leaves the bytes of those alone who do not send it', async () => {
    await using on = await open()
    const body = '{"model":"m", "messages":[{"role":"user","content":"Hi"}],"provider":null}'
    await on.gateway.request('/v1/chat/completions', { method: 'POST', body })
    expect(on.upstream.requests[0]!.body.toString()).toBe(body.replace('"m"', '"one"'))
  })

  test.each<[unknown, string]>([
    ['openai', 'provider'],
    [[], 'provider'],
    [{ order: 'a' }, 'provider.order'],
    [{ order: [1] }, 'provider.order[0]'],
    [{ sort: 'speed' }, 'provider.sort'],
    [{ max_price: { prompt: -1 } }, 'provider.max_price.prompt'],
    [{ max_price: { image: 1 } }, 'provider.max_price.image'],
    [{ data_collection: 'maybe' }, 'provider.data_collection'],
    [{ allow_fallbacks: 'no' }, 'provider.allow_fallbacks'],
    [{ quantizations: ['fp8'] }, 'provider.quantizations'],
  ])('%j is refused at %s', async (provider, param) => {
    await using on = await open()
    const reply = await on.ask({ provider })
    expect([reply.status, reply.json()['error']]).toEqual([400, expect.objectContaining({ param })])
    expect(on.upstream.requests).toHaveLength(0)
  })

  test('that leaves no target is the mistake of who sent it', async () => {
    await using on = await open()
    const reply = await on.ask({ provider: { only: ['nobody'] } })
    expect([reply.status, reply.json()['error']]).toEqual([400, expect.objectContaining({ param: 'provider' })])
    expect(reply.text).toContain('a/one')
  })

  test('prices of the config do where nobody else knows prices, and an unknown one is none', async () => {
    await using on = await open({}, false)
    expect(await tried(on, { provider: { max_price: { prompt: 1, completion: 30 } } })).toEqual(['c'])
    expect(await tried(on, { provider: { sort: 'price' } })).toEqual(['c', 'a', 'b'])
    expect(await tried(on, { provider: { sort: 'throughput' } })).toEqual(['a', 'b', 'c'])
  })

  test('with require_parameters a target that cannot take one gives way to the next', async () => {
    await using on = await stage({
      models: { m: { targets: ['claude/x', 'b/two'] }, n: 'claude/x' },
      plugins: [anthropic({ apiKey: 'k', baseUrl: 'http://127.0.0.1:9' }, { id: 'claude' })],
    })
    const reply = await on.ask({ seed: 1, provider: { require_parameters: true } })
    expect([reply.headers['x-sluice-model'], reply.headers['x-sluice-attempts']]).toEqual(['b/two', '2'])
    const refused = await on.ask({ model: 'n', seed: 1, provider: { require_parameters: true } })
    expect([refused.status, refused.json()['error']]).toEqual([400, expect.objectContaining({ param: 'seed' })])
  })

  test('is not read where the operator does not want it', async () => {
    await using on = await open({ preferences: false })
    expect(await on.served({ provider: { order: ['b'] } })).toBe('a/one')
    expect(on.upstream.requests[0]!.json()).toHaveProperty('provider')
    expect((await on.ask({ model: 'm:floor' })).status).toBe(404)
  })

  test('and a variant are left to OpenRouter, where only OpenRouter is asked', async () => {
    const asked: CanonicalRequest[] = []
    await using on = await stage({
      models: { mixed: { targets: ['b/two', 'router/x'] } },
      plugins: [openRouter(asked)],
    })
    await on.ask({ model: 'router/vendor/model:nitro', provider: { zdr: true } })
    expect(asked).toMatchObject([
      { model: 'vendor/model:nitro', extensions: { 'openai-chat': { provider: { zdr: true } } } },
    ])
    await on.ask({ model: 'mixed', provider: { order: ['router'] } })
    expect(asked[1]!.model).toBe('x')
    expect(asked[1]!.extensions['openai-chat']).not.toHaveProperty('provider')
    expect((await on.ask({ model: 'mixed', provider: { zdr: true } })).status).toBe(400)
  })
})

/** Answers in the place of OpenRouter. */
function openRouter(asked: CanonicalRequest[]): PluginInstance {
  const answer: LocalProvider['answer'] = (request) => {
    asked.push(request)
    const parts: Part[] = [{ type: 'text', text: 'Hi' }]
    return { operation: 'chat', choices: [{ index: 0, parts, finish: { unified: 'stop' } }], extensions: {} }
  }
  return definePlugin({
    name: 'router',
    version: '0.1.0',
    api: 1,
    setup: ({ addProvider }) => addProvider({ kind: 'local', vendor: 'openrouter', answer }),
  })()
}

describe('variants', () => {
  test.each([
    ['m:floor', 'acb'],
    ['m:nitro', 'bac'],
    ['m', 'abc'],
  ])('%s tries %s', async (model, order) => {
    await using on = await open()
    expect(await tried(on, { model })).toEqual(order.split(''))
  })

  test('a sort in the field wins', async () => {
    await using on = await open()
    expect(await tried(on, { model: 'm:floor', provider: { sort: 'latency' } })).toEqual(['b', 'a', 'c'])
  })

  test.each([
    ['b/x:floor', 'b/x'],
    ['alias:nitro', 'c/y'],
    ['family-x:nitro', 'a/x'],
    ['b/llama:8b', 'b/llama:8b'],
    ['b/llama:constructor', 'b/llama:constructor'],
  ])('%s is served by %s', async (model, target) => {
    await using on = await open({ aliases: { alias: 'c/y', 'family-*': 'a/*' } })
    expect(await on.served({ model })).toBe(target)
  })
})
