import type { EmbeddingsRequest, EmbeddingsResponse, JsonObject } from '@sluice/core'
import { recordedCases } from '@sluice/core/testing'
import { plain } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { embed } from './support.ts'

const image = {
  type: 'image' as const,
  source: { kind: 'base64' as const, mediaType: 'image/png', data: 'iVBORw0KGgo=' },
}

/** A canonical request that no dialect wrote. */
function ask(inputs: EmbeddingsRequest['inputs'], more: Partial<EmbeddingsRequest> = {}): EmbeddingsRequest {
  return { operation: 'embeddings', model: 'alias', stream: false, inputs, extensions: {}, ...more }
}

const reply = (request: EmbeddingsRequest) => ({ id: 'x1', model: 'asked-for', request })
const cases = recordedCases({ providers: ['cohere'], endpoints: ['embeddings'] })

const RESPONSES: { readonly [name: string]: JsonObject } = {
  'several forms': {
    id: 'e1',
    texts: ['a', 'b'],
    embeddings: {
      float: [
        [0.5, -1],
        [0, 1],
      ],
      int8: [
        [1, 2],
        [3, 4],
      ],
      base64: ['AAAAPw==', 'AAAAAA=='],
    },
    meta: { api_version: { version: '2' }, billed_units: { input_tokens: 3 }, warnings: ['w'] },
    response_type: 'embeddings_by_type',
  },
  'images and forms that are not there': {
    id: 'e1',
    embeddings: { float: [[1]], int8: null },
    images: [{ width: 1, height: 1, format: 'png', bit_depth: 8 }],
    meta: { billed_units: { images: 1, image_tokens: 5, input_tokens: 2 } },
  },
  'vectors of version 1': { id: 'e1', embeddings: [[1], [2]], response_type: 'embeddings_floats' },
  nothing: { id: 'e1', embeddings: { float: [] } },
}

describe('an answer of Cohere’s', () => {
  const bodies = [...Object.entries(RESPONSES), ...cases.map(({ name, response }) => [name, response!] as const)]

  test.each(bodies)('comes back as it was: %s', (_, body) => {
    const back = plain(embed.encodeResponse(embed.decodeResponse(body), reply(ask(['a']))))
    expect(back).toEqual(body)
  })

  test('has a vector for each input, in every form', () => {
    expect(embed.decodeResponse(RESPONSES['several forms']!)).toMatchObject({
      id: 'e1',
      embeddings: [
        { index: 0, values: { float: [0.5, -1], int8: [1, 2], base64: 'AAAAPw==' } },
        { index: 1, values: { float: [0, 1], int8: [3, 4], base64: 'AAAAAA==' } },
      ],
      usage: { input: { total: 3 }, output: { total: 0 } },
    })
    expect(embed.decodeResponse(RESPONSES['vectors of version 1']!).embeddings).toEqual([
      { index: 0, values: { float: [1] } },
      { index: 1, values: { float: [2] } },
    ])
  })

  test('counts images beside texts', () => {
    const { usage } = embed.decodeResponse(RESPONSES['images and forms that are not there']!)
    expect(usage!.input).toEqual({ total: 7, cacheRead: 0, cacheWrite: 0, image: 5 })
  })

  test.each<[string, JsonObject]>([
    ['has none', { id: 'e1' }],
    ['has words for them', { id: 'e1', embeddings: 'many' }],
    ['is an error', { message: 'internal' }],
  ])('is an upstream’s error if it %s', (_, body) => {
    expect(() => embed.decodeResponse(body)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })
})

describe('an answer of another dialect', () => {
  const answer = (embeddings: EmbeddingsResponse['embeddings'], more: Partial<EmbeddingsResponse> = {}) => {
    return { operation: 'embeddings' as const, embeddings, extensions: {}, ...more }
  }
  const encodeAnswer = (response: EmbeddingsResponse, request: EmbeddingsRequest) =>
    plain(embed.encodeResponse(response, reply(request)))
  const half = { float: [0.5], base64: 'AAAAPw==' }

  test('is sorted by form, in the order of the inputs', () => {
    const embeddings = [
      { index: 1, values: { float: [2] } },
      { index: 0, values: { float: [1] } },
    ]
    const usage = { input: { total: 4, cacheRead: 0, cacheWrite: 0 }, output: { total: 0, reasoning: 0 } }
    expect(encodeAnswer(answer(embeddings, { model: 'm', usage }), ask(['a', 'b']))).toEqual({
      id: 'x1',
      embeddings: { float: [[1], [2]] },
      texts: ['a', 'b'],
      meta: { api_version: { version: '2' }, billed_units: { input_tokens: 4 } },
      response_type: 'embeddings_by_type',
    })
  })

  test.each<[string[] | undefined, keyof typeof half, JsonObject]>([
    [undefined, 'float', { float: [half.float] }],
    [undefined, 'base64', { float: [half.float] }],
    [['float', 'base64'], 'float', { float: [half.float], base64: [half.base64] }],
    [['base64', 'float'], 'base64', { float: [half.float], base64: [half.base64] }],
  ])('has the forms %j where the provider gave %s', (formats, given, expected) => {
    const response = answer([{ index: 0, values: { [given]: half[given] } }])
    expect(encodeAnswer(response, ask(['a'], formats && { formats })).embeddings).toEqual(expected)
  })

  test('is refused for a form that cannot be made', () => {
    const response = answer([{ index: 0, values: { float: [1] } }])
    expect(() => encodeAnswer(response, ask(['a'], { formats: ['int8'] }))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'embedding_types' }),
    )
  })

  test('is an upstream’s error if its bytes are no floats', () => {
    const response = answer([{ index: 0, values: { base64: 'AAA=' } }])
    expect(() => encodeAnswer(response, ask(['a']))).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test('repeats no images as texts', () => {
    expect(encodeAnswer(answer([{ index: 0, values: { float: [1] } }]), ask([[image]]))).not.toHaveProperty('texts')
  })

  const others = recordedCases({
    providers: ['openai', 'voyage', 'azure'],
    endpoints: ['embeddings'],
  })
  test.each(others.filter(({ status }) => status === 200).map(({ name, response }) => [name, response!] as const))(
    '%s reads as floats',
    (_, body) => {
      const data = body.data as { index: number; embedding: string }[]
      const response = answer(data.map(({ index, embedding }) => ({ index, values: { base64: embedding } })))
      const { float } = encodeAnswer(response, ask(data.map(() => 'a'))).embeddings as { float: number[][] }
      for (const [index, vector] of float.entries()) {
        const bytes = Buffer.from(data[index]!.embedding, 'base64')
        expect(vector).toHaveLength(bytes.length / 4)
        // Vectors of these models have the length 1.
        expect(Math.hypot(...vector)).toBeCloseTo(1, 2)
      }
      const back = encodeAnswer(
        answer(float.map((vector, index) => ({ index, values: { float: vector } }))),
        ask(
          data.map(() => 'a'),
          { formats: ['base64'] },
        ),
      )
      expect((back.embeddings as JsonObject).base64).toEqual(data.map(({ embedding }) => embedding))
    },
  )
})
