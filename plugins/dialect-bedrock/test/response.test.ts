import type { ChatResponse, Finish, JsonObject, Part } from '@sluice/core'
import { CLAUDE_ENDINGS, CLAUDE_STOPS, plain, reply, responseOf, survives } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chat } from './support.ts'

const usage = {
  inputTokens: 5,
  cacheWriteInputTokens: 20,
  cacheReadInputTokens: 300,
  outputTokens: 7,
  totalTokens: 332,
}
const answerOf = (content: unknown[], more: JsonObject = {}): JsonObject => ({
  output: { message: { role: 'assistant', content } },
  stopReason: 'end_turn',
  usage,
  metrics: { latencyMs: 12 },
  ...more,
})
const roundTrip = (body: JsonObject): JsonObject => plain(chat.encodeResponse(chat.decodeResponse(body), reply))

describe('a Bedrock answer for a Bedrock client goes out as it came', () => {
  const bodies: { [what: string]: JsonObject } = {
    'a text': answerOf([{ text: 'Hi' }]),
    nothing: answerOf([]),
    'every kind of block': answerOf([
      { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
      { reasoningContent: { reasoningText: { text: '' } } },
      { reasoningContent: { redactedContent: 'ZGF0YQ==' } },
      { reasoningContent: { news: 1 } },
      { text: '' },
      {
        citationsContent: {
          content: [{ text: 'A' }],
          citations: [{ title: 't', sourceContent: [{ text: 'q' }], location: { web: { url: 'u' } } }],
        },
      },
      { citationsContent: { content: [{ text: 'A' }, { text: 'B' }], citations: [{}] } },
      { citationsContent: { content: [{ image: 1 }], citations: [] } },
      { toolUse: { toolUseId: 'a', name: 'f', input: { a: [1] }, note: null } },
      { toolUse: { toolUseId: 'b', name: 'web', input: {}, type: 'server_tool_use' } },
      { toolResult: { toolUseId: 'b', content: [{ text: 'x' }], type: 'web_result', status: 'success' } },
      { image: { format: 'png', source: { bytes: 'AA==' } } },
      { text: 'x', note: 1 },
    ]),
    'the rest of the API': answerOf([{ text: 'Hi' }], {
      additionalModelResponseFields: { stop_sequence: 'END' },
      stopReason: 'stop_sequence',
      trace: { guardrail: {} },
      performanceConfig: { latency: 'standard' },
      serviceTier: { type: 'default' },
      news: null,
    }),
    'fields that nobody knows, deeper': {
      output: { message: { role: 'assistant', content: [], note: 1 }, note: 2 },
      stopReason: 'news',
      usage: { ...usage, cacheDetails: [{ ttl: '1h', inputTokens: 20 }], serverToolUsage: {} },
    },
  }
  for (const [what, body] of Object.entries(bodies)) test(what, () => expect(roundTrip(body)).toEqual(body))
})

describe('an answer means in the canonical model what it says', () => {
  test('tokens are counted with the cached ones, under either name', () => {
    expect(chat.decodeResponse(answerOf([])).usage).toMatchObject({
      input: { total: 325, cacheRead: 300, cacheWrite: 20 },
      output: { total: 7, reasoning: 0 },
      raw: usage,
    })
    const counts = { inputTokens: 1, outputTokens: 2, cacheReadInputTokenCount: 3, cacheWriteInputTokenCount: 4 }
    expect(chat.decodeResponse(answerOf([], { usage: counts })).usage!.input).toEqual({
      total: 8,
      cacheRead: 3,
      cacheWrite: 4,
    })
  })

  test.each<readonly [string, string]>([
    ...CLAUDE_STOPS,
    ['guardrail_intervened', 'content-filter'],
    ['content_filtered', 'content-filter'],
    ['malformed_tool_use', 'error'],
    ['malformed_model_output', 'error'],
  ])('%s is %s', (raw, unified) => {
    expect(chat.decodeResponse(answerOf([], { stopReason: raw })).choices[0]!.finish).toEqual({ unified, raw })
  })

  test('a stop sequence is told if the client asked for it', () => {
    const body = answerOf([], { stopReason: 'stop_sequence', additionalModelResponseFields: { stop_sequence: 'END' } })
    expect(chat.decodeResponse(body).choices[0]!.finish.stopSequence).toBe('END')
  })
})

describe('an upstream’s garbage', () => {
  test('is an error of the upstream if it is no answer', () => {
    for (const body of [{}, { output: {} }, { output: { message: 'Hi' } }, { choices: [] }]) {
      expect(() => chat.decodeResponse(body)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
    }
  })

  test('is the error that it is', () => {
    const body = { __type: 'com.amazon.coral.service#InternalFailure', message: 'Oh' }
    expect(() => chat.decodeResponse(body)).toThrow(expect.objectContaining({ code: 'upstream_error', message: 'Oh' }))
  })

  test('is taken as absent where a field is of the wrong type', () => {
    const content = [null, 'x', { text: 5 }, { toolUse: {} }, { toolUse: { name: 1, toolUseId: null, input: null } }]
    expect(chat.decodeResponse({ output: { message: { content } }, usage: [], stopReason: 3 })).toMatchObject({
      choices: [
        {
          parts: [
            { type: 'text', text: '' },
            { type: 'tool-call', id: '', name: '', arguments: '{}' },
            { type: 'tool-call', id: '', name: '', arguments: '{}' },
          ],
          finish: { unified: 'other' },
        },
      ],
    })
  })

  test('whatever it is, nothing but an error of the upstream is thrown', () => {
    const kind = fc.constantFrom('text', 'toolUse', 'reasoningContent', 'citationsContent', 'x')
    const block = fc.oneof(fc.jsonValue(), fc.dictionary(kind, fc.jsonValue(), { maxKeys: 2 }))
    const body = fc.record({
      output: fc.oneof(
        fc.jsonValue(),
        fc.record({ message: fc.record({ content: fc.oneof(fc.jsonValue(), fc.array(block)) }) }),
      ),
      usage: fc.jsonValue(),
      stopReason: fc.jsonValue(),
      additionalModelResponseFields: fc.jsonValue(),
    })
    fc.assert(
      fc.property(body, (value) => {
        survives(() => roundTrip(value), 'upstream_error')
      }),
    )
  })
})

describe('an answer of another dialect', () => {
  const answer = (parts: Part[], finish: Finish, more?: Partial<ChatResponse>): JsonObject =>
    plain(chat.encodeResponse(responseOf(parts, finish, more), reply))
  const contentOf = (parts: Part[]) =>
    (answer(parts, { unified: 'stop' }).output as { message: { content: unknown } }).message.content

  test('becomes a message with all that clients rely on', () => {
    expect(answer([{ type: 'text', text: 'Hi' }], { unified: 'stop', raw: 'STOP' })).toEqual({
      output: { message: { role: 'assistant', content: [{ text: 'Hi' }] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0, cacheReadInputTokens: 0, cacheWriteInputTokens: 0 },
      metrics: { latencyMs: 0 },
    })
    expect(chat.encodeResponse({ operation: 'chat', choices: [], extensions: {} }, reply)).toMatchObject({
      output: { message: { content: [] } },
      stopReason: 'end_turn',
    })
  })

  test('has its tokens counted as Bedrock does', () => {
    const counts = {
      input: { total: 100, cacheRead: 30, cacheWrite: 20 },
      output: { total: 9, reasoning: 4 },
      raw: { prompt_tokens: 100 },
    }
    expect(answer([], { unified: 'stop' }, { usage: counts }).usage).toEqual({
      inputTokens: 50,
      outputTokens: 9,
      totalTokens: 109,
      cacheReadInputTokens: 30,
      cacheWriteInputTokens: 20,
    })
  })

  test('has blocks for what it holds', () => {
    expect(
      contentOf([
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'A', citations: [{ url: 'https://example.com', title: 'T', quote: 'q' }, {}] },
        { type: 'audio', source: { kind: 'base64', data: 'AA==', mediaType: 'audio/wav' }, transcript: 'spoken' },
        { type: 'image', source: { kind: 'url', url: 'u' } },
        { type: 'raw', dialect: 'gemini', value: { executableCode: {} } },
        { type: 'tool-call', id: 'functions.f:0', name: 'f', arguments: 'null' },
        { type: 'tool-call', id: 'call_2', name: 'f', arguments: '{"cut":' },
      ]),
    ).toEqual([
      { reasoningContent: { reasoningText: { text: 'Hm.' } } },
      {
        citationsContent: {
          content: [{ text: 'A' }],
          citations: [
            { title: 'T', sourceContent: [{ text: 'q' }], location: { web: { url: 'https://example.com' } } },
            {},
          ],
        },
      },
      { text: 'spoken' },
      { toolUse: { toolUseId: 'functions.f:0', name: 'f', input: {} } },
      { toolUse: { toolUseId: 'call_2', name: 'f', input: '{"cut":' } },
    ])
  })

  const text: Part = { type: 'text', text: 'A' }
  test.each<readonly [string, Part, Finish]>([
    ...CLAUDE_ENDINGS,
    ['content_filtered', { type: 'refusal', text: 'No.' }, { unified: 'stop' }],
    ['content_filtered', text, { unified: 'content-filter' }],
    ['content_filtered', text, { unified: 'refusal', raw: 'refusal' }],
    ['end_turn', text, { unified: 'pause', raw: 'pause_turn' }],
    ['end_turn', text, { unified: 'pause' }],
    ['malformed_model_output', text, { unified: 'error' }],
  ])('stops with %s after %j and %j', (reason, part, finish) => {
    expect(answer([part], finish)).toMatchObject({ stopReason: reason })
  })
})
