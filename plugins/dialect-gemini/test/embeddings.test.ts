import type { EmbeddingsRequest, EmbeddingsResponse, JsonObject } from '@sluice/core'
import { PLACE, recordedCases } from '@sluice/core/testing'
import { plain, survives } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gemini, geminiSingle } from '../src/index.ts'

const batch = gemini.codecs.embeddings!
const single = geminiSingle.codecs.embeddings!
const MODEL = 'sample-model'
const png = { inlineData: { mimeType: 'image/png', data: 'AA==' } }

const text = (words: string, more: JsonObject = {}): JsonObject => ({
  model: `models/${MODEL}`,
  content: { parts: [{ text: words }] },
  ...more,
})

function inspect(codec: typeof batch, body: JsonObject) {
  return codec.inspect(body, Buffer.from(JSON.stringify(body)), PLACE)
}

function encode(request: EmbeddingsRequest, codec = batch) {
  const dropped: string[] = []
  const body = plain(codec.encodeRequest(request, { model: MODEL, drop: (param) => dropped.push(param) }))
  return { body, dropped }
}

const config = { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 8, autoTruncate: false }
const ITEMS: { [what: string]: JsonObject[] } = {
  texts: [text('A'), text('B')],
  'a task, a length and a title': [
    text('A', { taskType: 'RETRIEVAL_DOCUMENT', title: 'T', outputDimensionality: 768 }),
    text('B', { taskType: 'RETRIEVAL_DOCUMENT', title: 'T', outputDimensionality: 768 }),
  ],
  'settings of their own': [
    text('A', { taskType: 'RETRIEVAL_QUERY' }),
    text('B', { outputDimensionality: 5 }),
    text('C', { title: 'T' }),
  ],
  'the newer place of settings': [text('A', { embedContentConfig: { ...config, documentOcr: true } })],
  'contents of several parts': [
    { model: `models/${MODEL}`, content: { role: 'user', parts: [{ text: 'A' }, { text: 'B' }, png] } },
  ],
  'what nobody knows': [text('A', { mood: 'good', content: { note: 1, parts: [{ text: 'A', mood: 'bad' }] } })],
  nulls: [text('A', { taskType: null, title: null, outputDimensionality: null, embedContentConfig: null })],
  'no parts': [text('A', { content: {} })],
}

describe('a request for embeddings goes out as it came', () => {
  for (const [what, requests] of Object.entries(ITEMS)) {
    test(`in a batch: ${what}`, () => {
      const body = { requests, batch: 1 }
      expect(inspect(batch, body)).toEqual({ model: MODEL, stream: false })
      expect(encode(batch.decodeRequest(body))).toEqual({ body, dropped: [] })
    })

    test(`alone: ${what}`, () => {
      for (const body of requests) {
        expect(inspect(single, body)).toEqual({ model: MODEL, stream: false })
        expect(encode(single.decodeRequest(body), single)).toEqual({ body, dropped: [] })
        expect(encode(single.decodeRequest(body))).toEqual({ body: { requests: [body] }, dropped: [] })
      }
    })
  }

  test('and in snake_case means the same', () => {
    const snake = text('A', { task_type: 'CLUSTERING', output_dimensionality: 5, embed_content_config: { title: 'T' } })
    const camel = text('A', { taskType: 'CLUSTERING', outputDimensionality: 5, embedContentConfig: { title: 'T' } })
    expect(encode(single.decodeRequest(snake), single).body).toEqual(camel)
  })

  for (const { name, request, response } of recordedCases({ providers: ['gemini'] })) {
    if (!name.includes('embeddings')) continue
    test(`recorded: ${name}`, () => {
      const decoded = batch.decodeRequest(request!)
      expect(decoded).toMatchObject({ inputs: ['Some text goes here'], dimensions: 768 })
      expect(plain(batch.encodeRequest(decoded, { model: 'gemini-embedding-001', drop: expect.unreachable }))).toEqual(
        request,
      )
      const answer = batch.decodeResponse(response!)
      expect(answer.embeddings[0]!.values.float).toHaveLength(768)
      expect(plain(batch.encodeResponse(answer, { id: 'x', model: 'm', request: decoded }))).toEqual(response)
    })
  }
})

describe('a request for embeddings means in the canonical model what it says', () => {
  const decode = (what: string) => batch.decodeRequest({ requests: ITEMS[what]! })

  test('what all have in common is said once', () => {
    expect(decode('a task, a length and a title')).toMatchObject({
      operation: 'embeddings',
      inputs: ['A', 'B'],
      purpose: 'document',
      dimensions: 768,
      extensions: { gemini: { title: 'T' } },
    })
    expect(decode('the newer place of settings')).toMatchObject({
      purpose: 'query',
      dimensions: 8,
      truncate: 'none',
      extensions: { gemini: { embedContentConfig: { documentOcr: true } } },
    })
    expect(Object.keys(decode('texts').extensions.gemini!)).toEqual([])
  })

  test('where they differ, other dialects learn of it', () => {
    const request = decode('settings of their own')
    expect(request).not.toHaveProperty('purpose')
    expect(request).not.toHaveProperty('dimensions')
    expect(Object.keys(request.extensions.gemini!)).toEqual(['requests'])
  })

  test('several parts are one input', () => {
    expect(decode('contents of several parts').inputs).toMatchObject([
      [{ type: 'text', text: 'A' }, { type: 'text', text: 'B' }, { type: 'image' }],
    ])
  })

  test('a task that only Gemini knows keeps its name', () => {
    expect(single.decodeRequest(text('A', { taskType: 'FACT_VERIFICATION' })).purpose).toBe('FACT_VERIFICATION')
  })
})

describe('what a plugin changed in a request for embeddings holds', () => {
  const change = (what: string, more: Partial<EmbeddingsRequest>) =>
    encode({ ...batch.decodeRequest({ requests: ITEMS[what]! }), ...more }).body.requests

  test('inputs, and more of them', () => {
    expect(change('a task, a length and a title', { inputs: ['A', 'X', 'Y'] })).toEqual([
      ITEMS['a task, a length and a title']![0],
      text('X', { taskType: 'RETRIEVAL_DOCUMENT', title: 'T', outputDimensionality: 768 }),
      text('Y', { taskType: 'RETRIEVAL_DOCUMENT', title: 'T', outputDimensionality: 768 }),
    ])
  })

  test('inputs that have settings of their own', () => {
    expect(change('settings of their own', { inputs: ['X', 'X', 'C'] })).toEqual([
      text('X', { taskType: 'RETRIEVAL_QUERY' }),
      text('X', { outputDimensionality: 5 }),
      text('C', { title: 'T' }),
    ])
  })

  test('settings', () => {
    expect(change('the newer place of settings', { purpose: 'clustering', dimensions: 4 })).toEqual([
      text('A', {
        taskType: 'CLUSTERING',
        outputDimensionality: 4,
        embedContentConfig: { documentOcr: true, autoTruncate: false },
      }),
    ])
  })

  test('also where the request lost how it was spelled', () => {
    const request = plain(batch.decodeRequest({ requests: [text('A', { title: 'T' })] }) as unknown as JsonObject)
    expect(encode(request as unknown as EmbeddingsRequest).body).toEqual({ requests: [text('A', { title: 'T' })] })
  })
})

describe('a request for embeddings from another dialect', () => {
  const ask = (more: Partial<EmbeddingsRequest>) =>
    encode({ operation: 'embeddings', model: 'alias', stream: false, inputs: ['A'], extensions: {}, ...more })

  test('is a batch, each item with all settings', () => {
    expect(
      ask({ inputs: ['A', [{ type: 'text', text: 'B' }]], dimensions: 5, purpose: 'query', formats: ['float'] }),
    ).toEqual({
      body: {
        requests: ['A', 'B'].map((words) => text(words, { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 5 })),
      },
      dropped: [],
    })
  })

  test.each([
    ['query', 'RETRIEVAL_QUERY'],
    ['document', 'RETRIEVAL_DOCUMENT'],
    ['classification', 'CLASSIFICATION'],
    ['clustering', 'CLUSTERING'],
    ['CODE_RETRIEVAL_QUERY', 'CODE_RETRIEVAL_QUERY'],
  ])('for a %s is for %s', (purpose, taskType) => {
    expect(ask({ purpose })).toEqual({ body: { requests: [text('A', { taskType })] }, dropped: [] })
  })

  test.each<[Partial<EmbeddingsRequest>, dropped: string[]]>([
    [{ formats: ['base64'] }, []],
    [{ formats: ['float', 'int8'] }, ['embedding_types']],
    [{ user: 'u' }, ['user']],
    [{ truncate: 'end' }, []],
    [{ truncate: 'start' }, ['truncate']],
    [{ purpose: 'image' }, ['input_type']],
    [{ extensions: { cohere: { priority: 1, nothing: null } } }, ['priority']],
  ])('%j: reports %j', (more, dropped) => {
    expect(ask(more)).toEqual({ body: { requests: [text('A')] }, dropped })
  })

  test('that wants no input cut says so', () => {
    expect(ask({ truncate: 'none' }).body).toEqual({
      requests: [text('A', { embedContentConfig: { autoTruncate: false } })],
    })
  })

  test('of tokens is refused', () => {
    expect(() => ask({ inputs: ['A', [1, 2]] })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'input[1]' }),
    )
  })
})

describe('what every upstream would refuse', () => {
  test.each<[JsonObject, param: string]>([
    [{}, 'requests'],
    [{ requests: [] }, 'requests'],
    [{ requests: ['A'] }, 'requests[0]'],
    [{ requests: [text('A'), text('B', { model: 'models/other' })] }, 'requests[1].model'],
    [{ requests: [text('A')], model: 'other' }, 'model'],
  ])('in a batch: %j', (body, param) => {
    expect(() => inspect(batch, body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  test.each<[JsonObject, param: string]>([
    [{}, 'content'],
    [{ content: 'A' }, 'content'],
    [text('A', { model: 'other' }), 'model'],
  ])('alone: %j', (body, param) => {
    expect(() => inspect(single, body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  test.each<[JsonObject, param: string]>([
    [text('A', { content: { parts: [{ text: 1 }] } }), 'content.parts[0].text'],
    [text('A', { taskType: 1 }), 'taskType'],
    [text('A', { embedContentConfig: { autoTruncate: 'no' } }), 'embedContentConfig.autoTruncate'],
  ])('in an item: %j', (body, param) => {
    expect(() => single.decodeRequest(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
    expect(() => batch.decodeRequest({ requests: [body] })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: `requests[0].${param}` }),
    )
  })

  test('several inputs for one', () => {
    const request = batch.decodeRequest({ requests: [text('A'), text('B')] })
    expect(() => encode(request, single)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })
})

test('every name of the model in a batch becomes the target’s', () => {
  const body = { requests: [text('A'), { content: { parts: [] } }], model: 'alias' }
  const bytes = batch.withModel(Buffer.from(JSON.stringify(body)), 'gemini-embedding-001')
  expect(JSON.parse(bytes.toString())).toEqual({
    requests: [text('A', { model: 'models/gemini-embedding-001' }), { content: { parts: [] } }],
    model: 'models/gemini-embedding-001',
  })
  const unnamed = Buffer.from('{"requests": []}')
  expect(batch.withModel(unnamed, 'gemini-embedding-001')).toBe(unnamed)
})

describe('embeddings', () => {
  const request = batch.decodeRequest({ requests: [text('A')] })
  const write = (response: EmbeddingsResponse, codec = batch) =>
    plain(codec.encodeResponse(response, { id: 'x', model: 'm', request }))
  const usageMetadata = { promptTokenCount: 5, promptTokenDetails: [{ modality: 'IMAGE', tokenCount: 2 }] }
  const wire = { embeddings: [{ values: [0.5, -1], shape: [2] }, { values: [] }], usageMetadata, metadata: { a: 1 } }

  test('go out as they came, with all that is said of them', () => {
    const response = batch.decodeResponse(wire)
    expect(response).toMatchObject({
      embeddings: [
        { index: 0, values: { float: [0.5, -1] } },
        { index: 1, values: { float: [] } },
      ],
      usage: { input: { total: 5, image: 2 }, output: { total: 0 }, raw: usageMetadata },
    })
    expect(write(response)).toEqual(wire)
  })

  test('of one content are no list', () => {
    const one = { embedding: { values: [1] }, usageMetadata }
    expect(write(single.decodeResponse(one), single)).toEqual(one)
    expect(write(batch.decodeResponse({ embeddings: [{ values: [1] }] }), single)).toEqual({
      embedding: { values: [1] },
    })
    expect(() => write(batch.decodeResponse({ embeddings: [] }), single)).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    )
  })

  test('of other dialects come in order and as numbers, whatever form they have', () => {
    const floats = Buffer.from(Float32Array.from([0.5, -1]).buffer).toString('base64')
    const embeddings = [
      { index: 2, values: { int8: [1, -2] } },
      { index: 0, values: { base64: floats } },
      { index: 1, values: { float: [3], base64: floats } },
    ]
    const usage = { input: { total: 5, cacheRead: 0, cacheWrite: 0 }, output: { total: 0, reasoning: 0 } }
    expect(write({ operation: 'embeddings', embeddings, usage, extensions: { 'openai-chat': {} } })).toEqual({
      embeddings: [{ values: [0.5, -1] }, { values: [3] }, { values: [1, -2] }],
      usageMetadata: { promptTokenCount: 5 },
    })
  })

  test.each<JsonObject>([
    {},
    { embeddings: {} },
    { embeddings: [1] },
    { embeddings: [{ values: ['a'] }] },
    { embedding: 1 },
  ])('%j are none', (body) => {
    for (const codec of [batch, single]) {
      expect(() => codec.decodeResponse(body)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
    }
  })

  test('may be an error in a 200', () => {
    for (const codec of [batch, single]) {
      expect(() => codec.decodeResponse({ error: { code: 429, message: 'Slow down' } })).toThrow(
        expect.objectContaining({ code: 'rate_limit_exceeded' }),
      )
    }
  })
})

test('whatever comes, nothing but a GatewayError is thrown', () => {
  const item = fc.oneof(
    fc.jsonValue(),
    fc.record({ content: fc.jsonValue(), taskType: fc.jsonValue(), embedContentConfig: fc.jsonValue() }),
    fc.record({ content: fc.record({ parts: fc.array(fc.record({ text: fc.string() })) }), title: fc.jsonValue() }),
  )
  fc.assert(
    fc.property(fc.array(item), (requests) => {
      const body = { requests } as JsonObject
      survives(() => inspect(batch, body))
      survives(() => encode(batch.decodeRequest(body)))
      for (const each of requests) survives(() => encode(single.decodeRequest({ ...(each as JsonObject) }), single))
    }),
  )
})
