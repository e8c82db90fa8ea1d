import type { CountTokensRequest, JsonObject } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { plain, says } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { gemini } from '../src/index.ts'
import { base, BODIES } from './bodies.ts'

const codec = gemini.codecs['count-tokens']!
const inspect = (body: JsonObject) => codec.inspect(body, Buffer.from(JSON.stringify(body)), PLACE)

function encode(request: CountTokensRequest, model = 'sample-model') {
  const dropped: string[] = []
  const body = plain(codec.encodeRequest(request, { model, drop: (param) => dropped.push(param) }))
  return { body, dropped }
}

/** A whole request, as the API wants it here. */
const whole = (request: JsonObject): JsonObject => ({
  generateContentRequest: { model: 'models/sample-model', ...request },
})

describe('a request to count tokens', () => {
  for (const [what, body] of Object.entries(BODIES)) {
    test(`goes out as it came: ${what}`, () => {
      const wire = whole(body)
      expect(inspect(wire)).toMatchObject({ model: 'sample-model', stream: false })
      expect(encode(codec.decodeRequest(wire))).toEqual({ body: wire, dropped: [] })
    })
  }

  test('of mere contents stays one', () => {
    expect(inspect(base)).toEqual({ model: 'sample-model', stream: false })
    expect(encode(codec.decodeRequest(base))).toEqual({ body: base, dropped: [] })
  })

  test('in snake_case means the same, and what nobody knows is kept', () => {
    const { body } = encode(codec.decodeRequest({ generate_content_request: base, mood: 'good' }))
    expect(body).toEqual({ ...whole(base), mood: 'good' })
  })

  test('is the chat that it asks about', () => {
    const request = codec.decodeRequest(whole({ ...base, systemInstruction: { parts: [{ text: 'Be brief.' }] } }))
    expect(request).toMatchObject({
      operation: 'count-tokens',
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
      ],
    })
    expect(Object.keys(request.extensions.gemini!)).toEqual([])
  })

  test('from another dialect is a whole request, unless it has only contents', () => {
    const request: CountTokensRequest = {
      operation: 'count-tokens',
      model: 'alias',
      stream: false,
      messages: [says('user', 'Hi')],
      extensions: { anthropic: {} },
    }
    expect(encode(request)).toEqual({ body: base, dropped: [] })
    expect(encode({ ...request, tools: [{ type: 'function', name: 'f' }], maxTokens: 5 }, 'tunedModels/mine')).toEqual({
      body: {
        generateContentRequest: {
          model: 'tunedModels/mine',
          ...base,
          tools: [{ functionDeclarations: [{ name: 'f' }] }],
        },
      },
      dropped: [],
    })
  })

  test.each<[JsonObject, param: string]>([
    [{}, 'contents'],
    [{ contents: [] }, 'contents'],
    [{ contents: 'Hi' }, 'contents'],
    [whole({}), 'generateContentRequest.contents'],
    [{ generateContentRequest: 1 }, 'generateContentRequest'],
    [{ ...base, ...whole(base) }, 'contents'],
    [whole({ ...base, model: 'models/other' }), 'generateContentRequest.model'],
    [{ ...whole(base), model: 'other' }, 'model'],
    [{ ...whole(base), generate_content_request: {} }, 'generate_content_request'],
  ])('%j is refused for its %s', (body, param) => {
    expect(() => inspect(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  test('for a target of another name says that name wherever it says one', () => {
    const rename = (body: JsonObject): unknown =>
      JSON.parse(codec.withModel(Buffer.from(JSON.stringify(body)), 'gemini-2.5-pro').toString())
    expect(rename(base)).toEqual(base)
    expect(rename({ ...base, model: 'alias' })).toEqual({ ...base, model: 'models/gemini-2.5-pro' })
    expect(rename({ generate_content_request: { model: 'models/alias' } })).toEqual({
      generate_content_request: { model: 'models/gemini-2.5-pro' },
    })
  })
})

describe('a count', () => {
  const context = { id: 'x', model: 'm', request: codec.decodeRequest(base) }

  test('goes out as it came, with all that it says', () => {
    const body = {
      totalTokens: 31,
      cachedContentTokenCount: 7,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 31 }],
      totalBillableCharacters: 96,
    }
    const response = codec.decodeResponse(body)
    expect(response).toMatchObject({ operation: 'count-tokens', inputTokens: 31 })
    expect(plain(codec.encodeResponse(response, context))).toEqual(body)
  })

  test('of another dialect is Gemini’s', () => {
    const response = { operation: 'count-tokens', inputTokens: 5, extensions: { anthropic: {} } } as const
    expect(codec.encodeResponse(response, context)).toEqual({ totalTokens: 5 })
  })

  test.each([{}, { totalTokens: '5' }, { candidates: [] }])('%j is none', (body) => {
    expect(() => codec.decodeResponse(body)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test('may be an error in a 200', () => {
    expect(() => codec.decodeResponse({ error: { code: 429, message: 'Slow down' } })).toThrow(
      expect.objectContaining({ code: 'rate_limit_exceeded' }),
    )
  })
})
