import { GatewayError } from '@sluice/core'
import type { Dialect, JsonObject, StreamPart, Usage } from '@sluice/core'
import { PART_MAKERS, spoken, survives, WRITING } from '@sluice/dialect-kit/testing'
import type { PartMaker } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gemini, geminiArray } from '../src/index.ts'
import { jsonArray } from '../src/json-array.ts'
import { chat, decodeStream, encodeStream, responsesOf, wire } from './support.ts'

const names = { modelVersion: 'm', responseId: 'r-123456789012' }
const said = (parts: JsonObject[], more: JsonObject = {}, index = 0): JsonObject => ({
  candidates: [{ content: { parts, role: 'model' }, index, ...more }],
  ...names,
})
const done = { finishReason: 'STOP' }
const decode = (...responses: JsonObject[]) => decodeStream(wire(...responses))
const typesOf = (parts: readonly StreamPart[]) => parts.map((part) => part.type)

describe('reading a stream', () => {
  test('texts and thoughts are blocks, as long as they go on', () => {
    const { parts, whole } = decode(
      said([{ text: 'Hm', thought: true }]),
      said([{ text: '.', thought: true, thoughtSignature: 's' }, { text: 'A' }]),
      said([{ text: 'B' }]),
      said([{ text: '' }], done),
    )
    expect(parts.slice(1, -1)).toEqual([
      { type: 'reasoning-delta', block: 0, text: 'Hm', summary: true },
      { type: 'reasoning-delta', block: 0, text: '.', summary: true },
      { type: 'reasoning-signature', block: 0, signature: 's', origin: 'gemini' },
      { type: 'text-delta', block: 1, text: 'A' },
      { type: 'text-delta', block: 1, text: 'B' },
    ])
    expect([parts[0], parts.at(-1), whole]).toMatchObject([
      { type: 'start', id: 'r-123456789012', model: 'm' },
      { type: 'finish', finish: { unified: 'stop', raw: 'STOP' } },
      true,
    ])
  })

  test('calls come whole, each a block with an id and its signature', () => {
    const call = (more: JsonObject, id?: string) => ({
      functionCall: { name: 'f', args: { a: 1 }, ...(id && { id }) },
      ...more,
    })
    const { parts } = decode(said([call({ thoughtSignature: 's' }, 'own'), call({})]), said([{ text: '' }], done))
    expect(parts.slice(1, -1)).toMatchObject([
      { type: 'tool-call-start', block: 0, id: 'own', name: 'f', signature: 's' },
      { type: 'tool-call-delta', block: 0, arguments: '{"a":1}' },
      { type: 'tool-call-start', block: 1, id: 'call_0_123456789012', name: 'f' },
      { type: 'tool-call-delta', block: 1, arguments: '{"a":1}' },
    ])
    expect(parts.at(-1)).toMatchObject({ finish: { unified: 'tool-calls', raw: 'STOP' } })
  })

  test('counts replace one another and come once, at the end', () => {
    const counted = (candidatesTokenCount?: number) => ({
      usageMetadata: { promptTokenCount: 5, candidatesTokenCount },
    })
    const { parts } = decode(
      { ...said([{ text: 'A' }]), ...counted() },
      { ...said([{ text: 'B' }], done), ...counted(2) },
      { ...names, ...counted(3) },
    )
    expect(parts.filter(({ type }) => type === 'usage')).toMatchObject([
      { usage: { input: { total: 5 }, output: { total: 3 } } },
    ])
    expect(typesOf(parts)).toEqual(['start', 'text-delta', 'text-delta', 'finish', 'usage'])
  })

  test('text may follow the finish, which the last one decides', () => {
    const { parts, whole } = decode(said([{ text: 'A' }], done), said([{ text: 'B' }], { finishReason: 'MAX_TOKENS' }))
    expect(typesOf(parts)).toEqual(['start', 'text-delta', 'text-delta', 'finish'])
    expect([parts.at(-1), whole]).toMatchObject([{ finish: { unified: 'length' } }, true])
  })

  test('candidates are choices, and a stream is whole when all have finished', () => {
    const both = [said([{ text: 'A' }], done), said([{ text: 'B' }], {}, 1)]
    expect(decode(...both).whole).toBe(false)
    const { parts, whole } = decode(...both, said([], done, 1))
    expect(whole).toBe(true)
    expect(parts.flatMap((part) => ('choice' in part ? [[part.type, part.choice]] : []))).toEqual([
      ['text-delta', 1],
      ['finish', 1],
    ])
  })

  test('there is an end to candidates', () => {
    const many = Array.from({ length: 200 }, (_, index) => said([{ text: 'A' }], {}, index))
    expect(() => decode(...many)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test('a refused prompt is whole, and filtered', () => {
    const { parts, whole } = decode({ promptFeedback: { blockReason: 'SAFETY' }, ...names })
    expect(whole).toBe(true)
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finish: { unified: 'content-filter', raw: 'SAFETY' } })
  })

  test('what is said of a candidate piece by piece comes with its finish; sources with their places', () => {
    const groundingMetadata = {
      groundingChunks: [{ web: { uri: 'https://a.example' } }],
      groundingSupports: [{ segment: { startIndex: 3, endIndex: 6, text: 'bcd' }, groundingChunkIndices: [0] }],
    }
    const { parts } = decode(
      said([{ text: 'äa' }], { groundingMetadata: {}, safetyRatings: [1] }),
      said([{ text: 'bcd' }], { groundingMetadata, ...done }),
      said([], { groundingMetadata: {} }),
    )
    expect(parts.slice(-2)).toEqual([
      { type: 'citation', block: 0, citation: { url: 'https://a.example', start: 2, end: 5 } },
      {
        type: 'finish',
        finish: { unified: 'stop', raw: 'STOP' },
        extensions: { gemini: { groundingMetadata, safetyRatings: [1] } },
      },
    ])
  })

  test('an error in the stream is told with the provider’s words', () => {
    const { parts, whole } = decode(said([{ text: 'A' }]), {
      error: { code: 503, message: 'Busy', status: 'UNAVAILABLE' },
    })
    expect(whole).toBe(false)
    expect(parts.at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'upstream_error', status: 503, message: 'Busy' },
    })
  })

  test.each(['[DONE]', '{}', '{"choices":[]}', '[]', '<html>'])('%s is not of Gemini', (data) => {
    expect(() => decodeStream(`data: ${data}\n\n`)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test('whatever comes, nothing but an upstream’s error is thrown', () => {
    const part = fc.oneof(
      fc.jsonValue(),
      fc.record({ text: fc.jsonValue(), thought: fc.boolean(), thoughtSignature: fc.jsonValue() }),
      fc.record({ functionCall: fc.record({ name: fc.jsonValue(), args: fc.jsonValue(), id: fc.jsonValue() }) }),
    )
    const response = fc.record({
      candidates: fc.array(
        fc.record({
          content: fc.record({ parts: fc.array(part) }),
          index: fc.jsonValue(),
          finishReason: fc.oneof(fc.constant('STOP'), fc.jsonValue()),
        }),
      ),
    })
    fc.assert(
      fc.property(fc.array(response), (responses) => {
        survives(() => {
          const { parts, whole } = decode(...(responses as JsonObject[]))
          expect(decodeStream(encodeStream(parts)).whole || !whole).toBe(true)
        }, 'upstream_error')
      }),
    )
  })
})

describe('the first frames of a stream', () => {
  const probe = (text: string) => chat.stream.prober()(Buffer.from(text))
  test('are judged', () => {
    expect(probe('data: {"candida')).toBe('more')
    expect(probe(wire(said([{ text: 'an "error"' }])))).toBe('ok')
    expect(probe(wire({ error: { code: 429, message: 'Slow down', details: [] } }))).toMatchObject({
      code: 'rate_limit_exceeded',
    })
    expect(probe('data: <html>\n\n')).toMatchObject({ code: 'upstream_error' })
  })
})

test('nothing is sent to keep a stream of events open: Google’s own SDKs could not read it', () => {
  expect([chat.stream.heartbeat, geminiArray.codecs.chat!.stream.heartbeat]).toEqual([undefined, '\n'])
})

describe('writing a stream', () => {
  const usage: Usage = { input: { total: 10, cacheRead: 4, cacheWrite: 1 }, output: { total: 5, reasoning: 2 } }
  const foreign: StreamPart[] = [
    { type: 'start', id: 'msg_1', model: 'claude' },
    { type: 'reasoning-delta', block: 0, text: 'Hm' },
    { type: 'reasoning-signature', block: 0, signature: 'sig', origin: 'gemini' },
    { type: 'text-delta', block: 1, text: 'A "b"\n' },
    { type: 'citation', block: 1, citation: { url: 'https://example.com', title: 'T' } },
    { type: 'tool-call-start', block: 2, id: 'call_1', name: 'f' },
    { type: 'tool-call-delta', block: 2, arguments: '{"a"' },
    { type: 'tool-call-delta', block: 2, arguments: ':1}' },
    { type: 'finish', finish: { unified: 'tool-calls', raw: 'tool_use' } },
    { type: 'usage', usage },
  ]
  const content = (...parts: JsonObject[]) => ({ content: { parts, role: 'model' }, index: 0 })
  const always = { modelVersion: 'claude', responseId: 'msg_1' }
  const expected = [
    { candidates: [content({ text: 'Hm', thought: true })], ...always },
    { candidates: [content({ text: '', thought: true, thoughtSignature: 'sig' })], ...always },
    { candidates: [content({ text: 'A "b"\n' })], ...always },
    { candidates: [content({ functionCall: { id: 'call_1', name: 'f', args: { a: 1 } } })], ...always },
    {
      candidates: [
        {
          ...content({ text: '' }),
          finishReason: 'STOP',
          groundingMetadata: {
            groundingChunks: [{ web: { uri: 'https://example.com', title: 'T' } }],
            groundingSupports: [{ segment: { endIndex: 6, text: 'A "b"\n' }, groundingChunkIndices: [0] }],
          },
        },
      ],
      usageMetadata: {
        promptTokenCount: 10,
        candidatesTokenCount: 3,
        totalTokenCount: 15,
        cachedContentTokenCount: 4,
        thoughtsTokenCount: 2,
      },
      ...always,
    },
  ]

  test('from another dialect', () => expect(responsesOf(encodeStream(foreign))).toEqual(expected))

  test('as one array, which is JSON from its first to its last byte', () => {
    expect(JSON.parse(encodeStream(foreign, geminiArray.codecs.chat))).toEqual(expected)
    expect(responsesOf(encodeStream(foreign, geminiArray.codecs.chat), jsonArray)).toEqual(expected)
  })

  test.each([0, 1, 2, 4])('a stream that breaks off behind %i parts ends with its error in both forms', (sent) => {
    const broken = ({ codecs }: Dialect): string => {
      const writer = codecs.chat!.stream.writer({ id: 'x', model: 'm', request: {} as never })
      const frames = foreign.slice(0, sent).map((part) => writer.push(part))
      return [...frames, writer.error!(new GatewayError('upstream_error', 'Cut.'), 'x')].join('')
    }
    const array = JSON.parse(broken(geminiArray)) as unknown[]
    expect(array).toHaveLength(Math.max(1, sent))
    expect(array.at(-1)).toEqual({ error: { code: 502, message: 'Cut.', status: 'UNAVAILABLE' } })
    expect(responsesOf(broken(gemini))).toEqual(array)
  })

  test.each(WRITING)('%s', (_, holds) => holds(chat))

  test('an answer of nothing is a response', () => {
    expect(responsesOf(encodeStream([]))).toEqual([
      {
        candidates: [{ ...content({ text: '' }), finishReason: 'OTHER' }],
        modelVersion: 'asked-for',
        responseId: 'x1',
      },
    ])
  })

  test('calls keep their place before a text, if they are complete by then', () => {
    const start = (block: number): StreamPart => ({ type: 'tool-call-start', block, id: `c${block}`, name: 'f' })
    const piece = (block: number, args: string): StreamPart => ({ type: 'tool-call-delta', block, arguments: args })
    const text = encodeStream([
      start(0),
      piece(0, '{}'),
      start(1),
      piece(1, '{"a":'),
      { type: 'text-delta', block: 2, text: 'A' },
      piece(1, '1}'),
    ])
    const parts = responsesOf(text).flatMap(
      ({ candidates }) => (candidates as [{ content: { parts: JsonObject[] } }])[0].content.parts,
    )
    expect(parts).toEqual([
      { functionCall: { id: 'c0', name: 'f', args: {} } },
      { text: 'A' },
      { functionCall: { id: 'c1', name: 'f', args: { a: 1 } } },
      { text: '' },
    ])
    const writer = chat.stream.writer({ id: 'x', model: 'm', request: {} as never })
    for (const part of [start(0), piece(0, '{}'), { type: 'text-delta', block: 1, text: 'A' } as StreamPart])
      writer.push(part)
    expect(() => writer.push(piece(0, '!'))).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test('several choices are candidates with numbers of their own', () => {
    const text = (choice: number): StreamPart => ({ type: 'text-delta', block: 0, text: `T${choice}`, choice })
    const responses = responsesOf(
      encodeStream([text(1), text(0), { type: 'finish', finish: { unified: 'stop' }, choice: 1 }]),
    )
    expect(responses.slice(0, 2)).toMatchObject([{ candidates: [{ index: 1 }] }, { candidates: [{ index: 0 }] }])
    expect(responses.at(-1)).toMatchObject({
      candidates: [
        { index: 1, finishReason: 'STOP' },
        { index: 0, finishReason: 'OTHER' },
      ],
    })
  })

  test('what only others know is left out', () => {
    const text = encodeStream([
      { type: 'raw', dialect: 'anthropic', value: { type: 'x' } },
      { type: 'audio-delta', block: 1, data: 'AA==' },
      { type: 'audio-delta', block: 1, transcript: 'spoken' },
      { type: 'refusal-delta', block: 2, text: ' No.' },
      { type: 'text-delta', block: 3, text: '', logprobs: { content: [] } },
    ])
    expect(responsesOf(text).map((response) => JSON.stringify(response.candidates))).toEqual([
      expect.stringContaining('spoken'),
      expect.stringContaining(' No.'),
      expect.stringContaining('{"text":""}'),
      expect.stringContaining('OTHER'),
    ])
  })

  test.each<[what: string, responses: JsonObject[]]>([
    [
      'fields of every response, and of one',
      [
        { ...said([{ text: 'A' }]), createTime: 't1', modelStatus: { message: 'x' } },
        { ...said([{ text: 'B' }]), createTime: 't2' },
        { ...said([{ text: 'C' }], done), createTime: 't2', modelStatus: { message: 'y' } },
      ],
    ],
    [
      'a refused prompt',
      [{ promptFeedback: { blockReason: 'OTHER' }, usageMetadata: { promptTokenCount: 1 }, ...names }],
    ],
    ['a prompt refused without a word more', [{ promptFeedback: { blockReason: 'OTHER' } }]],
    ['signed text', [said([{ text: 'A', thoughtSignature: 's' }]), said([{ text: '', thoughtSignature: 't' }], done)]],
    [
      'code that ran, a picture, and text behind them',
      [
        said([{ text: 'A' }, { executableCode: { code: '1' } }, { codeExecutionResult: { output: '1' } }]),
        said([{ inlineData: { mimeType: 'image/png', data: 'AA==' } }, { text: 'B' }], done),
      ],
    ],
    [
      'probabilities',
      [
        said([{ text: 'A' }], { logprobsResult: { chosenCandidates: [{ token: 'A' }] } }),
        said([{ text: '' }], { logprobsResult: { chosenCandidates: [] }, avgLogprobs: -1, ...done }),
      ],
    ],
    [
      'calls without ids among texts',
      [
        said([
          { text: 'A' },
          { functionCall: { name: 'f', args: {} } },
          { functionCall: { name: 'g' } },
          { text: 'B' },
        ]),
        said([], { finishMessage: 'calls', ...done }),
      ],
    ],
    [
      'a call in pieces',
      [
        said([
          { functionCall: { name: 'f', willContinue: true, partialArgs: [{ jsonPath: '$.a', stringValue: 'x' }] } },
        ]),
        said([{ functionCall: {} }], done),
      ],
    ],
    ['two candidates', [said([{ text: 'A' }]), said([{ text: 'B' }], done, 1), said([], done)]],
    ['a finish nobody knows', [said([{ text: 'A' }], { finishReason: 'NEW' })]],
  ])('of Gemini loses nothing: %s', (_, responses) => {
    const { parts, whole } = decode(...responses)
    expect(whole).toBe(true)
    expect(decodeStream(encodeStream(parts))).toEqual({ parts, whole: true })
  })
})

const word = fc.string({ maxLength: 5, unit: 'grapheme' })
const ownMakers: PartMaker[] = [
  (block, text, { length }) => ({ type: 'text-delta', block, text, choice: length % 2 }),
  (block, url, { length }) => ({ type: 'citation', block, citation: { url, start: block, end: length } }),
  () => ({ type: 'raw', dialect: 'gemini', value: { executableCode: {} } }),
]
const anyPart = fc
  .tuple(fc.constantFrom(...PART_MAKERS, ...ownMakers), fc.nat(3), word, word)
  .map(([make, block, text, other]) => make(block, text, other))
const SAID = ['text-delta', 'refusal-delta'] as const

test('whatever order the parts come in, the stream is well-formed, whole, and says their texts in order', () => {
  fc.assert(
    fc.property(fc.array(anyPart, { maxLength: 30 }), (parts) => {
      for (const codec of [chat, geminiArray.codecs.chat!]) {
        const reader = codec.stream.reader()
        const back: StreamPart[] = []
        reader.push(Buffer.from(encodeStream(parts, codec)), back)
        expect(reader.end(back)).toBe(true)
        for (const choice of [0, 1]) expect(spoken(back, SAID, choice)).toBe(spoken(parts, SAID, choice))
      }
    }),
  )
})
