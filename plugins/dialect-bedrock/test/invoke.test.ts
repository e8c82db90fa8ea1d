import type { RawRequest, StreamPart } from '@sluice/core'
import { recordedCases } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { bedrock } from '../src/index.ts'
import { chat, decodeStream, eventsOf, wire } from './support.ts'

describe('a request of InvokeModel', () => {
  const codec = bedrock.raw!.passthrough!
  const claude = Buffer.from('{"anthropic_version":"bedrock-2023-05-31","messages":[]}')
  const nova = Buffer.from('{"schemaVersion":"messages-v1","messages":[]}')
  const at = (action: string, model = 'fast'): RawRequest => ({
    path: `/model/${model}/${action}`,
    params: { model },
    method: 'POST',
    search: '?x=1',
    headers: {},
  })

  test('is taken as a whole, as it has to be signed', () => {
    expect(codec.locate(at('invoke'), claude, false)).toBeUndefined()
    expect(codec.locate(at('invoke'), Buffer.alloc(0), true)).toBeDefined()
  })

  test.each([
    ['invoke', nova, { model: 'fast', path: '/model/{model}/invoke', reads: 'chat' }],
    ['invoke', claude, { model: 'fast', path: '/model/{model}/invoke', reads: 'chat', dialect: 'anthropic' }],
    ['INVOKE/', nova, { model: 'fast', path: '/model/{model}/invoke', reads: 'chat' }],
    [
      'invoke-with-response-stream',
      claude,
      { model: 'fast', path: '/model/{model}/invoke-with-response-stream', reads: 'chat' },
    ],
  ])('goes to the model that is chosen for it: %s', (action, body, route) => {
    expect(codec.locate(at(action), body, true)).toEqual(route)
  })

  test('without a model is refused', () => {
    expect(() => codec.locate(at('invoke', ''), claude, true)).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    )
  })
})

describe('a stream of InvokeModel, whose chunks hold the events of the model’s vendor,', () => {
  const chunk = (event: unknown) =>
    ['chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abc' }] as const
  const usage = (input: number, output: number) => ({
    input: { total: input, cacheRead: 0, cacheWrite: 0 },
    output: { total: output },
  })
  const metrics = { inputTokenCount: 12, outputTokenCount: 13, firstByteLatency: 1 }

  test('is of Nova in the words of Converse', () => {
    const { parts, whole } = decodeStream(
      wire(
        chunk({ messageStart: { role: 'assistant' } }),
        chunk({ contentBlockDelta: { delta: { text: 'The' }, contentBlockIndex: 0 } }),
        chunk({ messageStop: { stopReason: 'end_turn' } }),
        chunk({
          metadata: { usage: { inputTokens: 12, outputTokens: 13 } },
          'amazon-bedrock-invocationMetrics': metrics,
        }),
      ),
    )
    expect(parts.map(({ type }) => type)).toEqual(['start', 'text-delta', 'finish', 'usage'])
    expect([parts.at(-1), whole]).toMatchObject([{ usage: usage(12, 13) }, true])
  })

  test('tells of others its usage at its end, and of Claude at its beginning and how far it has got', () => {
    const count = { input_tokens: 9, cache_read_input_tokens: 2, cache_creation_input_tokens: 3, output_tokens: 1 }
    const { parts } = decodeStream(
      wire(
        chunk({ type: 'message_start', message: { usage: count } }),
        chunk({ type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'Hm' } }),
        chunk({ type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hi' } }),
        chunk({ type: 'content_block_delta', delta: { type: 'input_json_delta', partial_json: '{}' } }),
        chunk({ type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 13 } }),
        chunk({ type: 'message_stop', 'amazon-bedrock-invocationMetrics': metrics }),
      ),
    )
    expect(parts).toMatchObject([
      { usage: { input: { total: 14, cacheRead: 2, cacheWrite: 3 }, output: { total: 1 }, raw: count } },
      { type: 'reasoning-delta', text: 'Hm' },
      { type: 'text-delta', text: 'Hi' },
      { type: 'tool-call-delta', arguments: '{}' },
      { type: 'finish', finish: { unified: 'tool-calls' } },
      { usage: { ...usage(12, 13), raw: metrics } },
    ])
    const cached = { ...metrics, cacheReadInputTokenCount: 5, cacheWriteInputTokenCount: 4 }
    expect(decodeStream(wire(chunk({ 'amazon-bedrock-invocationMetrics': cached }))).parts).toMatchObject([
      { usage: { input: { total: 21, cacheRead: 5, cacheWrite: 4 } } },
    ])
  })

  test('may hold anything', () => {
    const events = [['chunk', {}], ['chunk', { bytes: 7 }], ['chunk', { bytes: '%' }], chunk(null), chunk([1])] as const
    expect(decodeStream(wire(...events)).parts).toEqual([])
  })

  const recorded = recordedCases({ providers: ['bedrock'], endpoints: ['invoke-stream'] })
  test.each(recorded.map((each) => [each.name, each] as const))('%s tells its usage', (_, { stream }) => {
    const skimmer = chat.stream.skimmer()
    const skimmed: StreamPart[] = []
    skimmer.push(stream!, skimmed)
    skimmer.end(skimmed)
    const last = (parts: readonly StreamPart[]) => parts.findLast(({ type }) => type === 'usage')
    const found = last(decodeStream(stream!).parts) as Extract<StreamPart, { type: 'usage' }>
    expect(last(skimmed)).toEqual(found)
    const final = eventsOf(stream!).at(-1)![1] as { bytes: string }
    const { 'amazon-bedrock-invocationMetrics': counted } = JSON.parse(
      Buffer.from(final.bytes, 'base64').toString(),
    ) as { 'amazon-bedrock-invocationMetrics': { inputTokenCount: number; outputTokenCount: number } }
    expect(found.usage).toMatchObject(usage(counted.inputTokenCount, counted.outputTokenCount))
  })
})
