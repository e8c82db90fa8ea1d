/** A gateway that may fetch from the loopback, before a Bedrock and an OpenAI that are one upstream. */
import { definePlugin } from '@sluice/core'
import type { JsonObject, SetupContext } from '@sluice/core'
import { createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply } from '@sluice/core/testing'
import { bedrockDialect } from '@sluice/dialect-bedrock'
import { openaiDialect } from '@sluice/dialect-openai'
import { bedrock } from '@sluice/provider-bedrock'
import { compatible } from '@sluice/provider-compatible'
import { fetchMedia } from '../src/index.ts'
import { setUp } from '../src/set-up.ts'
import type { MediaOptions } from '../src/set-up.ts'

const loopback = definePlugin({
  ...fetchMedia.definition,
  setup: (context) => setUp(context as unknown as SetupContext<MediaOptions, Record<never, never>>, isLoopback),
})

function isLoopback(address: string): boolean {
  return address === '127.0.0.1' || address === '::1'
}

const ANSWER = json({
  output: { message: { role: 'assistant', content: [{ text: 'Seen.' }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
})

export interface Stage {
  gateway: TestGateway
  upstream: MockUpstream
  /** Where the media are. */
  server: MockUpstream
  ask(content: JsonObject[], model?: string): Promise<TestReply>
  [Symbol.asyncDispose](): Promise<void>
}

/** @param guard `public` for the guard that the published plugin has */
export async function openStage(
  options: Partial<MediaOptions> = {},
  guard: 'loopback' | 'public' = 'loopback',
): Promise<Stage> {
  const upstream = await mockUpstream()
  const server = await mockUpstream()
  upstream.reply(ANSWER)
  const plugin = guard === 'public' ? fetchMedia : loopback
  const gateway = await createTestGateway({
    models: {
      fast: 'bedrock/anthropic.claude-3-haiku-20240307-v1:0',
      either: { targets: ['vllm/seer', 'bedrock/a.b-v1:0'] },
    },
    plugins: [
      openaiDialect(),
      bedrockDialect(),
      bedrock({ region: 'eu-central-1', apiKey: 'key-0123456789', baseUrl: upstream.url }),
      compatible({ vendor: 'vllm', baseUrl: upstream.url }),
      plugin({ hosts: [new URL(server.url).host, `localhost:${new URL(server.url).port}`], ...options }),
    ],
  })
  return {
    gateway,
    upstream,
    server,
    ask: (content, model = 'fast') =>
      gateway.request('/v1/chat/completions', { body: { model, messages: [{ role: 'user', content }] } }),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all([upstream.close(), server.close()])
    },
  }
}
