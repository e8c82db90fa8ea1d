/** A gateway with the plugin, in front of an upstream for each API. Who calls is what stands behind `Bearer`. */
import { definePlugin } from '@sluice/core'
import type { Exchange, GatewayConfig, JsonObject, PluginInstance } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { compatible } from '@sluice/provider-compatible'
import { echo } from '@sluice/provider-echo'
import { openai } from '@sluice/provider-openai'
import { memoryStore } from '@sluice/store-memory'
import { expect } from 'vitest'
import { responseStore } from '../../src/index.ts'
import { eventsIn } from './events.ts'
import type { ResponseEvent } from './events.ts'

type Options = Parameters<typeof responseStore>[0]

export interface Setting {
  gateway: TestGateway
  /** `native` and `native2` speak the Responses API. */
  upstreams: { anthropic: MockUpstream; chat: MockUpstream; native: MockUpstream; native2: MockUpstream }
  /** Exchanges that are over. */
  ends: Exchange[]
  /** Of the responses asked for so far, in their order. */
  ids: () => string[]
  config: GatewayConfig
  send: (method: string, path: string, init?: { body?: JsonObject; as?: string | undefined }) => Promise<TestReply>
  /** A response that must come; streamed, it is the one of the last event. */
  create: (body: JsonObject, as?: string) => Promise<JsonObject & { id: string }>
  stream: (body: JsonObject, as?: string) => Promise<ResponseEvent[]>
  get: (path: string, as?: string) => Promise<JsonObject>
  /** The response once it has this status. */
  until: (id: string, status: string, as?: string) => Promise<JsonObject>
  [Symbol.asyncDispose]: () => Promise<void>
}

export interface SettingOptions {
  store?: PluginInstance
  plugins?: PluginInstance[]
  /** In place of `native` and `native2`, with the address of the former. */
  native?: (baseUrl: string) => PluginInstance
  server?: NonNullable<GatewayConfig['server']>
  models?: { [name: string]: string | { targets: string[] } }
}

export async function setUp(options: Options = {}, more: SettingOptions = {}): Promise<Setting> {
  const [claude, chat, native, native2] = await Promise.all([
    mockUpstream(),
    mockUpstream(),
    mockUpstream(),
    mockUpstream(),
  ])
  const starts: Exchange[] = []
  const ends: Exchange[] = []
  const apiKey = 'sk-upstream-0123456789'
  const speaker = (id: string, { url }: MockUpstream): PluginInstance =>
    openai({ apiKey, baseUrl: `${url}/v1`, api: 'responses' }, { id })
  const config: GatewayConfig = {
    models: more.models ?? {},
    ...(more.server && { server: more.server }),
    plugins: [
      callers({ starts, ends }),
      openaiDialect(),
      anthropicDialect(),
      anthropic({ apiKey, baseUrl: claude.url }),
      compatible({ vendor: 'deepseek', apiKey, baseUrl: `${chat.url}/v1` }, { id: 'chat' }),
      more.native ? more.native(`${native.url}/v1`) : [speaker('native', native), speaker('native2', native2)],
      echo(),
      more.store ?? memoryStore(),
      responseStore(options),
      ...(more.plugins ?? []),
    ],
  }
  const gateway = await createTestGateway(config)
  const send: Setting['send'] = (method, path, { body, as } = {}) =>
    gateway.request(path, {
      method,
      headers: as === undefined ? {} : { authorization: `Bearer ${as}` },
      ...(body && { body }),
    })
  const must = async (reply: Promise<TestReply>): Promise<TestReply> => {
    const { status, text } = await reply
    if (status !== 200) throw new Error(`${status}: ${text}`)
    return reply
  }
  const stream: Setting['stream'] = async (body, as) =>
    eventsIn((await must(send('POST', '/v1/responses', { body: { ...body, stream: true }, as }))).text)
  const get: Setting['get'] = async (path, as) => (await must(send('GET', `/v1/responses/${path}`, { as }))).json()
  return {
    gateway,
    upstreams: { anthropic: claude, chat, native, native2 },
    ends,
    ids: () => starts.flatMap(({ id, start }) => (start.method === 'POST' ? [`resp_${id}`] : [])),
    config,
    send,
    stream,
    async create(body, as) {
      const response = body.stream
        ? (await stream(body, as)).at(-1)!.response
        : (await must(send('POST', '/v1/responses', { body, as }))).json()
      return response as JsonObject & { id: string }
    },
    get,
    async until(id, status, as) {
      await expect.poll(async () => (await get(id, as)).status, { interval: 5 }).toBe(status)
      return get(id, as)
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all([claude, chat, native, native2].map((upstream) => upstream.close()))
    },
  }
}

const callers = (seen: { starts: Exchange[]; ends: Exchange[] }): PluginInstance =>
  definePlugin({
    name: 'test-callers',
    version: '1.0.0',
    api: 1,
    setup({ hooks }) {
      hooks.onRequest.tap('note', (exchange) => void seen.starts.push(exchange))
      hooks.authenticate.tap('bearer', ({ headers }) => {
        const [, name] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? []
        return name === undefined ? { id: 'anonymous' } : { id: `user of ${name}`, key: name }
      })
      hooks.onComplete.tap({ name: 'note', stage: 'last' }, (exchange) => void seen.ends.push(exchange))
    },
  })()
