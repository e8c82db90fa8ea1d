/** OpenAI tells the usage of a stream only if asked: whoever counts tokens has the gateway ask, unseen by the client. */
import { createTestGateway, mockUpstream, sse } from '@sluice/core/testing'
import type { MockUpstream, TestGateway } from '@sluice/core/testing'
import { definePlugin } from '@sluice/core'
import type { Exchange } from '@sluice/core'
import { openaiDialect } from '@sluice/dialect-openai'
import { compatible } from '@sluice/provider-compatible'
import { openai } from '@sluice/provider-openai'
import { describe, expect, test } from 'vitest'

const chunk = (fields: object): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-5.1', ...fields })}\n\n`
const TEXT = chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello' }, finish_reason: null }] })
const STOP = chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
const USAGE = chunk({ choices: [], usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } })
const DONE = 'data: [DONE]\n\n'

const ends: Exchange[] = []
const counting = definePlugin({
  name: 'usage-counting',
  version: '1.0.0',
  api: 1,
  countsUsage: true,
  setup({ hooks }) {
    hooks.onComplete.tap('count', (exchange) => void ends.push(exchange))
  },
})

async function setUp(): Promise<AsyncDisposable & { upstream: MockUpstream; gateway: TestGateway }> {
  ends.length = 0
  const upstream = await mockUpstream()
  upstream.reply(async (request, response) => {
    const asked = request.json()['stream_options'] as { include_usage?: boolean } | undefined
    await sse(TEXT + STOP + (asked?.include_usage ? USAGE : '') + DONE)(request, response)
  })
  const apiKey = 'sk-upstream-credential'
  const gateway = await createTestGateway({
    plugins: [
      openaiDialect(),
      openai({ apiKey, baseUrl: upstream.url }),
      compatible({ vendor: 'custom', apiKey, baseUrl: upstream.url, quirks: { unsupported: ['stream_options'] } }),
      counting(),
    ],
  })
  const close = async (): Promise<void> => {
    await gateway.close()
    await upstream.close()
  }
  return { upstream, gateway, [Symbol.asyncDispose]: close }
}

const ask = (fields: object, model = 'openai/gpt-5.1') =>
  JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }], stream: true, ...fields })

describe('usage of a stream', () => {
  test.each([
    ['a client that says nothing of it', {}],
    ['a client that does not want it', { stream_options: { include_usage: false } }],
    ['a client with other options', { stream_options: { include_obfuscation: false } }],
  ])('%s gets none, and the gateway knows it exactly', async (_, fields) => {
    await using setting = await setUp()
    const body = ask(fields, 'openai/gpt-5.1')
    const reply = await setting.gateway.request('/v1/chat/completions', { body })
    expect(reply.text).toBe(TEXT + STOP + DONE)
    const sent = (await setting.upstream.request()).json()
    const { stream_options, ...rest } = sent
    expect(stream_options).toEqual({ ...(fields as { stream_options?: object }).stream_options, include_usage: true })
    expect(rest).toEqual({ ...JSON.parse(body), model: 'gpt-5.1', stream_options: undefined })
    expect(ends[0]!.usage).toMatchObject({ input: { total: 11 }, output: { total: 7 } })
    expect(ends[0]!.usage!.estimated).toBeUndefined()
  })

  test('a client that asks gets it, with nothing changed', async () => {
    await using setting = await setUp()
    const reply = await setting.gateway.request('/v1/chat/completions', {
      body: ask({ stream_options: { include_usage: true } }),
    })
    expect(reply.text).toBe(TEXT + STOP + USAGE + DONE)
    expect(ends[0]!.usage).toMatchObject({ input: { total: 11 }, output: { total: 7 } })
  })

  test('an upstream that cannot be asked is not, and nothing is said to be dropped', async () => {
    await using setting = await setUp()
    const reply = await setting.gateway.request('/v1/chat/completions', { body: ask({}, 'custom/m') })
    expect(reply.text).toBe(TEXT + STOP + DONE)
    expect((await setting.upstream.request()).json()).not.toHaveProperty('stream_options')
    expect(reply.headers['x-sluice-dropped-params']).toBeUndefined()
    expect(ends[0]!.usage).toMatchObject({ estimated: true })
  })
})
