import { json } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { Anthropic, openStageWithAnthropic } from './peers.ts'
import { MESSAGES, sendWithSdk } from './sdk.ts'
import { openStage } from './stage.ts'

const input = { converse: { messages: MESSAGES } }

describe('a client of Bedrock', () => {
  test('has its tokens counted there, by the model behind the profile', async () => {
    await using stage = await openStage()
    stage.upstream.reply(json({ inputTokens: 42 }))
    const reply = await sendWithSdk(stage.gateway.url, 'CountTokens', { modelId: 'fast', input })
    expect(reply).toMatchObject([{ inputTokens: 42 }])
    const request = await stage.upstream.request()
    expect([request.path, request.json()]).toEqual([
      '/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/count-tokens',
      { input },
    ])
    await stage.expectSigned()
  })

  test('has them estimated where the target cannot count, and is told so', async () => {
    await using stage = await openStage()
    const [reply] = await sendWithSdk(stage.gateway.url, 'CountTokens', { modelId: 'local/any', input })
    expect((reply as { inputTokens: number }).inputTokens).toBeGreaterThan(10)
    const answer = await stage.gateway.request('/model/local%2Fany/count-tokens', { body: { input } })
    expect(answer.json()).toMatchObject({ estimated: true })
  })

  test('is refused in Bedrock’s words', async () => {
    await using stage = await openStage()
    stage.upstream.reply(json({ message: 'The provided model doesn’t support counting tokens.' }, { status: 400 }))
    const reply = sendWithSdk(stage.gateway.url, 'CountTokens', { modelId: 'fast', input })
    await expect(reply).rejects.toMatchObject({ name: 'ValidationException' })
  })
})

describe('with Anthropic beside it', () => {
  const messages = [{ role: 'user', content: 'Grüße' }]
  const system = 'Be brief.'
  const tools = [{ name: 'f', input_schema: { type: 'object' } }]
  const countWith = (baseURL: string, model: string) =>
    new Anthropic({ baseURL, apiKey: 'client-key', maxRetries: 0 }).messages.countTokens({
      model,
      system,
      messages,
      tools,
    })

  test('a client of Anthropic’s has its tokens counted by Bedrock', async () => {
    await using stage = await openStageWithAnthropic()
    stage.upstream.reply(json({ inputTokens: 42 }))
    expect(await countWith(stage.gateway.url, 'fast')).toEqual({ input_tokens: 42 })
    expect((await stage.upstream.request()).json()).toEqual({
      input: {
        converse: {
          system: [{ text: system }],
          messages: MESSAGES,
          toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }] },
        },
      },
    })
    await stage.expectSigned()
  })

  test('a client of Bedrock’s has its tokens counted by Anthropic', async () => {
    await using stage = await openStageWithAnthropic()
    stage.upstream.reply(json({ input_tokens: 42 }))
    const modelId = 'anthropic/claude-opus-5'
    const body = { input: { converse: { ...input.converse, system: [{ text: system }] } } }
    expect(await sendWithSdk(stage.gateway.url, 'CountTokens', { modelId, ...body })).toMatchObject([
      { inputTokens: 42 },
    ])
    const request = await stage.upstream.request()
    expect([request.path, request.headers['x-api-key'], request.json()]).toEqual([
      '/v1/messages/count_tokens',
      'sk-ant-1',
      { model: 'claude-opus-5', system, messages },
    ])
  })

  test('a body of InvokeModel, which Anthropic cannot count, is refused', async () => {
    await using stage = await openStageWithAnthropic()
    const reply = await stage.gateway.request('/model/anthropic%2Fclaude-opus-5/count-tokens', {
      body: { input: { invokeModel: { body: 'e30=' } } },
    })
    expect([reply.status, stage.upstream.requests.length]).toEqual([400, 0])
  })

  test('a client of Anthropic’s is told of an estimate', async () => {
    await using stage = await openStageWithAnthropic()
    const answer = await countWith(stage.gateway.url, 'local/any')
    expect(answer.estimated).toBe(true)
    expect(answer.input_tokens).toBeGreaterThan(10)
  })
})
