import type { EmbeddingsRequest, ImagePart, JsonObject } from '@sluice/core'
import { survives } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bedrock } from '../src/index.ts'

const codec = bedrock.codecs.embeddings!
const TITAN_1 = 'amazon.titan-embed-text-v1'
const TITAN_2 = 'amazon.titan-embed-text-v2:0'
const TITAN_IMAGE = 'amazon.titan-embed-image-v1'
const COHERE_3 = 'cohere.embed-english-v3'
const COHERE_4 = 'us.cohere.embed-v4:0'
const png: ImagePart = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } }
const link: ImagePart = { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } }
const text = (text: string) => ({ type: 'text' as const, text })

function encodeFor(model: string, request: Partial<EmbeddingsRequest>): { body: JsonObject; dropped: string[] } {
  const dropped: string[] = []
  const whole: EmbeddingsRequest = {
    operation: 'embeddings',
    model: 'alias',
    stream: false,
    inputs: ['Hi'],
    extensions: {},
    ...request,
  }
  const body = codec.encodeRequest(whole, { model, drop: (param) => dropped.push(param) })
  return { body: JSON.parse(JSON.stringify(body)) as JsonObject, dropped }
}

const ALL: Partial<EmbeddingsRequest> = {
  dimensions: 256,
  formats: ['int8'],
  purpose: 'query',
  truncate: 'start',
  user: 'u',
  extensions: { cohere: { priority: 1 } },
}

describe('a request has the form of its model', () => {
  test.each<[string, string, Partial<EmbeddingsRequest>, JsonObject, string[]]>([
    ['a text', TITAN_1, {}, { inputText: 'Hi' }, []],
    [
      'all that there is',
      TITAN_1,
      ALL,
      { inputText: 'Hi' },
      ['user', 'priority', 'embedding_types', 'input_type', 'truncate', 'dimensions'],
    ],
    ['what holds anyway', TITAN_1, { formats: ['base64'], truncate: 'none' }, { inputText: 'Hi' }, []],
    ['a length', TITAN_2, { dimensions: 256 }, { inputText: 'Hi', dimensions: 256 }, []],
    ['texts that belong together', TITAN_2, { inputs: [[text('A'), text('B')]] }, { inputText: 'A\nB' }, []],
    [
      'a text and a length',
      TITAN_IMAGE,
      { dimensions: 384 },
      { inputText: 'Hi', embeddingConfig: { outputEmbeddingLength: 384 } },
      [],
    ],
    ['an image', TITAN_IMAGE, { inputs: [[png]] }, { inputImage: 'iVBORw0KGgo=' }, []],
    ['both', TITAN_IMAGE, { inputs: [[png, text('A')]] }, { inputText: 'A', inputImage: 'iVBORw0KGgo=' }, []],
    ['texts', COHERE_3, { inputs: ['A', 'B'] }, { texts: ['A', 'B'], input_type: 'search_document' }, []],
    [
      'all that there is',
      COHERE_3,
      ALL,
      { texts: ['Hi'], input_type: 'search_query', embedding_types: ['int8'], truncate: 'START' },
      ['user', 'priority', 'dimensions'],
    ],
    [
      'an image',
      COHERE_3,
      { inputs: [[png]], purpose: 'query' },
      { images: ['data:image/png;base64,iVBORw0KGgo='], input_type: 'image' },
      [],
    ],
    [
      'base64',
      COHERE_3,
      { formats: ['base64', 'float'] },
      { texts: ['Hi'], input_type: 'search_document', embedding_types: ['float'] },
      [],
    ],
    [
      'strange words',
      COHERE_3,
      { formats: ['odd'], purpose: 'odd', truncate: 'odd' },
      { texts: ['Hi'], input_type: 'search_document' },
      ['embedding_types', 'input_type', 'truncate'],
    ],
    [
      'all that there is',
      COHERE_4,
      ALL,
      { texts: ['Hi'], input_type: 'search_query', embedding_types: ['int8'], output_dimension: 256, truncate: 'LEFT' },
      ['user', 'priority'],
    ],
    [
      'texts and images',
      COHERE_4,
      { inputs: ['A', [text('B'), png]] },
      {
        inputs: [
          { content: [{ type: 'text', text: 'A' }] },
          {
            content: [
              { type: 'text', text: 'B' },
              { type: 'image_url', image_url: 'data:image/png;base64,iVBORw0KGgo=' },
            ],
          },
        ],
        input_type: 'search_document',
      },
      [],
    ],
  ])('%s for %s', (_, model, request, body, dropped) => expect(encodeFor(model, request)).toEqual({ body, dropped }))

  test.each<[string, string, EmbeddingsRequest['inputs'], string]>([
    ['several inputs', TITAN_1, ['A', 'B'], 'input'],
    ['several inputs', TITAN_2, ['A', 'B'], 'input'],
    ['several inputs', TITAN_IMAGE, [[png], 'B'], 'input'],
    ['no input', TITAN_2, [], 'input'],
    ['token ids', TITAN_2, [[1, 2]], 'input[0]'],
    ['token ids', COHERE_4, ['A', [1, 2]], 'input[1]'],
    ['an image', TITAN_2, [[png]], 'input[0]'],
    ['two images', TITAN_IMAGE, [[png, png]], 'input[0]'],
    ['an image among texts', COHERE_3, ['A', [png]], 'input[1]'],
    ['an image at an address', COHERE_4, [[link]], 'input[0]'],
    ['a file', COHERE_4, [[{ type: 'file', source: { kind: 'file', id: 'f' } }]], 'input[0]'],
    ['anything', 'anthropic.claude-sonnet-4-5-v1:0', ['A'], 'model'],
  ])('but %s is refused by %s', (_, model, inputs, param) => {
    expect(() => encodeFor(model, { inputs })).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})

describe('an answer', () => {
  test('of Titan has one vector, and its worth', () => {
    const body = { embedding: [0.5, -1], embeddingsByType: { float: [0.5, -1] }, inputTextTokenCount: 3 }
    expect(codec.decodeResponse(body)).toMatchObject({
      operation: 'embeddings',
      embeddings: [{ index: 0, values: { float: [0.5, -1] } }],
      usage: { input: { total: 3, cacheRead: 0, cacheWrite: 0 }, output: { total: 0 } },
    })
  })

  test('of Cohere is a list of floats, or lists by their form', () => {
    expect(
      codec.decodeResponse({ id: 'e1', texts: ['a'], response_type: 'embeddings_floats', embeddings: [[1], [2]] }),
    ).toEqual({
      operation: 'embeddings',
      id: 'e1',
      embeddings: [
        { index: 0, values: { float: [1] } },
        { index: 1, values: { float: [2] } },
      ],
      extensions: { bedrock: {} },
    })
    const embeddings = { float: [[0.1], [0.2]], int8: [[1], [2]] }
    expect(codec.decodeResponse({ embeddings, response_type: 'embeddings_by_type' }).embeddings).toEqual([
      { index: 0, values: { float: [0.1], int8: [1] } },
      { index: 1, values: { float: [0.2], int8: [2] } },
    ])
  })

  test('whatever it is, has its vectors numbered from 0, or is the upstream’s error', () => {
    const lists = fc.array(fc.oneof(fc.array(fc.double()), fc.jsonValue()), { maxLength: 4 })
    const field = fc.oneof(fc.jsonValue(), lists, fc.dictionary(fc.constantFrom('float', 'int8', '__proto__'), lists))
    const key = fc.constantFrom('embedding', 'embeddings', 'inputTextTokenCount', 'id', 'message')
    fc.assert(
      fc.property(fc.dictionary(key, field), (body) => {
        survives(() => {
          const { embeddings } = codec.decodeResponse(body)
          expect(embeddings.map(({ index }) => index)).toEqual([...embeddings.keys()])
          for (const { values } of embeddings)
            expect(Object.values(values).every((vector) => Array.isArray(vector))).toBe(true)
        }, 'upstream_error')
      }),
    )
  })
})

test('no client of Bedrock asks for it in its own words: that is a mistake, and no crash', () => {
  for (const ask of [
    () => codec.decodeRequest({}),
    () => codec.inspect({}, Buffer.alloc(0), { path: '/', params: {} }),
  ])
    expect(ask).toThrow(expect.objectContaining({ code: 'invalid_request' }))
})
