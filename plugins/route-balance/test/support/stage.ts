/** A gateway with upstreams that count, and say by whom they answer. */
import { definePlugin } from '@sluice/core'
import type { GatewayConfig, JsonObject, PluginInstance, Principal } from '@sluice/core'
import { createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply, UpstreamReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { openai } from '@sluice/provider-openai'
import { balance } from '../../src/index.ts'

export interface Stage extends AsyncDisposable {
  gateway: TestGateway
  /** Behind the providers `a`, `b`, `c`. */
  upstreams: readonly MockUpstream[]
  ask(body?: JsonObject, headers?: { [name: string]: string }): Promise<TestReply>
  /** Who answered so many requests in a row. */
  served(times: number, headers?: { [name: string]: string }): Promise<string>
}

export interface StageOptions {
  options?: Parameters<typeof balance>[0]
  models?: GatewayConfig['models']
  plugins?: readonly PluginInstance[]
  principal?: Partial<Principal>
}

const IDS = ['a', 'b', 'c']

/** An answer of OpenAI's, whole or streamed as it is asked for. */
export const answer: UpstreamReply = (request, response) => {
  const head = { id: 'c', created: 1, model: 'm' }
  const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 }
  if (request.json()['stream'] !== true) {
    const message = { role: 'assistant', content: 'Hi' }
    const choices = [{ index: 0, message, finish_reason: 'stop' }]
    return json({ ...head, object: 'chat.completion', choices, usage })(request, response)
  }
  const chunks = [
    { choices: [{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: null }] },
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage },
  ]
  const frames = chunks.map(
    (chunk) => `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...chunk })}\n\n`,
  )
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`${frames.join('')}data: [DONE]\n\n`)
  return undefined
}

/** The model `m` has the target `m` of each provider, unless `models` says otherwise. */
export async function stage({ options = {}, models, plugins = [], principal }: StageOptions = {}): Promise<Stage> {
  const upstreams = await Promise.all(IDS.map(() => mockUpstream()))
  for (const upstream of upstreams) upstream.reply(answer)
  const callers = definePlugin({
    name: 'test-callers',
    version: '1.0.0',
    api: 1,
    setup: ({ hooks }) => hooks.authenticate.tap('caller', () => ({ id: 'caller', ...principal })),
  })
  const providers = IDS.map((id, place) => openai({ apiKey: 'k', baseUrl: `${upstreams[place]!.url}/v1` }, { id }))
  const gateway = await createTestGateway({
    models: models ?? { m: { targets: IDS.map((id) => `${id}/m`) } },
    plugins: [openaiDialect(), ...providers, callers(), ...plugins, balance(options)],
  })
  const ask: Stage['ask'] = (body = {}, headers = {}) =>
    gateway.request('/v1/chat/completions', {
      headers,
      body: { model: 'm', messages: [{ role: 'user', content: 'Hello' }], ...body },
    })
  return {
    gateway,
    upstreams,
    ask,
    async served(times, headers) {
      let names = ''
      for (let n = 0; n < times; n++) names += String((await ask({}, headers)).headers['x-sluice-model']).slice(0, 1)
      return names
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all(upstreams.map((upstream) => upstream.close()))
    },
  }
}
