/** A gateway that explains, in front of an upstream that counts what it is asked. */
import { definePlugin, GatewayError } from '@sluice/core'
import type { GatewayConfig, JsonObject, PluginInstance, Principal, SetupContext } from '@sluice/core'
import { createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { openai } from '@sluice/provider-openai'
import { Store } from '@sluice/store-kit'
import { memoryStore } from '@sluice/store-memory'
import { explain } from '../../src/index.ts'

/** By bearer token. */
const CALLERS: { readonly [token: string]: Principal } = {
  operator: { id: 'operator', team: 'ops', permissions: ['routing:read'] },
  teamster: { id: 'teamster', team: 'ops', permissions: ['routing:read', 'routing:read@team'] },
  client: { id: 'client', permissions: [] },
}

const callers = definePlugin({
  name: 'test-callers',
  version: '1.0.0',
  api: 1,
  setup({ hooks }) {
    hooks.authenticate.tap('bearer', ({ headers }) => CALLERS[headers.authorization?.replace('Bearer ', '') ?? ''])
  },
})

export const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'small',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
}

/** A plugin without options, of one setup function. */
export function plugin(name: string, setup: (context: SetupContext<object, never>) => void): PluginInstance {
  return definePlugin({ name, version: '1.0.0', api: 1, uses: [Store], setup: setup as never })()
}

export interface Setting extends AsyncDisposable {
  gateway: TestGateway
  upstream: MockUpstream
  /** A chat completion. */
  ask(as: string, model: string, headers?: { [name: string]: string }): Promise<TestReply>
  explain(body: JsonObject, as?: string): Promise<TestReply>
}

export async function setUp(
  plugins: readonly PluginInstance[] = [],
  models: GatewayConfig['models'] = {},
): Promise<Setting> {
  const upstream = await mockUpstream()
  upstream.reply(json(ANSWER))
  const gateway = await createTestGateway({
    models: { pair: { targets: ['up/small', { target: 'up/large', weight: 3 }] }, ...models },
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      openai({ apiKey: 'secret', baseUrl: upstream.url }, { id: 'up' }),
      memoryStore(),
      callers(),
      ...plugins,
      explain(),
    ],
  })
  const authorized = (token: string) => ({ authorization: `Bearer ${token}` })
  return {
    gateway,
    upstream,
    ask: (as, model, headers) =>
      gateway.request('/v1/chat/completions', {
        headers: { ...authorized(as), ...headers },
        body: { model, messages: [{ role: 'user', content: 'Hello' }] },
      }),
    explain: (body, as = 'operator') => gateway.request('/admin/v1/explain', { headers: authorized(as), body }),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await upstream.close()
    },
  }
}

/** Refuses in a hook. */
export function refusing(hook: 'authorize' | 'admit'): PluginInstance {
  return plugin('test-refusal', ({ hooks }) => {
    hooks[hook].tap('refuse', () => {
      throw new GatewayError('budget_exceeded', 'The budget of the team is used up.')
    })
  })
}
