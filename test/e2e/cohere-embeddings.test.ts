/** Embeddings and rankings where the client is of one vendor and the upstream of another. */
import { json } from '@sluice/core/testing'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCohereStage, refusal } from '../support/cohere-stage.ts'
import type { CohereStage } from '../support/cohere-stage.ts'

let stage: CohereStage
beforeAll(async () => {
  stage = await openCohereStage()
})
afterAll(() => stage[Symbol.asyncDispose]())

const once = { maxRetries: 0 }

describe('embeddings of OpenAI’s models, for Cohere’s client,', () => {
  const floats = [0.5, -1]
  const bytes = Buffer.from(new Float32Array(floats).buffer).toString('base64')
  const reply = json({
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding: floats }],
    model: 'text-embedding-3-small',
    usage: { prompt_tokens: 3, total_tokens: 3 },
  })
  const request = { model: 'openai/text-embedding-3-small', texts: ['a'], inputType: 'search_query' as const }

  test('come in its form', async () => {
    stage.upstreams.openai.reply(reply)
    const { embeddings, texts, meta } = await stage.client.embed({
      ...request,
      embeddingTypes: ['float', 'base64'],
      outputDimension: 2,
    })
    expect(embeddings).toEqual({ float: [floats], base64: [bytes] })
    expect([texts, meta?.billedUnits?.inputTokens]).toEqual([['a'], 3])
    expect(stage.asked('openai')).toMatchObject({ input: ['a'], dimensions: 2 })
  })

  test('are refused in a form that it does not have', async () => {
    const before = stage.upstreams.openai.requests.length
    const { statusCode } = await refusal(stage.client.embed({ ...request, embeddingTypes: ['int8'] }, once))
    expect(statusCode).toBe(400)
    expect(stage.upstreams.openai.requests).toHaveLength(before)
  })
})

describe('OpenAI’s client gets embeddings of Cohere’s models', () => {
  const floats = [0.5, -1]
  const base64 = Buffer.from(new Float32Array(floats).buffer).toString('base64')
  const answer = { id: 'e1', meta: { billed_units: { input_tokens: 3 } }, response_type: 'embeddings_by_type' }

  test.each<[string, object, string, object]>([
    ['floats', { encoding_format: 'float' }, 'float', { float: [floats] }],
    ['floats in base64, unasked', {}, 'base64', { base64: [base64] }],
    ['floats where base64 was wanted', {}, 'base64', { float: [floats] }],
  ])('%s', async (_, more, format, embeddings) => {
    stage.upstreams.cohere.reply(json({ ...answer, embeddings }))
    const openai = new OpenAI({ apiKey: 'sk-client', baseURL: `${stage.url}/v1`, maxRetries: 0 })
    const { data, usage } = await openai.embeddings.create({
      model: 'cohere/embed-v4.0',
      input: ['a'],
      dimensions: 2,
      ...more,
    })
    expect(data).toMatchObject([{ index: 0, embedding: floats }])
    expect(usage.prompt_tokens).toBe(3)
    expect(stage.asked('cohere')).toEqual({
      model: 'embed-v4.0',
      texts: ['a'],
      input_type: 'search_document',
      embedding_types: [format],
      output_dimension: 2,
    })
  })
})

test('a client of another reranker gets Cohere’s ranking, with its own documents', async () => {
  const results = [{ index: 1, relevance_score: 0.9 }]
  stage.upstreams.cohere.reply(json({ id: 'r1', results, meta: { billed_units: { search_units: 1 } } }))
  const documents = ['Athens', { text: 'Paris' }]
  const reply = await fetch(`${stage.url}/v1/rerank`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'cohere/rerank-v3.5',
      query: 'France?',
      documents,
      top_n: 1,
      return_documents: true,
    }),
  })
  expect([reply.status, await reply.json()]).toMatchObject([
    200,
    { results: [{ index: 1, relevance_score: 0.9, document: { text: 'Paris' } }] },
  ])
  expect(stage.asked('cohere')).toEqual({
    model: 'rerank-v3.5',
    query: 'France?',
    documents: ['Athens', 'Paris'],
    top_n: 1,
  })
})
