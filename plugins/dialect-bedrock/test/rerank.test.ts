import type { JsonObject, RerankRequest } from '@sluice/core'
import { recordedCases } from '@sluice/core/testing'
import { survives } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bedrock } from '../src/index.ts'

const codec = bedrock.codecs.rerank!
const COHERE = 'cohere.rerank-v3-5:0'
const AMAZON = 'arn:aws:bedrock:us-west-2::foundation-model/amazon.rerank-v1:0'

function encodeFor(model: string, request: Partial<RerankRequest>): { body: JsonObject; dropped: string[] } {
  const dropped: string[] = []
  const asked: RerankRequest = {
    operation: 'rerank',
    model: 'alias',
    stream: false,
    query: 'Q',
    documents: ['A', 'B'],
    extensions: {},
    ...request,
  }
  const body = codec.encodeRequest(asked, { model, drop: (param) => dropped.push(param) })
  return { body: JSON.parse(JSON.stringify(body)) as JsonObject, dropped }
}

const recorded = recordedCases({ providers: ['bedrock'], endpoints: ['invoke'] })

test.each(recorded.map((each) => [each.name, each] as const))(
  '%s is asked so, and read',
  (_, { request, response, meta }) => {
    const { query, documents, top_n: topN } = request as { query: string; documents: string[]; top_n: number }
    expect(encodeFor(meta.model, { query, documents, topN })).toEqual({ body: request, dropped: [] })
    const { results } = response as { results: { index: number; relevance_score: number }[] }
    expect(codec.decodeResponse(response!)).toEqual({
      operation: 'rerank',
      results: results.map(({ index, relevance_score: score }) => ({ index, score })),
      extensions: { bedrock: {} },
    })
  },
)

describe('a request', () => {
  const all = { topN: 1, returnDocuments: true, maxTokensPerDocument: 100, extensions: { cohere: { priority: 1 } } }
  test.each<[string, Partial<RerankRequest>, JsonObject, string[]]>([
    [COHERE, {}, { query: 'Q', documents: ['A', 'B'], api_version: 2 }, []],
    [
      COHERE,
      all,
      { query: 'Q', documents: ['A', 'B'], top_n: 1, max_tokens_per_doc: 100, api_version: 2 },
      ['priority'],
    ],
    [AMAZON, all, { query: 'Q', documents: ['A', 'B'], top_n: 1 }, ['max_tokens_per_doc', 'priority']],
    [
      AMAZON,
      { documents: [{ text: 'A' }, { text: 'B', title: 'T' }, { n: 1 }] },
      { query: 'Q', documents: ['A', '{"text":"B","title":"T"}', '{"n":1}'] },
      [],
    ],
  ])('for %s: %j', (model, request, body, dropped) => expect(encodeFor(model, request)).toEqual({ body, dropped }))

  test('for a model that does not rerank is refused', () => {
    expect(() => encodeFor('cohere.embed-v4:0', {})).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'model' }),
    )
  })
})

test('an answer, whatever it is, has results or is the upstream’s error', () => {
  const result = fc.dictionary(fc.constantFrom('index', 'relevance_score', 'document'), fc.jsonValue())
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.oneof(result, fc.jsonValue())), fc.jsonValue()), (results) => {
      survives(() => {
        for (const { index, score } of codec.decodeResponse({ results }).results)
          expect([typeof index, typeof score]).toEqual(['number', 'number'])
      }, 'upstream_error')
    }),
  )
})
