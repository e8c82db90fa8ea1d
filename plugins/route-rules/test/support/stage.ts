/** A gateway with rules, callers, and providers that all lead to one upstream. */
import { definePlugin } from '@sluice/core'
import type { GatewayConfig, JsonObject, PluginInstance, Principal, Target } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply, UpstreamReply } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { openai } from '@sluice/provider-openai'
import { rules } from '../../src/index.ts'

export type RuleOptions = NonNullable<Parameters<typeof rules>[0]>

export interface StageSettings {
  options?: RuleOptions
  models?: GatewayConfig['models']
  /** Provider instances. */
  providers?: readonly string[]
  /** By the value of `authorization`; others are anonymous. */
  callers?: { readonly [token: string]: Principal }
  plugins?: readonly PluginInstance[]
}

export interface Stage extends AsyncDisposable {
  gateway: TestGateway
  upstream: MockUpstream
  ask(body?: JsonObject, more?: { path?: string; headers?: { [name: string]: string } }): Promise<TestReply>
  /** The target that answers. */
  served(body?: JsonObject, headers?: { [name: string]: string }): Promise<unknown>
}

/** Everything is real but the upstream's wit. */
export async function stage(settings: StageSettings = {}): Promise<Stage> {
  const { options = {}, models = {}, providers = ['a', 'b', 'c'], callers = {}, plugins = [] } = settings
  const upstream = await mockUpstream()
  upstream.reply(answer)
  const gateway = await createTestGateway({
    models: { m: { targets: ['a/one', 'b/two', 'c/three'] }, ...models },
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      ...providers.map((id) => openai({ apiKey: 'k', baseUrl: `${upstream.url}/${id}` }, { id })),
      definePlugin({
        name: 'test-callers',
        version: '0.1.0',
        api: 1,
        setup: ({ hooks }) =>
          hooks.authenticate.tap(
            'callers',
            ({ headers }) => callers[headers.authorization ?? ''] ?? { id: 'somebody' },
          ),
      })(),
      ...plugins,
      rules(options),
    ],
  }).catch(async (error: unknown) => {
    await upstream.close()
    throw error
  })
  const ask: Stage['ask'] = (body = {}, { path = '/v1/chat/completions', headers = {} } = {}) =>
    gateway.request(path, {
      headers,
      body: { model: 'm', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 10, ...body },
    })
  return {
    gateway,
    upstream,
    ask,
    served: async (body, headers) => {
      const reply = await ask(body, headers && { headers })
      return reply.status === 200 ? reply.headers['x-sluice-model'] : reply.json()['error']
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await upstream.close()
    },
  }
}

/** A chat answer. */
export const answer: UpstreamReply = (_, response) => {
  const message = { role: 'assistant', content: 'Hi' }
  const body = {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'x',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** What plugins that order targets were handed: sees the candidates at the stage `normal`. */
export function spy(seen: (readonly Target[])[]): PluginInstance {
  return definePlugin({
    name: 'test-spy',
    version: '0.1.0',
    api: 1,
    setup: ({ hooks }) => hooks.beforeRoute.tap('spy', (targets) => void seen.push(targets)),
  })()
}
