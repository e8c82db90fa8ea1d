import type { JsonObject, RerankRequest, RerankResponse } from '@sluice/core'
import { PLACE, recordedCases } from '@sluice/core/testing'
import { encodeWith, plain } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { rerank } from './support.ts'

const model = 'command-a'
const documents = ['Athens', 'Paris']

/** A canonical request that no dialect wrote. */
function ask(more: Partial<RerankRequest> = {}): RerankRequest {
  return { operation: 'rerank', model: 'alias', stream: false, query: 'France?', documents, extensions: {}, ...more }
}

const encode = (request: RerankRequest) => encodeWith(rerank, model, request)
const reply = (request = ask()) => ({ id: 'x1', model: 'asked-for', request })
const cases = recordedCases({ providers: ['cohere', 'openrouter'], endpoints: ['rerank'] })

describe('a request of a Cohere client', () => {
  const bodies: (readonly [string, JsonObject])[] = [
    ['plain', { model, query: 'q', documents }],
    ['every parameter', { model, query: '', documents, top_n: 1, max_tokens_per_doc: 9, priority: 1 }],
    [
      'version 1',
      { model, query: 'q', documents: [{ text: 'a' }, 'b'], return_documents: true, rank_fields: ['text'] },
    ],
    ...cases.map(({ name, request }) => [name, request!] as const),
  ]

  test.each(bodies)('comes back as it was: %s', (_, body) => {
    expect(rerank.inspect(body, Buffer.from(JSON.stringify(body)), PLACE)).toEqual({ model: body.model, stream: false })
    expect(encode(rerank.decodeRequest(body))).toEqual({ body: { ...body, model }, dropped: {} })
  })

  test('says what any dialect can say', () => {
    expect(rerank.decodeRequest({ ...bodies[1]![1], return_documents: false })).toMatchObject({
      operation: 'rerank',
      query: '',
      documents,
      topN: 1,
      returnDocuments: false,
      maxTokensPerDocument: 9,
      extensions: { cohere: { priority: 1 } },
    })
  })

  test.each<[string, JsonObject, string]>([
    ['no query', { query: undefined }, 'query'],
    ['no documents', { documents: undefined }, 'documents'],
    ['a document that is none', { documents: ['a', 1] }, 'documents[1]'],
    ['a number that is none', { top_n: '3' }, 'top_n'],
  ])('is refused for %s', (_, body, param) => {
    expect(() => rerank.decodeRequest({ model, query: 'q', documents, ...body })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    )
  })

  test.each<[string, string, string]>([
    ['two models', '{"model":"a","model":"b","query":"q","documents":["a"]}', 'model'],
    ['no query', '{"model":"a","documents":["a"]}', 'query'],
    ['nothing to rank', '{"model":"a","query":"q","documents":[]}', 'documents'],
  ])('is refused unread for %s', (_, json, param) => {
    expect(() => rerank.inspect(JSON.parse(json) as JsonObject, Buffer.from(json), PLACE)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    )
  })
})

describe('a request of another dialect', () => {
  test.each<[string, RerankRequest, JsonObject]>([
    ['texts', ask(), {}],
    ['limits', ask({ topN: 1, maxTokensPerDocument: 9 }), { top_n: 1, max_tokens_per_doc: 9 }],
    ['a document of one field', ask({ documents: [{ text: 'a' }] }), { documents: ['a'] }],
    ['a document of fields', ask({ documents: [{ title: 'T', pages: 3 }] }), { documents: ['title: T\npages: 3'] }],
    ['nothing of documents that are wanted back', ask({ returnDocuments: true }), {}],
  ])('carries %s', (_, request, body) => {
    expect(encode(request)).toEqual({ body: { model, query: 'France?', documents, ...body }, dropped: {} })
  })

  test('is told of fields that only others know', () => {
    expect(encode(ask({ extensions: { voyage: { truncation: true } } })).dropped).toHaveProperty('truncation')
  })
})

describe('an answer of Cohere’s', () => {
  test.each(cases.map(({ name, response }) => [name, response!] as const))('comes back as it was: %s', (_, body) => {
    expect(plain(rerank.encodeResponse(rerank.decodeResponse(body), reply()))).toEqual(body)
  })

  test('is a ranking', () => {
    const body = {
      id: 'r1',
      results: [{ index: 1, relevance_score: 0.9, document: { text: 'Paris' }, note: 'n' }],
      meta: { billed_units: { search_units: 1 } },
    }
    expect(rerank.decodeResponse(body)).toMatchObject({
      id: 'r1',
      results: [{ index: 1, score: 0.9, document: { text: 'Paris' }, extensions: { cohere: { note: 'n' } } }],
      // Searches are paid for by number, not by token.
      usage: { input: { total: 0 }, output: { total: 0 }, raw: { billed_units: { search_units: 1 } } },
    })
  })

  test.each<[string, JsonObject, number | undefined]>([
    ['tokens', { meta: { billed_units: { input_tokens: 7 } } }, 7],
    ['tokens that were seen', { meta: { tokens: { input_tokens: 5 } } }, 5],
    ['tokens of others', { usage: { total_tokens: 9 } }, 9],
    ['nothing', { meta: { api_version: {} } }, undefined],
  ])('counts %s', (_, body, total) => {
    expect(rerank.decodeResponse({ results: [], ...body }).usage?.input.total).toBe(total)
  })

  test.each<[string, JsonObject]>([
    ['has no results', { id: 'r1' }],
    ['has a result without place', { results: [{ relevance_score: 1 }] }],
    ['has a result without score', { results: [{ index: 0 }] }],
    ['has a result that is none', { results: [null] }],
    ['is an error', { message: 'internal' }],
  ])('is an upstream’s error if it %s', (_, body) => {
    expect(() => rerank.decodeResponse(body)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })
})

describe('an answer of another dialect', () => {
  const answer = (more: Partial<RerankResponse> = {}): RerankResponse => {
    return { operation: 'rerank', results: [{ index: 1, score: 0.9 }], extensions: {}, ...more }
  }

  test('is in Cohere’s form', () => {
    const usage = { input: { total: 7, cacheRead: 0, cacheWrite: 0 }, output: { total: 0, reasoning: 0 } }
    expect(plain(rerank.encodeResponse(answer({ usage }), reply()))).toEqual({
      id: 'x1',
      results: [{ index: 1, relevance_score: 0.9 }],
      meta: { api_version: { version: '2' }, billed_units: { input_tokens: 7 } },
    })
  })

  test.each<[string, RerankResponse, Partial<RerankRequest>, unknown]>([
    ['the provider sends', answer({ results: [{ index: 0, score: 1, document: 'a' }] }), {}, { text: 'a' }],
    ['the client wants', answer(), { returnDocuments: true }, { text: 'Paris' }],
    ['are objects', answer(), { returnDocuments: true, documents: ['', { city: 'Paris' }] }, { city: 'Paris' }],
    ['the client wants, if they are there', answer(), { returnDocuments: true, documents: [] }, undefined],
  ])('has documents that %s', (_, response, request, document) => {
    const { results } = rerank.encodeResponse(response, reply(ask(request)))
    expect((results as JsonObject[])[0]!.document).toEqual(document)
  })
})
