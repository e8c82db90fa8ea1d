/** A chain of three models, each answering as it once did: the last one streamed, the costs summed, a failure handled. */
import { createTestGateway, mockUpstream, recordedCases, replayCase } from '@sluice/core/testing'
import type { RecordedCase } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { compatible } from '@sluice/provider-compatible'
import { openai } from '@sluice/provider-openai'
import { chains } from '@sluice/route-chain'
import { memoryStore } from '@sluice/store-memory'
import { ledger } from '@sluice/usage-ledger'
import { prices } from '@sluice/usage-prices'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { doorman } from '../support/doorman.ts'

const recorded = new Map(recordedCases({ providers: ['anthropic', 'openai'] }).map((each) => [each.name, each]))
const SENTIMENT = 'anthropic/text--claude-3-haiku-20240307'
const TOPIC = 'openai/chat-text--gpt-5-nano'
const REFUSED = 'openai/chat-error-400--gpt-5-nano'
const ANSWER = 'openai/chat-stream-text--gpt-4o-mini'

const apiKey = 'sk-of-the-gateway'
/** Dollars a million tokens of every model, in and out. */
const PRICE = { inputPrice: 1, outputPrice: 4 }

async function setUp(topic: string) {
  const upstreams = await Promise.all([mockUpstream(), mockUpstream(), mockUpstream()])
  const [haiku, nano, mini] = upstreams
  haiku.reply(replayCase(recorded.get(SENTIMENT) as RecordedCase))
  nano.reply(replayCase(recorded.get(topic) as RecordedCase))
  mini.reply(replayCase(recorded.get(ANSWER) as RecordedCase))
  const priced = (target: string) => ({ targets: [{ target, about: PRICE }] })
  const gateway = await createTestGateway({
    models: { haiku: priced('anthropic/haiku'), nano: priced('openai/nano'), mini: priced('mini/mini') },
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      anthropic({ apiKey, baseUrl: haiku.url }),
      openai({ apiKey, baseUrl: nano.url }),
      compatible({ vendor: 'custom', baseUrl: mini.url }, { id: 'mini' }),
      doorman(),
      memoryStore(),
      prices(),
      ledger({ interval: '5ms' }),
      chains({
        chains: {
          support: {
            steps: {
              sentiment: { model: 'haiku', prompt: 'The mood of: {{input}}', maxTokens: 100 },
              topic: {
                model: 'nano',
                prompt: 'The topic of: {{input}}',
                onError: { text: 'anything' },
              },
              answer: {
                model: 'mini',
                prompt: 'Mood: {{steps.sentiment.text}} Topic: {{steps.topic.text}} Answer: {{input}}',
              },
            },
            output: 'answer',
          },
        },
      }),
    ],
  })
  return {
    gateway,
    mini,
    client: new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 }),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all(upstreams.map((upstream) => upstream.close()))
    },
  }
}

type Row = {
  model: string
  parent?: string
  costNanoUsd: number
  inputTokens?: number
  outputTokens?: number
  reasoningTokens?: number
}

describe.skipIf(recorded.size === 0).each([
  ['when all go well', TOPIC, undefined],
  ['when the middle one is refused', REFUSED, 'anything'],
])('three steps, %s', (_, topic, standIn) => {
  test('stream the last answer, and cost what the steps cost', async () => {
    await using setting = await setUp(topic)
    const stream = await setting.client.chat.completions.create(
      {
        model: 'support',
        stream: true,
        stream_options: { include_usage: true },
        messages: [{ role: 'user', content: 'Where is my parcel?' }],
      },
      { headers: { 'x-sluice-include-cost': 'true' } },
    )
    let text = ''
    let usage: { cost?: number } = {}
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      usage = (chunk.usage as typeof usage | undefined) ?? usage
    }
    const words = [
      ...recorded
        .get(ANSWER)!
        .stream!.toString()
        .matchAll(/"content":"((?:[^"\\]|\\.)*)"/g),
    ]
    expect(text).toBe(words.map(([, word]) => JSON.parse(`"${word}"`) as string).join(''))

    const asked = JSON.stringify((await setting.mini.request()).json()['messages'])
    expect(asked).toContain('Answer: Where is my parcel?')
    if (standIn !== undefined) expect(asked).toContain(`Topic: ${standIn}`)

    const { data } = (await setting.gateway.request('/admin/v1/usage/rows')).json() as { data: Row[] }
    const steps = data.filter(({ parent }) => parent !== undefined)
    expect(steps.map(({ model }) => model).toSorted()).toEqual(['haiku', 'mini', 'nano'])
    expect(data.find(({ parent }) => parent === undefined)).toMatchObject({ model: 'support', costNanoUsd: 0 })
    const costOf = ({ inputTokens = 0, outputTokens = 0, reasoningTokens = 0 }: Row): number =>
      inputTokens * 1000 + (outputTokens + reasoningTokens) * 4000
    for (const row of steps) expect(row.costNanoUsd).toBe(costOf(row))
    expect(steps.filter(({ costNanoUsd }) => costNanoUsd > 0)).toHaveLength(standIn === undefined ? 3 : 2)
    expect(usage.cost).toBeCloseTo(steps.reduce((sum, row) => sum + row.costNanoUsd, 0) / 1e9, 12)
  })
})
