import type { EmbeddingsRequest, JsonObject } from '@sluice/core'
import { PLACE, recordedCases } from '@sluice/core/testing'
import { encodeWith } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { embed } from './support.ts'

const model = 'command-a'
const PIXEL = 'data:image/png;base64,iVBORw0KGgo='
const image = {
  type: 'image' as const,
  source: { kind: 'base64' as const, mediaType: 'image/png', data: 'iVBORw0KGgo=' },
}
const text = (words: string) => ({ type: 'text' as const, text: words })

/** A canonical request that no dialect wrote. */
function ask(inputs: EmbeddingsRequest['inputs'], more: Partial<EmbeddingsRequest> = {}): EmbeddingsRequest {
  return { operation: 'embeddings', model: 'alias', stream: false, inputs, extensions: {}, ...more }
}

const encode = (request: EmbeddingsRequest) => encodeWith(embed, model, request)
const cases = recordedCases({ providers: ['cohere'], endpoints: ['embeddings'] })

/** After the API reference (https://docs.cohere.com/v2/reference/embed). */
const REQUESTS: { readonly [name: string]: JsonObject } = {
  texts: { model, texts: ['a', ''], input_type: 'search_document' },
  'every parameter': {
    model,
    texts: ['a'],
    input_type: 'search_query',
    embedding_types: ['float', 'int8', 'uint8', 'binary', 'ubinary', 'base64'],
    output_dimension: 256,
    max_tokens: 100,
    truncate: 'START',
    priority: 3,
  },
  images: { model, images: [PIXEL], input_type: 'image' },
  'images to search for': { model, images: [PIXEL, 'https://example.com/cat.png'], input_type: 'search_document' },
  contents: {
    model,
    inputs: [
      {
        content: [
          { type: 'text', text: 'a' },
          { type: 'image_url', image_url: { url: PIXEL, detail: 'low' } },
        ],
      },
      { content: [{ type: 'text', text: 'b' }], note: 'more' },
    ],
    input_type: 'clustering',
  },
  nulls: {
    model,
    texts: ['a'],
    images: null,
    inputs: null,
    embedding_types: null,
    truncate: null,
    output_dimension: null,
  },
  'words that nobody knows': {
    model,
    texts: ['a'],
    input_type: 'ranking',
    truncate: 'MIDDLE',
    embedding_types: ['int4'],
  },
}

describe('a request of a Cohere client', () => {
  const bodies = [...Object.entries(REQUESTS), ...cases.map(({ name, request }) => [name, request!] as const)]

  test.each(bodies)('comes back as it was: %s', (_, body) => {
    expect(embed.inspect(body, Buffer.from(JSON.stringify(body)), PLACE)).toEqual({ model: body.model, stream: false })
    expect(encode(embed.decodeRequest(body))).toEqual({ body: { ...body, model }, dropped: {} })
  })

  test('says what any dialect can say', () => {
    expect(embed.decodeRequest(REQUESTS['every parameter']!)).toMatchObject({
      operation: 'embeddings',
      inputs: ['a'],
      purpose: 'query',
      formats: ['float', 'int8', 'uint8', 'binary', 'ubinary', 'base64'],
      dimensions: 256,
      truncate: 'start',
      extensions: { cohere: { max_tokens: 100, priority: 3 } },
    })
    const { inputs } = embed.decodeRequest(REQUESTS.contents!)
    expect(inputs).toMatchObject([[text('a'), { ...image, detail: 'low' }], [text('b')]])
    expect(embed.decodeRequest(REQUESTS.images!)).toMatchObject({ inputs: [[image]] })
    expect(embed.decodeRequest(REQUESTS.images!)).not.toHaveProperty('purpose')
  })

  test('keeps its other words when its inputs are changed', () => {
    const request = embed.decodeRequest(REQUESTS['every parameter']!)
    expect(encode({ ...request, inputs: ['[name]'] }).body).toEqual({
      ...REQUESTS['every parameter'],
      texts: ['[name]'],
    })
  })

  test.each<[string, JsonObject, string]>([
    ['nothing to embed', {}, 'texts'],
    ['empty lists', { texts: [], images: [] }, 'texts'],
    ['two kinds of input', { texts: ['a'], images: [PIXEL] }, 'images'],
    ['texts that are none', { texts: ['a', 1] }, 'texts[1]'],
    ['a text alone', { texts: 'a' }, 'texts'],
    ['an image that is no address', { images: [{}] }, 'images[0]'],
    ['an input that is no object', { inputs: ['a'] }, 'inputs[0]'],
    ['an input without content', { inputs: [{}] }, 'inputs[0].content'],
    ['an item without text', { inputs: [{ content: [{ type: 'text' }] }] }, 'inputs[0].content[0].text'],
    ['dimensions in words', { texts: ['a'], output_dimension: 'many' }, 'output_dimension'],
    ['forms that are no words', { texts: ['a'], embedding_types: [1] }, 'embedding_types[0]'],
    ['a purpose that is no word', { texts: ['a'], input_type: 1 }, 'input_type'],
    ['a truncation that is no word', { texts: ['a'], truncate: true }, 'truncate'],
  ])('is refused for %s', (_, body, param) => {
    expect(() => embed.decodeRequest({ model, ...body })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    )
  })

  test.each<[string, string, string]>([
    ['no model', '{"texts":["a"]}', 'model'],
    ['an empty model', '{"model":"","texts":["a"]}', 'model'],
    ['two models', '{"model":"a","model":"b","texts":["a"]}', 'model'],
    ['nothing to embed', '{"model":"a"}', 'texts'],
  ])('is refused unread for %s', (_, json, param) => {
    expect(() => embed.inspect(JSON.parse(json) as JsonObject, Buffer.from(json), PLACE)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    )
  })

  test('goes up with another name of the model, and nothing else changed', () => {
    const bytes = Buffer.from('{ "texts":["\\u0061"],"model":"a" }')
    expect(embed.withModel(bytes, 'b').toString()).toBe('{ "texts":["\\u0061"],"model":"b" }')
  })
})

describe('a request of another dialect', () => {
  const plainly = { input_type: 'search_document', embedding_types: ['float'] }

  test.each<[string, EmbeddingsRequest, JsonObject]>([
    ['texts', ask(['a', 'b']), { texts: ['a', 'b'], ...plainly }],
    ['texts in parts', ask([[text('a')], 'b']), { texts: ['a', 'b'], ...plainly }],
    ['several texts in parts', ask([[text('a'), text('b')]]), { texts: ['a\nb'], ...plainly }],
    ['images', ask([[image], [image]]), { images: [PIXEL, PIXEL], ...plainly, input_type: 'image' }],
    [
      'images with a purpose',
      ask([[image]], { purpose: 'query' }),
      { images: [PIXEL], ...plainly, input_type: 'search_query' },
    ],
    [
      'texts with images',
      ask(['a', [text('b'), image]]),
      {
        inputs: [
          { content: [{ type: 'text', text: 'a' }] },
          {
            content: [
              { type: 'text', text: 'b' },
              { type: 'image_url', image_url: { url: PIXEL } },
            ],
          },
        ],
        ...plainly,
      },
    ],
    ['dimensions', ask(['a'], { dimensions: 512 }), { texts: ['a'], ...plainly, output_dimension: 512 }],
    ['a form', ask(['a'], { formats: ['base64'] }), { texts: ['a'], ...plainly, embedding_types: ['base64'] }],
    ['no form', ask(['a'], { formats: [] }), { texts: ['a'], ...plainly }],
    ['a truncation', ask(['a'], { truncate: 'none' }), { texts: ['a'], ...plainly, truncate: 'NONE' }],
    ...(['query', 'document', 'classification', 'clustering'] as const).map(
      (purpose): [string, EmbeddingsRequest, JsonObject] => [
        `the purpose ${purpose}`,
        ask(['a'], { purpose }),
        {
          texts: ['a'],
          ...plainly,
          input_type: { query: 'search_query', document: 'search_document' }[purpose as string] ?? purpose,
        },
      ],
    ),
  ])('carries %s', (_, request, body) => {
    expect(encode(request)).toEqual({ body: { model, ...body }, dropped: {} })
  })

  test.each<[string, Partial<EmbeddingsRequest>, string[]]>([
    ['a user', { user: 'u' }, ['user']],
    ['a purpose that only others know', { purpose: 'RETRIEVAL_CODE' }, ['input_type']],
    ['a form that only others know', { formats: ['int4', 'float'] }, ['embedding_types']],
    ['a truncation that only others know', { truncate: 'middle' }, ['truncate']],
    ['fields that only others know', { extensions: { 'openai-chat': { store: true, none: null } } }, ['store']],
  ])('is told that %s is left out', (_, more, dropped) => {
    const encoded = encode(ask(['a'], more))
    expect(Object.keys(encoded.dropped)).toEqual(dropped)
    expect(encoded.body).toEqual({ model, texts: ['a'], ...plainly })
  })

  test.each<[string, EmbeddingsRequest['inputs']]>([
    ['token ids', ['a', [1, 2]]],
    ['sound', [[{ type: 'audio', source: { kind: 'url', url: 'u' } }]]],
    ['images that another provider holds', [[{ type: 'image', source: { kind: 'file', id: 'f' } }]]],
  ])('is refused for %s', (_, inputs) => {
    expect(() => encode(ask(inputs))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: `input[${inputs.length - 1}]` }),
    )
  })
})
