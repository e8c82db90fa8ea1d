/** An upstream fails before it has said anything: an application that uses an official SDK does not notice. */
import Anthropic from '@anthropic-ai/sdk'
import {
  createTestGateway,
  errorInStream,
  json,
  mockUpstream,
  rateLimited,
  refusedUrl,
  resetBeforeHeaders,
  sse,
  stallBeforeHeaders,
} from '@sluice/core/testing'
import type { MockUpstream, TestGateway, UpstreamReply } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { accessLog } from '@sluice/log-access'
import { anthropic } from '@sluice/provider-anthropic'
import { openai } from '@sluice/provider-openai'
import { balance } from '@sluice/route-balance'
import { resilience } from '@sluice/route-resilience'
import { memoryStore } from '@sluice/store-memory'
import { ledger } from '@sluice/usage-ledger'
import { prices } from '@sluice/usage-prices'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { doorman } from '../support/doorman.ts'

const apiKey = 'sk-of-the-gateway'
const USED = { input: 20, output: 5 }
/** Dollars a million tokens, of the target that serves. */
const PRICE = { input: 3, output: 15 }
const COST = USED.input * PRICE.input * 1000 + USED.output * PRICE.output * 1000

const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
const usage = { input_tokens: USED.input, output_tokens: USED.output }
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', stop_sequence: null }
/** The one that stands in is of another dialect. */
const claude: UpstreamReply = (request, response) => {
  if (!request.json()['stream'])
    return json({ ...message, content: [{ type: 'text', text: 'Rome' }], stop_reason: 'end_turn', usage })(
      request,
      response,
    )
  const start = { message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } } }
  return sse(
    event('message_start', start) +
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Rome' } }) +
      event('content_block_stop', { index: 0 }) +
      event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage }) +
      event('message_stop', {}),
  )(request, response)
}

const refused = { error: { message: 'No.', type: 'server_error' } }
/** How the first one fails, and the status under which that is known. */
const FAULTS: [string, UpstreamReply | 'refused', number][] = [
  ['a refused connection', 'refused', 0],
  ['a reset', resetBeforeHeaders(), 0],
  ['429', rateLimited(30), 429],
  ['500', json(refused, { status: 500 }), 500],
  ['529', json(refused, { status: 529 }), 529],
  ['a stall', stallBeforeHeaders(), 0],
  [
    'an error inside a 200',
    (request, response) =>
      request.json()['stream']
        ? errorInStream({ error: { message: 'Overloaded', type: 'server_error' } })(request, response)
        : json(refused)(request, response),
    502, // what it says, not what it came with
  ],
]

interface Setting extends AsyncDisposable {
  gateway: TestGateway
  first: MockUpstream
  openai: OpenAI
  anthropic: Anthropic
}

async function setUp(fault: UpstreamReply | 'refused'): Promise<Setting> {
  const [first, second] = await Promise.all([mockUpstream(), mockUpstream()])
  if (fault !== 'refused') first.reply(fault)
  second.reply(claude)
  const target = {
    target: 'anthropic/claude-sonnet-4-5',
    about: { inputPrice: PRICE.input, outputPrice: PRICE.output },
  }
  const gateway = await createTestGateway({
    models: {
      assistant: {
        targets: ['openai/gpt-5.1', target],
        resilience: { timeouts: { firstByte: '300ms', total: '300ms' } },
      },
    },
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      openai({ apiKey, baseUrl: fault === 'refused' ? await refusedUrl() : first.url }),
      anthropic({ apiKey, baseUrl: second.url }),
      doorman(),
      memoryStore(),
      balance(),
      resilience(),
      prices(),
      ledger({ interval: '5ms' }),
      accessLog(),
    ],
  })
  return {
    gateway,
    first,
    openai: new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 }),
    anthropic: new Anthropic({ apiKey, baseURL: gateway.url, maxRetries: 0 }),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await Promise.all([first.close(), second.close()])
    },
  }
}

/** The reply's headers tell who served, the log tells of both calls, and the ledger books the one that counts. */
async function expectBooked({ gateway }: Setting, headers: Headers, status: number): Promise<void> {
  expect(headers.get('x-sluice-model')).toBe('anthropic/claude-sonnet-4-5')
  expect(headers.get('x-sluice-attempts')).toBe('2')
  const id = headers.get('x-request-id')
  const line = () => gateway.log.find(({ exchange, tries }) => exchange === id && tries !== undefined)
  await expect.poll(line).toBeDefined()
  expect(line()).toMatchObject({
    outcome: 'ok',
    attempts: 2,
    tries: [
      { target: 'openai/gpt-5.1', status, error: expect.any(String) },
      { target: 'anthropic/claude-sonnet-4-5', status: 200 },
    ],
    inputTokens: USED.input,
    outputTokens: USED.output,
    costUsd: COST / 1e9,
  })
  const { data } = (await gateway.request('/admin/v1/usage/rows')).json() as { data: object[] }
  expect(data).toEqual([
    expect.objectContaining({
      id,
      target: 'anthropic/claude-sonnet-4-5',
      attempts: 2,
      inputTokens: USED.input,
      outputTokens: USED.output,
      costNanoUsd: COST,
    }),
  ])
}

describe.each(FAULTS)('after %s of an OpenAI upstream', (_, fault, status) => {
  test('an OpenAI client gets the answer of an Anthropic one, whole', async () => {
    await using setting = await setUp(fault)
    const { data, response } = await setting.openai.chat.completions
      .create({ model: 'assistant', messages: [{ role: 'user', content: 'Where?' }] })
      .withResponse()
    expect(data.choices[0]?.message.content).toBe('Rome')
    expect(data.usage).toMatchObject({ prompt_tokens: USED.input, completion_tokens: USED.output })
    await expectBooked(setting, response.headers, status)
  })

  test('an OpenAI client gets the answer of an Anthropic one, as a stream', async () => {
    await using setting = await setUp(fault)
    const { data, response } = await setting.openai.chat.completions
      .create({ model: 'assistant', stream: true, messages: [{ role: 'user', content: 'Where?' }] })
      .withResponse()
    let text = ''
    for await (const chunk of data) text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe('Rome')
    await expectBooked(setting, response.headers, status)
  })

  test("an Anthropic client gets its own upstream's answer, as a stream", async () => {
    await using setting = await setUp(fault)
    const request = { model: 'assistant', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Where?' }] }
    const { data, response } = await setting.anthropic.messages.create({ ...request, stream: true }).withResponse()
    let text = ''
    for await (const part of data)
      if (part.type === 'content_block_delta' && part.delta.type === 'text_delta') text += part.delta.text
    expect(text).toBe('Rome')
    await expectBooked(setting, response.headers, status)
  })
})
