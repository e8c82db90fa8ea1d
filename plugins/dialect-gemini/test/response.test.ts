import type { ChatResponse, Finish, JsonObject, Part } from '@sluice/core'
import { plain, reply, responseOf, survives } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chat } from './support.ts'

const answer = (candidate: JsonObject, more: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { role: 'model', parts: [{ text: 'A' }] }, finishReason: 'STOP', index: 0, ...candidate }],
  ...more,
})
const parts = (...list: JsonObject[]) => answer({ content: { role: 'model', parts: list } })
const grounded = (text: string, segment: JsonObject): JsonObject =>
  answer({
    content: { role: 'model', parts: [{ text: 'Hm.', thought: true }, { text }] },
    groundingMetadata: {
      webSearchQueries: ['q'],
      groundingChunks: [
        { web: { uri: 'https://a.example', title: 'A' } },
        { retrievedContext: { uri: 'gs://b', text: 'quote' } },
      ],
      groundingSupports: [{ segment, groundingChunkIndices: [0, 1, 7] }, 'nonsense'],
    },
  })

describe('a response of Gemini goes out as it came', () => {
  const responses: { [what: string]: JsonObject } = {
    'the least': { candidates: [{}] },
    'with its counts and names': answer(
      {},
      {
        usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
        modelVersion: 'm',
        responseId: 'r',
        createTime: '2026-01-01T00:00:00.5Z',
        modelStatus: { message: 'soon gone' },
      },
    ),
    'several candidates': {
      candidates: [
        { index: 0, finishReason: 'STOP' },
        { index: 1, finishReason: 'MAX_TOKENS' },
      ],
    },
    'candidates without numbers': { candidates: [{ content: {} }, { content: { role: 'model' } }] },
    'no candidates': { candidates: [], responseId: 'r' },
    'a refused prompt': { promptFeedback: { blockReason: 'SAFETY', safetyRatings: [] }, usageMetadata: {} },
    'thoughts and signatures': parts(
      { text: 'Hm.', thought: true },
      { text: '', thought: true, thoughtSignature: 's' },
      { text: 'A', thoughtSignature: 't' },
      { functionCall: { name: 'f', args: { a: [1] } }, thoughtSignature: 'u' },
      { functionCall: { name: 'f', id: 'x' } },
    ),
    'what Google ran, and pictures': parts(
      { executableCode: { language: 'PYTHON', code: '1' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK' } },
      { inlineData: { mimeType: 'image/png', data: 'AA==' } },
      { inlineData: { mimeType: 'audio/L16;rate=24000', data: 'AA==' } },
    ),
    'ratings, probabilities and sources': answer({
      safetyRatings: [],
      avgLogprobs: -0.5,
      logprobsResult: { chosenCandidates: [{ token: 'A', logProbability: -0.5 }] },
      citationMetadata: { citations: [{ startIndex: 0, endIndex: 1, uri: 'https://example.com', license: 'MIT' }] },
      urlContextMetadata: { urlMetadata: [] },
    }),
    'sources of a search': grounded('Grüße', { partIndex: 1, startIndex: 0, endIndex: 7, text: 'Grüße' }),
    'nulls and unknown fields': answer(
      { finishReason: null, tokenCount: 3, content: { role: null, parts: [], mood: 1 } },
      { nothing: null },
    ),
    'a reason that nobody knows': answer({ finishReason: 'NEW', finishMessage: 'why' }),
  }
  for (const [what, response] of Object.entries(responses)) {
    test(what, () => expect(plain(chat.encodeResponse(chat.decodeResponse(response), reply))).toEqual(response))
  }
})

describe('a response means in the canonical model what it says', () => {
  const choiceOf = (response: JsonObject) => chat.decodeResponse(response).choices[0]!

  test('calls get ids where they have none, the same at every reading and others in the next answer', () => {
    const call = { functionCall: { name: 'f', args: {} } }
    const idsIn = (responseId: string) =>
      choiceOf({ ...parts(call, call), responseId }).parts.map((part) => part.type === 'tool-call' && part.id)
    expect(idsIn('resp-0123456789ab')).toEqual(['call_0_0123456789ab', 'call_1_0123456789ab'])
    expect(idsIn('resp-0123456789ab')).toEqual(idsIn('resp-0123456789ab'))
    expect(idsIn('another')).not.toEqual(idsIn('resp-0123456789ab'))
  })

  test('a stop with calls is a call of tools', () => {
    expect(choiceOf(parts({ functionCall: { name: 'f' } })).finish).toEqual({ unified: 'tool-calls', raw: 'STOP' })
  })

  test.each<[unknown, Finish]>([
    ['STOP', { unified: 'stop', raw: 'STOP' }],
    [1, { unified: 'stop', raw: 'STOP' }],
    [3, { unified: 'content-filter', raw: 'SAFETY' }],
    ['MAX_TOKENS', { unified: 'length', raw: 'MAX_TOKENS' }],
    ['RECITATION', { unified: 'content-filter', raw: 'RECITATION' }],
    ['PROHIBITED_CONTENT', { unified: 'content-filter', raw: 'PROHIBITED_CONTENT' }],
    ['MALFORMED_FUNCTION_CALL', { unified: 'error', raw: 'MALFORMED_FUNCTION_CALL' }],
    ['UNEXPECTED_TOOL_CALL', { unified: 'error', raw: 'UNEXPECTED_TOOL_CALL' }],
    ['CONTINUATION', { unified: 'pause', raw: 'CONTINUATION' }],
    ['NEW', { unified: 'other', raw: 'NEW' }],
    [17, { unified: 'other', raw: '17' }],
    [undefined, { unified: 'other' }],
    [{}, { unified: 'other' }],
  ])('finish reason %j', (finishReason, finish) => expect(choiceOf(answer({ finishReason })).finish).toEqual(finish))

  test('a refused prompt is an answer of nothing, filtered', () => {
    expect(choiceOf({ promptFeedback: { blockReason: 'MODEL_ARMOR' } })).toMatchObject({
      parts: [],
      finish: { unified: 'content-filter', raw: 'MODEL_ARMOR' },
    })
  })

  test('counts are added up as others count', () => {
    const usageMetadata = {
      promptTokenCount: 100,
      cachedContentTokenCount: 40,
      toolUsePromptTokenCount: 10,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 5,
      totalTokenCount: 135,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 60 },
        { modality: 'AUDIO', tokenCount: 30 },
        { modality: 'IMAGE', tokenCount: 10 },
      ],
    }
    expect(chat.decodeResponse(answer({}, { usageMetadata })).usage).toEqual({
      input: { total: 110, cacheRead: 40, cacheWrite: 0, audio: 30, image: 10 },
      output: { total: 25, reasoning: 5 },
      raw: usageMetadata,
    })
  })

  const sources = (start?: number, end?: number) => [
    { url: 'https://a.example', title: 'A', ...(end !== undefined && { start, end }) },
    { url: 'gs://b', quote: 'quote', ...(end !== undefined && { start, end }) },
  ]
  test.each<[what: string, text: string, segment: JsonObject, unknown]>([
    ['bytes are counted as UTF-16', 'Grüße, 👋 Welt', { startIndex: 14, endIndex: 18, text: 'Welt' }, sources(10, 14)],
    [
      'bytes of ASCII are what they are',
      'Hello, world',
      { startIndex: 7, endIndex: 12, text: 'world' },
      sources(7, 12),
    ],
    ['what starts at 0 does not say so', 'Hello', { endIndex: 5 }, sources(0, 5)],
    ['a segment that is not there has no place', 'Hello', { startIndex: 1, endIndex: 3, text: 'xx' }, sources()],
    ['nor has one outside the text', 'Hello', { startIndex: 1, endIndex: 99 }, sources()],
  ])('sources: %s', (_, text, segment, citations) => {
    const [thought, said] = choiceOf(grounded(text, segment)).parts
    expect(thought).not.toHaveProperty('citations')
    expect(said).toMatchObject({ type: 'text', citations })
  })

  test('what was quoted has its source', () => {
    const citationMetadata = { citations: [{ startIndex: 0, endIndex: 1, uri: 'https://example.com', title: 'T' }] }
    expect(choiceOf(answer({ citationMetadata })).parts[0]).toMatchObject({
      citations: [{ url: 'https://example.com', title: 'T', start: 0, end: 1 }],
    })
  })

  test.each([{}, { candidates: 'x' }, { object: 'chat.completion', choices: [] }])('%j is no response', (body) => {
    expect(() => chat.decodeResponse(body as JsonObject)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test('an error inside a 200 is thrown', () => {
    const error = { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' }
    expect(() => chat.decodeResponse({ error })).toThrow(
      expect.objectContaining({ code: 'upstream_error', status: 503, message: 'Overloaded' }),
    )
  })

  test('whatever comes, nothing but an upstream’s error is thrown', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constant({ parts: [{ functionCall: { name: 1, args: [] } }, { inlineData: {} }] }),
    )
    const fields = fc.constantFrom('content', 'finishReason', 'index', 'groundingMetadata', 'citationMetadata')
    fc.assert(
      fc.property(fc.array(fc.dictionary(fields, value)), fc.jsonValue(), (candidates, usageMetadata) => {
        survives(
          () => plain(chat.encodeResponse(chat.decodeResponse({ candidates, usageMetadata }), reply)),
          'upstream_error',
        )
      }),
    )
  })
})

describe('a response of another dialect', () => {
  const write = (list: Part[], finish: Finish, more?: Partial<ChatResponse>): JsonObject =>
    plain(chat.encodeResponse(responseOf(list, finish, more), reply))

  test('has all that Gemini’s clients look for', () => {
    const usage = { input: { total: 10, cacheRead: 4, cacheWrite: 1 }, output: { total: 5, reasoning: 2 } }
    expect(write([{ type: 'text', text: 'A' }], { unified: 'stop', raw: 'end_turn' }, { usage })).toEqual({
      candidates: [{ content: { role: 'model', parts: [{ text: 'A' }] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: {
        promptTokenCount: 10,
        candidatesTokenCount: 3,
        totalTokenCount: 15,
        cachedContentTokenCount: 4,
        thoughtsTokenCount: 2,
      },
      modelVersion: 'asked-for',
      responseId: 'x1',
    })
  })

  test('keeps thoughts, calls, refusals and pictures; what only others know is left out', () => {
    const { candidates } = write(
      [
        { type: 'reasoning', text: 'Hm.', signature: 's', origin: 'gemini' },
        { type: 'refusal', text: 'No.' },
        { type: 'tool-call', id: 'a', name: 'f', arguments: '{"a":1}' },
        { type: 'tool-call', id: 'b', name: 'f', arguments: 'oops' },
        { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } },
        { type: 'audio', source: { kind: 'base64', mediaType: '', data: 'AA==' }, transcript: 'spoken' },
        { type: 'raw', dialect: 'anthropic', value: { type: 'server_tool_use' } },
      ],
      { unified: 'tool-calls' },
    ) as { candidates: [{ content: { parts: unknown } }] }
    expect(candidates[0].content.parts).toEqual([
      { text: 'Hm.', thought: true, thoughtSignature: 's' },
      { text: 'No.' },
      { functionCall: { id: 'a', name: 'f', args: { a: 1 } } },
      { functionCall: { id: 'b', name: 'f', args: { INVALID_JSON: 'oops' } } },
      { inlineData: { mimeType: 'image/png', data: 'AA==' } },
      { text: 'spoken' },
    ])
  })

  test('names sources without an address as retrieved', () => {
    const citations = [
      { title: 'facts.txt', quote: 'It rains.' },
      { title: 'facts.txt', quote: 'It snows.' },
      { title: 'facts.txt', quote: 'It rains.' },
    ]
    const { candidates } = write([{ type: 'text', text: 'Rain', citations }], { unified: 'stop' })
    expect(candidates).toMatchObject([
      {
        groundingMetadata: {
          groundingChunks: [
            { retrievedContext: { title: 'facts.txt', text: 'It rains.' } },
            { retrievedContext: { title: 'facts.txt', text: 'It snows.' } },
          ],
          groundingSupports: [
            { groundingChunkIndices: [0] },
            { groundingChunkIndices: [1] },
            { groundingChunkIndices: [0] },
          ],
        },
      },
    ])
  })

  test('names its sources, counted in bytes', () => {
    const citations = [
      { url: 'https://a.example', title: 'A', start: 7, end: 9 },
      { url: 'https://a.example', title: 'A' },
      { quote: 'of nothing' },
    ]
    const { candidates } = write([{ type: 'text', text: 'Grüße, 👋', citations }], { unified: 'stop' })
    expect(candidates).toMatchObject([
      {
        groundingMetadata: {
          groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
          groundingSupports: [
            { segment: { startIndex: 9, endIndex: 13, text: '👋' }, groundingChunkIndices: [0] },
            { segment: { endIndex: 13, text: 'Grüße, 👋' }, groundingChunkIndices: [0] },
          ],
        },
      },
    ])
    const [choice] = chat.decodeResponse({ candidates }).choices
    expect(choice!.parts[0]).toMatchObject({
      citations: [
        { start: 7, end: 9 },
        { start: 0, end: 9 },
      ],
    })
  })

  test.each<[Finish, string]>([
    [{ unified: 'stop', raw: 'stop' }, 'STOP'],
    [{ unified: 'stop-sequence', raw: 'stop_sequence' }, 'STOP'],
    [{ unified: 'tool-calls', raw: 'tool_use' }, 'STOP'],
    [{ unified: 'length', raw: 'max_tokens' }, 'MAX_TOKENS'],
    [{ unified: 'content-filter', raw: 'content_filter' }, 'SAFETY'],
    [{ unified: 'refusal', raw: 'refusal' }, 'SAFETY'],
    [{ unified: 'other', raw: 'whatever' }, 'OTHER'],
  ])('%j', (finish, finishReason) =>
    expect(write([], finish)).toMatchObject({ candidates: [{ finishReason, content: { parts: [] } }] }),
  )
})
