import type { CanonicalRequest, ChatResponse, Dialect, Part, StreamPart } from '@sluice/core'
import { definePlugin } from '@sluice/core'
import { createTestGateway, testPlugin } from '@sluice/core/testing'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { bedrock, bedrockDialect } from '../src/index.ts'
import { decodeStream } from './support.ts'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  name: string
  version: string
}

testPlugin({ test, plugin: bedrockDialect() })

test('the plugin adds the dialect, under the name and version of its package', () => {
  const { definition } = bedrockDialect()
  const added: Dialect[] = []
  const hooks = { onResponse: { tap: () => {} } }
  void definition.setup({ addDialect: (dialect: Dialect) => added.push(dialect), hooks } as never)
  expect(added).toEqual([bedrock])
  expect([`@sluice/${definition.name}`, definition.version]).toEqual([manifest.name, manifest.version])
})

test('requests that hit no endpoint are AWS’s if they are numbered or dated as its SDKs do', () => {
  expect(
    [{ 'amz-sdk-invocation-id': 'x' }, { 'x-amz-date': 'x' }, {}].map((headers) => bedrock.recognises!(headers)),
  ).toEqual([true, true, false])
})

const answer: ChatResponse = {
  operation: 'chat',
  choices: [
    {
      index: 0,
      parts: [
        { type: 'text', text: 'Grüße' },
        { type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{"city":"Köln"}' },
      ],
      finish: { unified: 'tool-calls' },
    },
  ],
  usage: { input: { total: 20, cacheRead: 5, cacheWrite: 0 }, output: { total: 10, reasoning: 0 } },
  extensions: {},
}
const parts: StreamPart[] = [
  { type: 'start' },
  { type: 'reasoning-delta', block: 0, text: 'Hm' },
  { type: 'reasoning-signature', block: 0, signature: 's', origin: 'anthropic' },
  { type: 'text-delta', block: 1, text: 'Grüße, ' },
  { type: 'text-delta', block: 1, text: '世界' },
  { type: 'tool-call-start', block: 2, id: 'call_1', name: 'weather' },
  { type: 'tool-call-delta', block: 2, arguments: '{"city":"Köln"}' },
  { type: 'finish', finish: { unified: 'tool-calls' } },
  { type: 'usage', usage: answer.usage! },
]

/** A provider of another dialect: says `answer` or `parts`, or breaks off. */
const other = definePlugin({
  name: 'provider-other',
  version: '0.1.0',
  api: 1,
  setup({ addProvider }) {
    addProvider({ kind: 'local', answer: ({ stream, model }) => (stream ? said(model) : answer) })
  },
})

async function* said(model: string): AsyncGenerator<StreamPart> {
  for (const part of parts) {
    if (model === 'broken' && part.type === 'tool-call-start') throw new Error('broke')
    yield part
    await Promise.resolve()
  }
}

const boot = () => createTestGateway({ plugins: [bedrockDialect(), other({}, { id: 'other' })] })
const body = { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }

describe('in a gateway', () => {
  test.each(['other/a:b', 'other%2Fa%3Ab', 'other%2Fa:b'])('the model in the path may be written %s', async (model) => {
    await using gateway = await boot()
    const reply = await gateway.request(`/model/${model}/converse`, { body })
    expect([reply.status, reply.headers['x-sluice-model']]).toEqual([200, 'other/a:b'])
    expect(reply.json()).toMatchObject({ stopReason: 'tool_use', usage: { inputTokens: 15, cacheReadInputTokens: 5 } })
  })

  test('a stream is one of AWS’s', async () => {
    await using gateway = await boot()
    const reply = await fetch(`${gateway.url}/model/other%2Fa/converse-stream`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    expect(reply.headers.get('content-type')).toBe('application/vnd.amazon.eventstream')
    const decoded = decodeStream(Buffer.from(await reply.arrayBuffer()))
    expect(decoded.whole).toBe(true)
    expect(decoded.parts.filter((part) => 'block' in part)).toEqual(parts.filter((part) => 'block' in part))
  })

  test('what is wrong is said in Bedrock’s form', async () => {
    await using gateway = await boot()
    const unknown = await gateway.request('/model/nope/converse', { body })
    expect([unknown.status, unknown.json().__type]).toEqual([404, 'ResourceNotFoundException'])
    const wrong = await gateway.request('/model/other%2Fa/converse', { body: { messages: [{ role: 'x' }] } })
    expect([wrong.status, wrong.json().__type]).toEqual([400, 'ValidationException'])
    const lost = await gateway.request('/model/x/invoke', { body, headers: { 'x-amz-date': 'x' } })
    expect([lost.status, lost.json().__type]).toEqual([404, 'ResourceNotFoundException'])
  })
})

/** As much of AWS's SDK as is used here. */
interface Sdk {
  BedrockRuntimeClient: new (options: object) => { send(command: object): Promise<never>; destroy(): void }
  ConverseCommand: new (input: object) => object
  ConverseStreamCommand: new (input: object) => object
}

describe('with AWS’s own SDK', () => {
  const installed = createRequire(new URL('../../../test/package.json', import.meta.url))
  const sdk = installed('@aws-sdk/client-bedrock-runtime') as Sdk
  const { NodeHttpHandler } = createRequire(installed.resolve('@aws-sdk/client-bedrock-runtime'))(
    '@smithy/node-http-handler',
  ) as { NodeHttpHandler: new () => object }
  const input = (model: string) => ({ modelId: model, messages: [{ role: 'user', content: [{ text: 'Hi' }] }] })
  const connect = (endpoint: string) =>
    new sdk.BedrockRuntimeClient({
      endpoint,
      region: 'eu-central-1',
      token: { token: 'gateway-key' },
      authSchemePreference: ['httpBearerAuth'],
      maxAttempts: 1,
      // Its own choice for Bedrock is HTTP/2.
      requestHandler: new NodeHttpHandler(),
    })

  test('an answer is read as it was meant', async () => {
    await using gateway = await boot()
    const client = connect(gateway.url)
    expect(await client.send(new sdk.ConverseCommand(input('other/a:b')))).toMatchObject({
      $metadata: { requestId: expect.stringMatching(/^[\da-f-]{36}$/) as unknown },
      output: {
        message: {
          role: 'assistant',
          content: [{ text: 'Grüße' }, { toolUse: { toolUseId: 'call_1', name: 'weather', input: { city: 'Köln' } } }],
        },
      },
      stopReason: 'tool_use',
      usage: { inputTokens: 15, outputTokens: 10, totalTokens: 30, cacheReadInputTokens: 5 },
    })
    client.destroy()
  })

  test('proofs of other providers come back as they were, through fields that it decodes', async () => {
    const proven: Part[] = [
      { type: 'reasoning', text: 'Hm', signature: 'no base64!', origin: 'openai-chat' },
      { type: 'reasoning', text: '', redacted: 'rs_1:gA-_', origin: 'openai-responses' },
      { type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{}', signature: 'c2ln', origin: 'gemini' },
    ]
    const choices = [{ index: 0, parts: proven, finish: { unified: 'tool-calls' as const } }]
    const asked: CanonicalRequest[] = []
    const proving = definePlugin({
      name: 'provider-proving',
      version: '0.1.0',
      api: 1,
      setup({ addProvider }) {
        addProvider({ kind: 'local', answer: (request) => (asked.push(request), { ...answer, choices }) })
      },
    })
    await using gateway = await createTestGateway({ plugins: [bedrockDialect(), proving({}, { id: 'it' })] })
    const client = connect(gateway.url)
    const first = input('it/a')
    const reply = (await client.send(new sdk.ConverseCommand(first))) as { output: { message: object } }
    const results = [{ toolResult: { toolUseId: 'call_1', content: [{ text: 'sun' }] } }]
    const messages = [...first.messages, reply.output.message, { role: 'user', content: results }]
    await client.send(new sdk.ConverseCommand({ ...first, messages }))
    client.destroy()
    expect(asked[1]).toMatchObject({ messages: [{}, { parts: proven }, {}] })
  })

  const streamFrom = async (endpoint: string, model: string, into: object[]): Promise<void> => {
    const client = connect(endpoint)
    try {
      const { stream } = (await client.send(new sdk.ConverseStreamCommand(input(model)))) as {
        stream: AsyncIterable<object>
      }
      for await (const event of stream) into.push(event)
    } finally {
      client.destroy()
    }
  }

  test('a stream is read as it was meant', async () => {
    await using gateway = await boot()
    const events: object[] = []
    await streamFrom(gateway.url, 'other/a', events)
    expect(events).toEqual([
      { messageStart: { role: 'assistant' } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { text: 'Hm' } } } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { signature: 's' } } } },
      { contentBlockStop: { contentBlockIndex: 0 } },
      { contentBlockDelta: { contentBlockIndex: 1, delta: { text: 'Grüße, ' } } },
      { contentBlockDelta: { contentBlockIndex: 1, delta: { text: '世界' } } },
      { contentBlockStop: { contentBlockIndex: 1 } },
      { contentBlockStart: { contentBlockIndex: 2, start: { toolUse: { toolUseId: 'call_1', name: 'weather' } } } },
      { contentBlockDelta: { contentBlockIndex: 2, delta: { toolUse: { input: '{"city":"Köln"}' } } } },
      { contentBlockStop: { contentBlockIndex: 2 } },
      { messageStop: { stopReason: 'tool_use' } },
      {
        metadata: expect.objectContaining({
          usage: expect.objectContaining({ inputTokens: 15 }) as unknown,
        }) as unknown,
      },
    ])
  })

  test('an error raises the exception that it is, before a stream and within one', async () => {
    await using gateway = await boot()
    await expect(streamFrom(gateway.url, 'nope', [])).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404, requestId: expect.any(String) as unknown },
    })
    const events: object[] = []
    await expect(streamFrom(gateway.url, 'other/broken', events)).rejects.toMatchObject({
      name: 'InternalServerException',
    })
    expect(events.length).toBeGreaterThan(3)
  })
})
