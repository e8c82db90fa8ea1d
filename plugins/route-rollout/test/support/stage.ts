/** A gateway with a rollout between two upstreams, callers, and an audit trail that can be looked into. */
import { Audit } from '@sluice/admin-kit'
import type { AuditEvent } from '@sluice/admin-kit'
import { definePlugin } from '@sluice/core'
import type { GatewayConfig, JsonObject, PluginInstance, Principal } from '@sluice/core'
import { createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply, TestRequest, UpstreamReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { openai } from '@sluice/provider-openai'
import { memoryStore } from '@sluice/store-memory'
import { COST } from '@sluice/usage-kit'
import { rollouts } from '../../src/index.ts'

export type RolloutOptions = NonNullable<Parameters<typeof rollouts>[0]>

export interface Stage extends AsyncDisposable {
  gateway: TestGateway
  /** Behind the providers `old` and `new`. */
  old: MockUpstream
  new: MockUpstream
  audit: AuditEvent[]
  ask(caller?: string, more?: JsonObject, headers?: TestRequest['headers']): Promise<TestReply>
  admin(method: string, path: string, body?: JsonObject, caller?: string): Promise<TestReply>
  /** `data` of the rollout's status. */
  status(name?: string): Promise<Status>
}

export type Status = JsonObject & {
  status: string
  shares: { [arm: string]: number }
  arms: { [arm: string]: { now: JsonObject & { requests: number }; total: JsonObject & { requests: number } } }
  changes: { action: string; by: string; reason: string }[]
}

export interface StageOptions {
  options?: RolloutOptions
  models?: GatewayConfig['models']
  plugins?: readonly PluginInstance[]
  /** Default: in memory. */
  store?: PluginInstance
}

const CALLERS: { [token: string]: Principal } = {
  root: { id: 'root', permissions: ['*'] },
  ann: { id: 'ann', key: 'key_ann' },
  bob: { id: 'bob', key: 'key_bob' },
}

/** A token that is no caller's name is a principal of that id. */
const callers = definePlugin({
  name: 'test-callers',
  version: '0.1.0',
  api: 1,
  setup: ({ hooks }) =>
    hooks.authenticate.tap(
      'callers',
      ({ headers: { authorization: token = 'ann' } }) => CALLERS[token] ?? { id: token },
    ),
})

function auditPlugin(events: AuditEvent[]): PluginInstance {
  const record = (event: AuditEvent): Promise<void> => Promise.resolve(void events.push(event))
  return definePlugin({
    name: 'test-audit',
    version: '0.1.0',
    api: 1,
    provides: [Audit],
    setup: ({ provide }) => provide(Audit, { record }),
  })()
}

/** A thousand nano-dollars a token, ten times as much of the provider `new`'s model `dear`. */
const pricing = definePlugin({
  name: 'test-prices',
  version: '0.1.0',
  api: 1,
  setup: ({ hooks }) =>
    hooks.onUsage.tap('cost', (usage, exchange) => {
      const rate = exchange.attempts.at(-1)?.target.model === 'dear' ? 10_000 : 1_000
      const tokens = usage ? usage.input.total + usage.output.total : 0
      if (usage) exchange.set(COST, { nanoUsd: tokens * rate, source: 'test', rates: {} })
      return undefined
    }),
})

/** Quick: counts are shared and judged every 20 ms. */
export async function stage(settings: StageOptions = {}): Promise<Stage> {
  const { options = {}, models = { m: 'old/m' }, plugins = [], store = memoryStore() } = settings
  const audit: AuditEvent[] = []
  const [old, fresh] = await Promise.all([mockUpstream(), mockUpstream()])
  old.reply(answer())
  fresh.reply(answer())
  const gateway = await createTestGateway({
    models,
    plugins: [
      openaiDialect(),
      openai({ apiKey: 'k', baseUrl: `${old.url}/v1` }, { id: 'old' }),
      openai({ apiKey: 'k', baseUrl: `${fresh.url}/v1` }, { id: 'new' }),
      callers(),
      pricing(),
      auditPlugin(audit),
      store,
      rollouts({ interval: '20ms', ...options }),
      ...plugins,
    ],
  })
  const admin: Stage['admin'] = (method, path, body, caller = 'root') =>
    gateway.request(`/admin/v1/rollouts${path}`, {
      method,
      headers: { authorization: caller },
      ...(body && { body }),
    })
  return {
    gateway,
    old,
    new: fresh,
    audit,
    admin,
    ask: (caller = 'ann', more = {}, headers = {}) =>
      gateway.request('/v1/chat/completions', {
        headers: { authorization: caller, ...headers },
        body: { model: 'm', messages: [{ role: 'user', content: 'Hello' }], ...more },
      }),
    status: async (name = 'm') => (await admin('GET', `/${name}/status`)).json() as Status,
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all([old.close(), fresh.close()])
    },
  }
}

/** A chat answer that used so many tokens. */
export function answer(input = 10, output = 10): UpstreamReply {
  return json({
    id: 'c',
    created: 1,
    model: 'm',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  })
}

export const failure: UpstreamReply = json({ error: { message: 'It broke.' } }, { status: 500 })
