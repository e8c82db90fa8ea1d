/** A gateway with shadows, in front of two upstreams: one that clients are served by, and one for copies. */
import { definePlugin } from '@sluice/core'
import type { Exchange, GatewayConfig, JsonObject, PluginInstance, Principal, SetupContext } from '@sluice/core'
import { createTestGateway, json, mockUpstream, sse } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply, UpstreamReply } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { openai } from '@sluice/provider-openai'
import { memoryStore } from '@sluice/store-memory'
import { expect, vi } from 'vitest'
import { shadow } from '../../src/index.ts'

/** By bearer token. */
const CALLERS: { readonly [token: string]: Principal } = {
  operator: { id: 'operator', permissions: ['routing:read', 'routing:write'] },
  reader: { id: 'reader', permissions: ['routing:read'] },
  client: { id: 'client', tags: ['free'] },
}

const callers = definePlugin({
  name: 'test-callers',
  version: '1.0.0',
  api: 1,
  setup({ hooks }) {
    hooks.authenticate.tap('bearer', ({ headers }) => CALLERS[headers.authorization?.replace('Bearer ', '') ?? ''])
  },
})

/** In OpenAI's form. */
export function says(content: string): UpstreamReply {
  return json({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'small',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
  })
}

/** The same as a stream. */
export function streams(...words: readonly string[]): UpstreamReply {
  const chunk = (more: JsonObject): string =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'small', ...more })}\n\n`
  const frames = [
    ...words.map((content) => chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    chunk({
      choices: [],
      usage: { prompt_tokens: 9, completion_tokens: words.length, total_tokens: 9 + words.length },
    }),
    'data: [DONE]\n\n',
  ]
  return sse(frames.join(''))
}

/** In Anthropic's form. */
export function claudeSays(text: string): UpstreamReply {
  return json({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 3 },
  })
}

/** How a row compares an answer of `says` with one of `claudeSays`, apart from what they say. */
export const FIGURES = {
  outcome: 'ok',
  served: 'up/small',
  mirrorServed: 'other/claude',
  durationMs: expect.any(Number),
  mirrorDurationMs: expect.any(Number),
  inputTokens: 9,
  outputTokens: 2,
  mirrorInputTokens: 10,
  mirrorOutputTokens: 3,
}

/** A plugin of one setup function. */
export function plugin(name: string, setup: (context: SetupContext<object, never>) => void): PluginInstance {
  return definePlugin({ name, version: '1.0.0', api: 1, setup: setup as never })()
}

/** Notes every chat that begins, copies too. */
export function watcher(): { chats: Exchange[]; watch: PluginInstance } {
  const chats: Exchange[] = []
  const watch = plugin('watcher', ({ hooks }) => {
    hooks.authorize.tap('watch', (exchange) => void (exchange.operation === 'chat' && chats.push(exchange)))
  })
  return { chats, watch }
}

export interface Setting extends AsyncDisposable {
  gateway: TestGateway
  /** `up/…` */
  upstream: MockUpstream
  /** `other/…`, which speaks as Anthropic does. */
  other: MockUpstream
  /** A chat completion of the model `m`. */
  ask(more?: JsonObject, as?: string): Promise<TestReply>
  admin(path: string, body?: JsonObject, as?: string, method?: string): Promise<TestReply>
  /** All rows, as soon as there are so many, the newest first. */
  rows(count: number): Promise<JsonObject[]>
  recordings(count: number): Promise<JsonObject[]>
}

export type Section = NonNullable<Parameters<typeof shadow>[0]>

export async function setUp(
  section: JsonObject = { target: 'other/claude' },
  {
    options = {},
    plugins = [],
    models = {},
  }: { options?: Section; plugins?: PluginInstance[]; models?: GatewayConfig['models'] } = {},
): Promise<Setting> {
  const upstream = await mockUpstream()
  const other = await mockUpstream()
  upstream.reply(says('The capital of France is Paris.'))
  other.reply(claudeSays('The capital of France is Paris!'))
  const gateway = await createTestGateway({
    server: { drainTimeout: 100 },
    models: { m: { targets: ['up/small'], shadow: section }, plain: 'up/small', ...models },
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      openai({ apiKey: 'secret', baseUrl: upstream.url }, { id: 'up' }),
      anthropic({ apiKey: 'secret', baseUrl: other.url }, { id: 'other' }),
      memoryStore(),
      callers(),
      ...plugins,
      shadow(options),
    ],
  })
  const admin: Setting['admin'] = (path, body, as = 'operator', method) => {
    const init = { headers: { authorization: `Bearer ${as}` }, ...(body && { body }), ...(method && { method }) }
    return gateway.request(`/admin/v1/shadow${path}`, init)
  }
  const list = (path: string, count: number): Promise<JsonObject[]> =>
    vi.waitFor(
      async () => {
        const { data } = (await admin(path)).json() as { data: JsonObject[] }
        expect(data).toHaveLength(count)
        return data
      },
      { interval: 5, timeout: 5000 },
    )
  return {
    gateway,
    upstream,
    other,
    ask: (more = {}, as = 'client') =>
      gateway.request('/v1/chat/completions', {
        headers: { authorization: `Bearer ${as}` },
        body: { model: 'm', messages: [{ role: 'user', content: 'What is the capital of France?' }], ...more },
      }),
    admin,
    rows: (count) => list('/rows', count),
    recordings: (count) => list('/recordings', count),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all([upstream.close(), other.close()])
    },
  }
}
