/** A gateway that prices what a mock upstream answers; it tells what each exchange cost. */
import { definePlugin } from '@sluice/core'
import type { Exchange, GatewayConfig, JsonObject, PluginInstance } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { cohereDialect } from '@sluice/dialect-cohere'
import { geminiDialect } from '@sluice/dialect-gemini'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { cohere } from '@sluice/provider-cohere'
import { compatible } from '@sluice/provider-compatible'
import { echo } from '@sluice/provider-echo'
import { openai } from '@sluice/provider-openai'
import { costOf } from '@sluice/usage-kit'
import type { Cost } from '@sluice/usage-kit'
import { prices } from '../../src/index.ts'

export const CHAT = '/v1/chat/completions'
export const chatBody = (model: string, more: JsonObject = {}): JsonObject => ({
  model,
  messages: [{ role: 'user', content: 'Hello' }],
  ...more,
})
export const completion = (usage: JsonObject): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'served',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage,
})
export const chunks = (...events: JsonObject[]): string =>
  [...events.map((event) => JSON.stringify(event)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('')
export const chunk = (choices: JsonObject[], more: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'served',
  choices,
  ...more,
})

export interface Setting {
  gateway: TestGateway
  upstream: MockUpstream
  /** Of the last exchange that is over. */
  cost(): Cost | null | undefined
  exchange(): Exchange
  reload(models: GatewayConfig['models']): Promise<void>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export async function setUp(
  options: Parameters<typeof prices>[0] = {},
  models: GatewayConfig['models'] = {},
  plugins: PluginInstance[] = [],
): Promise<Setting> {
  const upstream = await mockUpstream()
  let last: Exchange | undefined
  const witness = definePlugin({
    name: 'test-witness',
    version: '1.0.0',
    api: 1,
    setup: ({ hooks }) => hooks.onComplete.tap('end', (exchange) => void (last = exchange)),
  })
  const apiKey = 'sk-0123456789'
  const baseUrl = `${upstream.url}/v1`
  const configFor = (named: GatewayConfig['models']): GatewayConfig => ({
    models: named ?? {},
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      cohereDialect(),
      geminiDialect(),
      openai({ apiKey, baseUrl }),
      anthropic({ apiKey, baseUrl: upstream.url }),
      cohere({ apiKey, baseUrl: upstream.url }),
      compatible({ vendor: 'openrouter', apiKey, baseUrl }),
      compatible({ vendor: 'vllm', baseUrl }),
      echo(),
      prices(options),
      witness(),
      ...plugins,
    ],
  })
  const gateway = await createTestGateway(configFor(models))
  const close = async (): Promise<void> => {
    await gateway.close()
    await upstream.close()
  }
  return {
    gateway,
    upstream,
    cost: () => last && costOf(last),
    exchange: () => last!,
    reload: (named) => gateway.gateway.reload(configFor(named)),
    close,
    [Symbol.asyncDispose]: close,
  }
}
