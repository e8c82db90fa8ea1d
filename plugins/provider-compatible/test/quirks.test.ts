import type { JsonObject } from '@sluice/core'
import { createTestGateway, json, mockUpstream, recordedCases } from '@sluice/core/testing'
import type { TestReply, UpstreamRequest } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { adapter } from '@sluice/provider-kit'
import { describe, expect, test } from 'vitest'
import { compatible, VENDORS } from '../src/index.ts'
import type { Vendor, VendorName } from '../src/index.ts'

const table: { readonly [name: string]: Vendor } = VENDORS
const says = (role: string, content: string): JsonObject => ({ role, content })
const odd = {
  messages: [says('developer', 'Be brief.'), says('user', 'Hello')],
  max_completion_tokens: 50,
  seed: 7,
  logprobs: true,
  user: 'ada',
}

/** Sends `body` through a gateway to a provider of `vendor`. */
async function send(
  options: Omit<Parameters<typeof compatible>[0], 'apiKey' | 'baseUrl'>,
  body: JsonObject,
  apiKey?: string,
): Promise<{ reply: TestReply; request: UpstreamRequest }> {
  await using upstream = await mockUpstream()
  upstream.reply(json({ object: 'chat.completion', choices: [] }))
  const plugin = compatible(
    { ...options, baseUrl: upstream.url, ...(apiKey !== undefined && { apiKey }) },
    { id: 'it' },
  )
  await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
  const headers = { authorization: 'Bearer sk-of-the-client' }
  const reply = await gateway.request('/v1/chat/completions', { headers, body: { model: 'it/some-model', ...body } })
  return { reply, request: await upstream.request() }
}

describe('a request is changed to what its vendor takes', () => {
  const plain = [says('system', 'Be brief.'), says('user', 'Hello')]
  const cases: { vendor: VendorName; sent: JsonObject; dropped?: string }[] = [
    {
      vendor: 'mistral',
      sent: { model: 'some-model', messages: plain, max_tokens: 50, random_seed: 7 },
      dropped: 'logprobs, user',
    },
    {
      vendor: 'groq',
      sent: { model: 'some-model', messages: plain, max_completion_tokens: 50, seed: 7, user: 'ada' },
      dropped: 'logprobs',
    },
    {
      vendor: 'deepseek',
      sent: { model: 'some-model', messages: plain, max_tokens: 50, seed: 7, logprobs: true, user: 'ada' },
    },
    { vendor: 'openrouter', sent: { model: 'some-model', ...odd } },
  ]
  test.each(cases)('$vendor', async ({ vendor, sent, dropped }) => {
    const { reply, request } = await send({ vendor }, odd, 'sk-test-0123456789')
    expect(reply.status).toBe(200)
    expect(request.json()).toEqual(sent)
    expect(reply.headers['x-sluice-dropped-params']).toBe(dropped)
  })
})

describe('earlier thoughts of the assistant', () => {
  const messages = [
    says('user', 'Hello'),
    { ...says('assistant', 'Hi'), reasoning: 'r', reasoning_content: 'r', reasoning_details: null },
    says('user', 'Again'),
  ]
  test.each<{ vendor: VendorName; sent: JsonObject; dropped?: string }>([
    { vendor: 'deepseek', sent: messages[1]! },
    { vendor: 'openrouter', sent: messages[1]! },
    { vendor: 'groq', sent: { ...says('assistant', 'Hi'), reasoning: 'r' }, dropped: 'messages.reasoning_content' },
    {
      vendor: 'mistral',
      sent: says('assistant', 'Hi'),
      dropped: 'messages.reasoning, messages.reasoning_content',
    },
  ])('$vendor', async ({ vendor, sent, dropped }) => {
    const { reply, request } = await send({ vendor }, { messages }, 'sk-test-0123456789')
    expect(request.json().messages).toEqual([messages[0], sent, messages[2]])
    expect(reply.headers['x-sluice-dropped-params']).toBe(dropped)
  })
})

test('quirks of the options come beside those of the vendor', async () => {
  const quirks = { rename: { seed: 'dice' }, roles: { user: 'human' }, unsupported: ['user'] }
  const { reply, request } = await send({ vendor: 'ollama', quirks }, odd)
  expect(request.json()).toEqual({
    model: 'some-model',
    messages: [says('system', 'Be brief.'), says('human', 'Hello')],
    max_tokens: 50,
    dice: 7,
    logprobs: true,
  })
  expect(reply.headers['x-sluice-dropped-params']).toBe('user')
})

test('without a key no credential is sent, and least of all the client’s', async () => {
  const { request } = await send({ vendor: 'vllm' }, odd)
  expect(request.headers).not.toHaveProperty('authorization')
})

describe.skipIf(recordedCases().length === 0)('recorded traffic', () => {
  const cases = recordedCases({ providers: Object.keys(table), endpoints: ['chat.completions'] }).map((recorded) => {
    const { baseUrl, quirks = {} } = table[recorded.meta.provider]!
    return { recorded, quirks, baseUrl, name: recorded.name }
  })

  test.each(cases.filter(({ recorded }) => recorded.status === 200))(
    '$name: what the vendor took is sent as it is',
    ({ recorded, quirks }) => {
      const dropped: string[] = []
      const body = recorded.request!
      expect(adapter(quirks)(body, (param) => dropped.push(param))).toBe(body)
      expect(dropped).toEqual([])
    },
  )

  test.each([...Map.groupBy(cases, ({ recorded }) => recorded.meta.provider)])(
    '%s: was reached at this address',
    (_, group) => {
      const expected = new URL(`${group[0]!.baseUrl}/chat/completions`)
      const reached = group.map(({ recorded }) => new URL(recorded.meta.url, expected).href)
      expect(reached).toContain(expected.href)
    },
  )
})
