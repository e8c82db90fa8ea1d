import { body, json, recordedCases, replayCase } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { openStageWithAnthropic } from './peers.ts'
import { MESSAGES, sendWithSdk, signing } from './sdk.ts'
import { CLAUDE, KEYS, openStage } from './stage.ts'

const claude = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }

async function invoke(url: string, modelId: string, sent: object | string, options: object = {}): Promise<string> {
  const bytes = typeof sent === 'string' ? sent : JSON.stringify(sent)
  const input = { modelId, body: bytes, contentType: 'application/json', ...options }
  const [reply] = (await sendWithSdk(url, 'InvokeModel', input)) as { body: Uint8Array }[]
  return Buffer.from(reply!.body).toString()
}

describe('InvokeModel', () => {
  test('passes as it is, signed anew, to the model that the target names', async () => {
    await using stage = await openStage()
    const { upstream, gateway } = stage
    const answer = '{"type" : "message", "content":[]}'
    upstream.reply(body(answer, 'application/json'))
    const sent = ` ${JSON.stringify(claude)} `
    const guardrail = { guardrailIdentifier: 'g1', guardrailVersion: '2', accept: '*/*' }
    expect(await invoke(gateway.url, 'fast', sent, guardrail)).toBe(answer)
    const request = await upstream.request()
    expect([request.path, request.body.toString()]).toEqual([`/model/${encodeURIComponent(CLAUDE)}/invoke`, sent])
    expect(request.headers).toMatchObject({
      accept: '*/*',
      'content-type': 'application/json',
      'x-amzn-bedrock-guardrailidentifier': 'g1',
    })
    await stage.expectSigned()
  })

  test('tells how many tokens Bedrock counted', async () => {
    await using stage = await openStage()
    stage.upstream.reply(json({}, { headers: { 'x-amzn-bedrock-input-token-count': '7' } }))
    const { headers } = await stage.gateway.request('/model/fast/invoke', { body: claude })
    expect(headers['x-amzn-bedrock-input-token-count']).toBe('7')
  })

  test('of a large body, which comes in many pieces, is signed as a whole', async () => {
    await using stage = await openStage()
    stage.upstream.reply(json({ ok: true }))
    const sent = JSON.stringify({ inputText: 'x'.repeat(3_000_000) })
    await invoke(stage.gateway.url, 'bedrock/amazon.titan-text-express-v1', sent)
    const request = await stage.upstream.request()
    expect([request.path, request.body.length]).toEqual(['/model/amazon.titan-text-express-v1/invoke', sent.length])
    await stage.expectSigned()
  })

  test('of Nova tells what it was worth', async () => {
    await using stage = await openStage()
    const output = { message: { role: 'assistant', content: [{ text: 'Hi' }] } }
    const usage = { inputTokens: 5, outputTokens: 2, totalTokens: 7 }
    stage.upstream.reply(json({ output, stopReason: 'end_turn', usage }))
    await invoke(stage.gateway.url, 'bedrock/amazon.nova-lite-v1:0', { messages: MESSAGES })
    await expect.poll(() => stage.usage()).toMatchObject({ input: { total: 5 }, output: { total: 2 } })
  })

  test('of Claude does so where the gateway knows Anthropic’s words', async () => {
    const usage = { input_tokens: 5, cache_read_input_tokens: 3, output_tokens: 2 }
    const answer = json({ type: 'message', role: 'assistant', content: [], stop_reason: 'end_turn', usage })
    await using stage = await openStageWithAnthropic()
    stage.upstream.reply(answer)
    await invoke(stage.gateway.url, 'fast', claude)
    await expect.poll(() => stage.usage()).toMatchObject({ input: { total: 8, cacheRead: 3 }, output: { total: 2 } })
    await using without = await openStage()
    without.upstream.reply(answer)
    await invoke(without.gateway.url, 'fast', claude)
    await expect.poll(() => without.usage()).toBe('unknown')
  })

  test('of any other model passes without its worth', async () => {
    await using stage = await openStage()
    stage.upstream.reply(json({ generation: 'Hi' }))
    const answer = await invoke(stage.gateway.url, 'bedrock/meta.llama3-8b-instruct-v1:0', { prompt: 'Hi' })
    expect(answer).toBe('{"generation":"Hi"}')
    await expect.poll(() => stage.usage()).toBe('unknown')
  })

  test('that is refused is so in Bedrock’s words, the kind of the refusal included', async () => {
    await using stage = await openStage()
    const headers = { 'x-amzn-errortype': 'ModelErrorException:http://internal.amazon.com/' }
    stage.upstream.reply(json({ message: 'The model failed' }, { status: 424, headers }))
    await expect(invoke(stage.gateway.url, 'fast', claude)).rejects.toMatchObject({
      name: 'ModelErrorException',
      message: 'The model failed',
    })
  })

  test('that is refused for the gateway’s credential tells nothing of it', async () => {
    await using stage = await openStage()
    stage.upstream.reply(json({ message: 'User: arn:aws:iam::123:user/x is not authorized' }, { status: 403 }))
    const reply = await stage.gateway.request(`/model/fast/invoke`, { body: claude })
    expect([reply.status, reply.text.includes('arn:')]).toEqual([502, false])
  })

  test.each(['bedrock/a b', 'nobody/x', 'local/any', 'anthropic/any'])(
    'for %s is the client’s mistake',
    async (model) => {
      await using stage = await openStageWithAnthropic()
      const reply = await stage.gateway.request(`/model/${encodeURIComponent(model)}/invoke`, { body: claude })
      expect([Math.floor(reply.status / 100), stage.upstream.requests.length]).toEqual([4, 0])
    },
  )
})

const streams = recordedCases({ providers: ['bedrock'], endpoints: ['invoke-stream'] })

describe.each(streams.map((recorded) => [recorded.name, recorded] as const))('%s', (name, recorded) => {
  const input = { modelId: 'fast', body: JSON.stringify(recorded.request), contentType: 'application/json' }

  test('comes through byte for byte, and tells what it was worth', async () => {
    await using stage = await openStage()
    const { upstream, gateway } = stage
    upstream.reply(replayCase(recorded, { chunk: 100 }))
    const through = await sendWithSdk(gateway.url, 'InvokeModelWithResponseStream', input)
    const direct = await sendWithSdk(upstream.url, 'InvokeModelWithResponseStream', input, signing(KEYS))
    expect(through).toEqual(direct)
    expect(through.length).toBeGreaterThan(5)
    expect(upstream.requests[0]!.path).toBe(`/model/${encodeURIComponent(CLAUDE)}/invoke-with-response-stream`)
    const [asked, answered] = name.includes('claude') ? [577, 54] : [12, 13]
    await expect.poll(() => stage.usage()).toMatchObject({ input: { total: asked }, output: { total: answered } })
  })

  test('is cut off for the client where it was, and still worth what it told', async () => {
    await using stage = await openStage()
    stage.upstream.reply((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
      response.write(recorded.stream!.subarray(0, 1500), () => response.destroy())
    })
    await expect(sendWithSdk(stage.gateway.url, 'InvokeModelWithResponseStream', input)).rejects.toThrow()
    if (name.includes('claude'))
      await expect.poll(() => stage.usage()).toMatchObject({ input: { total: 577 }, output: { total: 26 } })
    else await expect.poll(() => stage.usage()).toMatchObject({ estimated: true })
  })
})
