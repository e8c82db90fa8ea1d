import type { JsonObject, RerankRequest, RerankResponse } from '@sluice/core'
import { recordedCases } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { JINA, VOYAGE } from '../src/rerank/form.ts'
import { rerankCodec } from '../src/rerank/index.ts'

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const codecs = { jina: rerankCodec(JINA), voyage: rerankCodec(VOYAGE) }
type Name = keyof typeof codecs

const requestOf = (fields: Partial<RerankRequest> = {}): RerankRequest => ({
  operation: 'rerank',
  model: 'm',
  stream: false,
  query: 'q',
  documents: ['a', 'b'],
  extensions: {},
  ...fields,
})

function encode(name: Name, request: RerankRequest): { body: unknown; dropped: string[] } {
  const dropped: string[] = []
  const body = codecs[name].encodeRequest(request, { model: 'm', drop: (param) => dropped.push(param) })
  return { body: plain(body), dropped }
}

describe('a request comes through the codec as it was', () => {
  const texts = { model: 'm', query: 'q', documents: ['a', 'b'] }
  test.each<[Name, JsonObject]>([
    ['jina', { ...texts, top_n: 1, return_documents: true, max_tokens_per_doc: 9 }],
    ['jina', { ...texts, top_n: null, rank_fields: ['text'], truncation: true }],
    ['jina', { ...texts, documents: ['a', { text: 'b', title: 'c' }] }],
    ['voyage', { ...texts, top_k: 1, return_documents: false, truncation: true }],
  ])('%s: %j', (name, body) => {
    expect(encode(name, codecs[name].decodeRequest(body))).toEqual({ body, dropped: [] })
  })
})

test('from other dialects, what no vendor takes is reported', () => {
  const request = requestOf({
    topN: 1,
    returnDocuments: true,
    maxTokensPerDocument: 9,
    extensions: { cohere: { priority: 1 } },
  })
  const { body, dropped } = encode('voyage', request)
  expect(body).toEqual({ model: 'm', query: 'q', documents: ['a', 'b'], top_k: 1, return_documents: true })
  expect(dropped.sort()).toEqual(['max_tokens_per_doc', 'priority'])
})

test.each<[JsonObject, string]>([
  [{ documents: ['a'] }, 'query'],
  [{ query: 'q' }, 'documents'],
  [{ query: 'q', documents: ['a', 7] }, 'documents[1]'],
  [{ query: 'q', documents: ['a'], top_n: '1' }, 'top_n'],
  [{ query: 'q', documents: ['a'], return_documents: 'yes' }, 'return_documents'],
])('%j is refused, and the field named', (body, param) => {
  const fault = expect.objectContaining({ code: 'invalid_request', param }) as Error
  expect(() => codecs.jina.decodeRequest({ model: 'm', ...body })).toThrow(fault)
})

describe('answers', () => {
  const response: RerankResponse = {
    operation: 'rerank',
    results: [
      { index: 1, score: 0.75 },
      { index: 0, score: 0.5, document: { text: 'mine' } },
    ],
    usage: { input: { total: 3, cacheRead: 0, cacheWrite: 0 }, output: { total: 0, reasoning: 0 } },
    extensions: { other: {} },
  }
  const shown = (request: Partial<RerankRequest>): unknown =>
    plain(codecs.jina.encodeResponse(response, { id: 'x', model: 'asked', request: requestOf(request) }))

  test('of another dialect have this form; documents come back if wanted', () => {
    expect(shown({ returnDocuments: true })).toEqual({
      model: 'asked',
      results: [
        { index: 1, relevance_score: 0.75, document: { text: 'b' } },
        { index: 0, relevance_score: 0.5, document: { text: 'mine' } },
      ],
      usage: { total_tokens: 3, prompt_tokens: 3 },
    })
    expect(shown({})).toMatchObject({ results: [{ index: 1, relevance_score: 0.75 }, {}] })
  })

  test('of Voyage are read', () => {
    const body = {
      object: 'list',
      data: [{ index: 1, relevance_score: 0.75, document: 'b' }],
      model: 'm',
      usage: { total_tokens: 26 },
    }
    const decoded = codecs.voyage.decodeResponse(body)
    expect(decoded).toMatchObject({
      model: 'm',
      results: [{ index: 1, score: 0.75, document: 'b' }],
      usage: { input: { total: 26 }, output: { total: 0 } },
    })
    expect(plain(codecs.voyage.encodeResponse(decoded, { id: 'x', model: 'a', request: requestOf() }))).toEqual(body)
  })

  test.each([[{}], [{ results: {} }], [{ results: [7] }], [{ results: [{ relevance_score: 1 }] }]])(
    '%j is none',
    (body) => {
      expect(() => codecs.jina.decodeResponse(body)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
    },
  )
})

const recorded = recordedCases({ endpoints: ['rerank'] })
test.skipIf(recorded.length === 0).each(recorded)(
  '$name comes through the codec as it was',
  ({ request, response }) => {
    const decoded = codecs.jina.decodeRequest(request!)
    expect(encode('jina', decoded)).toEqual({ body: { ...request, model: 'm' }, dropped: [] })
    const context = { id: 'x', model: 'asked', request: decoded }
    const back = plain(codecs.jina.encodeResponse(codecs.jina.decodeResponse(response!), context))
    // An answer that does not say which model it is of says the one that was asked.
    expect(back).toEqual({ model: 'asked', ...response })
  },
)
