import type { EmbeddingsRequest, EmbeddingsResponse, JsonObject } from '@sluice/core'
import { PLACE, recordedCases } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { embeddings } from '../src/embeddings/index.ts'
import { toBase64, toFloats } from '@sluice/dialect-kit'
import { fc, test as property } from './property.ts'

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

function encode(request: EmbeddingsRequest): { body: unknown; dropped: string[] } {
  const dropped: string[] = []
  const body = embeddings.encodeRequest(request, { model: 'm', drop: (param) => dropped.push(param) })
  return { body: plain(body), dropped }
}

/** As another dialect's decoder makes it. */
const requestOf = (fields: Partial<EmbeddingsRequest>): EmbeddingsRequest => ({
  operation: 'embeddings',
  model: 'm',
  stream: false,
  inputs: ['Hi'],
  extensions: {},
  ...fields,
})

test.each<[string, JsonObject]>([
  ['a text', { input: 'Hi' }],
  ['texts', { input: ['Hi', 'Ho'] }],
  ['a list of one', { input: ['Hi'] }],
  ['token ids', { input: [1, 2] }],
  ['lists of token ids', { input: [[1, 2], [3]] }],
  ['texts and token ids', { input: ['Hi', [3]] }],
  ['objects of a vendor', { input: [{ text: 'Hi' }, { image: 'https://x/y.png' }] }],
  ['everything', { input: 'Hi', encoding_format: 'base64', dimensions: 2, user: 'ada' }],
  ['nulls', { input: 'Hi', encoding_format: null, dimensions: null, user: null }],
  ['words of vendors', { input: 'Hi', input_type: 'search_query', truncate: 'END', output_dtype: 'int8', task: 'x' }],
  ['an unknown format', { input: 'Hi', encoding_format: 'bytes' }],
])('a request comes through the codec as it was: %s', (_, fields) => {
  const body = { model: 'm', ...fields }
  expect(encode(embeddings.decodeRequest(body))).toEqual({ body, dropped: [] })
})

test('other dialects find what vectors are for, and what is cut off', () => {
  const body = { model: 'm', input: 'Hi', input_type: 'passage', truncate: 'LEFT', encoding_format: 'float' }
  expect(embeddings.decodeRequest(body)).toMatchObject({
    inputs: ['Hi'],
    purpose: 'document',
    truncate: 'start',
    formats: ['float'],
  })
})

describe('from other dialects', () => {
  test.each<[string, Partial<EmbeddingsRequest>, JsonObject, string[]?]>([
    ['floats need no word', { formats: ['float'] }, {}],
    ['base64 does', { formats: ['base64'] }, { encoding_format: 'base64' }],
    ['floats are what there is', { formats: ['int8', 'float'] }, {}, ['embedding_types']],
    ['purpose and end', { purpose: 'query', truncate: 'end' }, { input_type: 'query', truncate: 'end' }],
    ['size and user', { dimensions: 2, user: 'ada' }, { dimensions: 2, user: 'ada' }],
    [
      'texts in parts',
      {
        inputs: [
          [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        ],
      },
      { input: ['a\nb'] },
    ],
    ['fields of others', { extensions: { other: { priority: 1 } } }, {}, ['priority']],
  ])('%s', (_, fields, body, dropped = []) => {
    expect(encode(requestOf(fields))).toEqual({ body: { model: 'm', input: ['Hi'], ...body }, dropped })
  })

  test('an image is refused', () => {
    const request = requestOf({ inputs: [[{ type: 'image', source: { kind: 'url', url: 'u' } }]] })
    expect(() => encode(request)).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'input' }))
  })
})

test.each<[JsonObject, string]>([
  [{}, 'input'],
  [{ input: 7 }, 'input'],
  [{ input: ['Hi', 7] }, 'input[1]'],
  [{ input: [[]] }, 'input[0]'],
  [{ input: 'Hi', dimensions: '2' }, 'dimensions'],
  [{ input: 'Hi', encoding_format: 2 }, 'encoding_format'],
  [{ input: 'Hi', input_type: 2 }, 'input_type'],
])('%j is refused, and the field named', (body, param) => {
  const fault = expect.objectContaining({ code: 'invalid_request', param }) as Error
  expect(() => embeddings.decodeRequest({ model: 'm', ...body })).toThrow(fault)
})

test('two models are refused', () => {
  const bytes = Buffer.from('{"model":"a","input":"Hi","model":"b"}')
  const body = JSON.parse(bytes.toString()) as JsonObject
  expect(() => embeddings.inspect(body, bytes, PLACE)).toThrow(expect.objectContaining({ param: 'model' }))
})

describe('answers', () => {
  const floats = [0.5, -1.25, 3]
  const base64 = toBase64(floats)
  const shown = (response: EmbeddingsResponse, formats?: string[]): JsonObject =>
    plain(
      embeddings.encodeResponse(response, { id: 'x', model: 'asked', request: requestOf({ formats: formats! }) }),
    ) as JsonObject
  const answer = (embedding: unknown): JsonObject => ({
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding }],
    model: 'm',
    usage: { prompt_tokens: 3, total_tokens: 3 },
  })

  test.each([
    ['float', floats, 'float', floats],
    ['float', floats, 'base64', base64],
    ['base64', base64, 'base64', base64],
    ['base64', base64, 'float', floats],
    ['float', floats, undefined, floats],
    ['base64', base64, undefined, floats],
  ])('%s from the upstream (%j) is what a client gets that asked for %s', (_, sent, asked, expected) => {
    expect(shown(embeddings.decodeResponse(answer(sent)), asked === undefined ? undefined : [asked])).toEqual(
      answer(expected),
    )
  })

  test('of another dialect have this form', () => {
    const response: EmbeddingsResponse = {
      operation: 'embeddings',
      embeddings: [{ index: 0, values: { float: floats, int8: [1, 2, 3] } }],
      usage: {
        input: { total: 3, cacheRead: 0, cacheWrite: 0 },
        output: { total: 0, reasoning: 0 },
        raw: { units: 1 },
      },
      extensions: { other: {} },
    }
    expect(shown(response, ['base64'])).toEqual({ ...answer(base64), model: 'asked' })
  })

  test('usage counts the total where there is nothing else', () => {
    const { usage } = embeddings.decodeResponse({ data: [], usage: { total_tokens: 12 } })
    expect(usage).toMatchObject({ input: { total: 12 }, output: { total: 0 } })
    expect(embeddings.decodeResponse({ data: [], usage: {} }).usage).toBeUndefined()
  })

  test.each([[{}], [{ data: {} }], [{ data: [7] }], [{ detail: 'no' }]])('%j is none', (body) => {
    expect(() => embeddings.decodeResponse(body)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test('base64 that holds no floats is an upstream’s error', () => {
    expect(() => shown(embeddings.decodeResponse(answer('AAA=')), ['float'])).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    )
  })
})

property('vectors survive base64', fc.array(fc.float({ noNaN: true })), (floats) => {
  expect(toFloats(toBase64(floats)).map((value) => value + 0)).toEqual(floats.map((value) => value + 0))
})

const recorded = recordedCases({ providers: ['openai', 'azure', 'voyage'], endpoints: ['embeddings'] })
test.skipIf(recorded.length === 0).each(recorded)(
  '$name comes through the codec as it was',
  ({ request, response }) => {
    expect(encode(embeddings.decodeRequest(request!))).toEqual({ body: { ...request, model: 'm' }, dropped: [] })
    const decoded = embeddings.decodeResponse(response!)
    const context = { id: 'x', model: 'asked', request: embeddings.decodeRequest(request!) }
    expect(plain(embeddings.encodeResponse(decoded, context))).toEqual(
      // Voyage counts the total only, which OpenAI's clients look for in two places.
      response!.object && {
        ...response,
        usage: { prompt_tokens: decoded.usage!.input.total, ...(response!.usage as object) },
      },
    )
    const [first] = decoded.embeddings
    expect(toFloats(first!.values.base64 as string)).toHaveLength(
      Buffer.from(first!.values.base64 as string, 'base64').length / 4,
    )
  },
)
