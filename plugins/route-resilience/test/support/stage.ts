/** A gateway with upstreams of two dialects, all on the loopback. */
import { definePlugin } from '@sluice/core'
import type { GatewayConfig, JsonObject, PluginInstance, Principal } from '@sluice/core'
import { createTestGateway, json, mockUpstream, sse } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply, UpstreamReply } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { openai } from '@sluice/provider-openai'
import type { Exchange } from '@sluice/core'
import { resilience } from '../../src/index.ts'

export type ResilienceOptions = NonNullable<Parameters<typeof resilience>[0]>

export interface Stage extends AsyncDisposable {
  gateway: TestGateway
  /** `a` and `b` speak OpenAI's dialect, `c` Anthropic's. */
  a: MockUpstream
  b: MockUpstream
  c: MockUpstream
  /** Exchanges that are over. */
  over: Exchange[]
  ask(more?: JsonObject, init?: { signal?: AbortSignal; headers?: { [name: string]: string } }): Promise<TestReply>
}

export interface StageOptions {
  options?: ResilienceOptions
  models?: NonNullable<GatewayConfig['models']>
  plugins?: readonly PluginInstance[]
  server?: GatewayConfig['server']
  /** By the header `x-caller`. */
  callers?: { readonly [name: string]: Principal }
}

const callersPlugin = (callers: NonNullable<StageOptions['callers']>): PluginInstance =>
  definePlugin({
    name: 'test-callers',
    version: '0.1.0',
    api: 1,
    setup: ({ hooks }) => hooks.authenticate.tap('callers', ({ headers }) => callers[String(headers['x-caller'])]),
  })()

/** Waits are short unless a test says otherwise. */
export const QUICK: ResilienceOptions = { retries: { base: '1ms', longest: '2ms' } }

export async function stage(settings: StageOptions = {}): Promise<Stage> {
  const [a, b, c] = await Promise.all([mockUpstream(), mockUpstream(), mockUpstream()])
  a.reply(openaiAnswer('from a'))
  b.reply(openaiAnswer('from b'))
  c.reply(anthropicAnswer('from c'))
  const over: Exchange[] = []
  const watch = definePlugin({
    name: 'test-watch',
    version: '0.1.0',
    api: 1,
    countsUsage: true,
    setup: ({ hooks }) => hooks.onComplete.tap('over', (exchange) => void over.push(exchange)),
  })
  const { options = QUICK, models = {}, plugins = [], callers, server } = settings
  const gateway = await createTestGateway({
    ...(server && { server }),
    models: { m: { targets: ['a/m', 'b/m'] }, ...models },
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      openai({ apiKey: 'k', baseUrl: `${a.url}/v1` }, { id: 'a' }),
      openai({ apiKey: 'k', baseUrl: `${b.url}/v1` }, { id: 'b' }),
      anthropic({ apiKey: 'k', baseUrl: c.url }, { id: 'c' }),
      callers && callersPlugin(callers),
      ...plugins,
      watch(),
      resilience(options),
    ],
  })
  return {
    gateway,
    a,
    b,
    c,
    over,
    ask: (more = {}, init = {}) =>
      gateway.request('/v1/chat/completions', {
        body: { model: 'm', messages: [{ role: 'user', content: 'Hello' }], ...more },
        ...init,
      }),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all([a.close(), b.close(), c.close()])
    },
  }
}

/** Whole or streamed, as it is asked for. */
export function openaiAnswer(text: string, input = 11, output = 7): UpstreamReply {
  return (request, response) => {
    const head = { id: 'chatcmpl-1', created: 1, model: String(request.json()['model']) }
    const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
    if (request.json()['stream'] !== true) {
      const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }]
      return json({ ...head, object: 'chat.completion', choices, usage })(request, response)
    }
    return sse(openaiStream(text, usage, head))(request, response)
  }
}

export function openaiStream(text: string, usage: JsonObject = {}, head: JsonObject = { id: 'c', created: 1 }): string {
  const chunk = (more: JsonObject): string =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...more })}\n\n`
  const choice = (delta: JsonObject, finish: string | null): JsonObject => ({
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  return [
    chunk(choice({ role: 'assistant', content: text }, null)),
    chunk(choice({}, 'stop')),
    chunk({ choices: [], usage }),
    'data: [DONE]\n\n',
  ].join('')
}

export function anthropicAnswer(text: string, input = 13, output = 5): UpstreamReply {
  return (request, response) => {
    const model = String(request.json()['model'])
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model, stop_sequence: null }
    if (request.json()['stream'] !== true) {
      const usage = { input_tokens: input, output_tokens: output }
      const body = { ...message, content: [{ type: 'text', text }], stop_reason: 'end_turn', usage }
      return json(body)(request, response)
    }
    const event = (type: string, more: JsonObject): string =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`
    const usage = { input_tokens: input, output_tokens: 1 }
    return sse(
      [
        event('message_start', { message: { ...message, content: [], stop_reason: null, usage } }),
        event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
        event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
        event('content_block_stop', { index: 0 }),
        event('message_delta', {
          delta: { stop_reason: 'end_turn', stop_sequence: null },
          usage: { output_tokens: output },
        }),
        event('message_stop', {}),
      ].join(''),
    )(request, response)
  }
}

/** What the reply says, whole or streamed. */
export function textOf({ text }: TestReply): string {
  return [...text.matchAll(/"content":"((?:[^"\\]|\\.)*)"/g)].map(([, words]) => words).join('')
}

export function fails(status: number, error: JsonObject = { message: 'No.' }, headers = {}): UpstreamReply {
  return json({ error }, { status, headers })
}

/** 429 with a wish, then 500 for ever. */
export function rateLimitedOnce(seconds: number): UpstreamReply {
  let asked = 0
  return (request, response) =>
    (asked++ === 0 ? fails(429, { message: 'Slow down' }, { 'retry-after': String(seconds) }) : fails(500))(
      request,
      response,
    )
}
