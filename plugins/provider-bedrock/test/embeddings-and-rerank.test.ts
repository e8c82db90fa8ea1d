import type { EmbeddingsRequest, EmbeddingsResponse, RerankRequest, RerankResponse } from '@sluice/core'
import { json, recordedCases, replayCase } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { OpenAI, openStageForOpenAI } from './peers.ts'
import { openStage } from './stage.ts'

describe('embeddings', () => {
  const request: EmbeddingsRequest = {
    operation: 'embeddings',
    model: 'bedrock/amazon.titan-embed-text-v2:0',
    stream: false,
    inputs: ['Hi'],
    dimensions: 256,
    extensions: {},
  }

  test('are asked of InvokeModel, signed', async () => {
    await using stage = await openStage()
    stage.upstream.reply(json({ embedding: [0.5, 1], inputTextTokenCount: 3 }))
    const answer = (await stage.gateway.gateway.dispatch(request)) as EmbeddingsResponse
    expect(answer.embeddings).toEqual([{ index: 0, values: { float: [0.5, 1] } }])
    const sent = await stage.upstream.request()
    expect([sent.path, sent.json()]).toEqual([
      '/model/amazon.titan-embed-text-v2%3A0/invoke',
      { inputText: 'Hi', dimensions: 256 },
    ])
    await expect.poll(() => stage.usage()).toMatchObject({ input: { total: 3 } })
    await stage.expectSigned()
  })

  test('reach OpenAI’s own client as it wants them', async () => {
    await using stage = await openStageForOpenAI()
    stage.upstream.reply(
      json({
        id: 'e1',
        embeddings: [
          [0.5, 1],
          [2, 3],
        ],
        response_type: 'embeddings_floats',
      }),
    )
    const client = new OpenAI({ baseURL: `${stage.gateway.url}/v1`, apiKey: 'client-key', maxRetries: 0 })
    const { data } = await client.embeddings.create({ model: 'bedrock/cohere.embed-english-v3', input: ['A', 'B'] })
    expect(data.map(({ embedding }) => [...embedding])).toEqual([
      [0.5, 1],
      [2, 3],
    ])
    expect((await stage.upstream.request()).json()).toMatchObject({ texts: ['A', 'B'], input_type: 'search_document' })
  })

  test('are refused where one call is not enough', async () => {
    await using stage = await openStage()
    const answer = stage.gateway.gateway.dispatch({ ...request, inputs: ['A', 'B'] })
    await expect(answer).rejects.toMatchObject({ code: 'invalid_request', status: 400, param: 'input' })
    expect(stage.upstream.requests).toEqual([])
  })
})

const recorded = recordedCases({ providers: ['bedrock'], endpoints: ['invoke'] })

test.each(recorded.map((each) => [each.name, each] as const))('%s is asked and answered so', async (_, each) => {
  await using stage = await openStage()
  stage.upstream.reply(replayCase(each))
  const { query, documents, top_n: topN } = each.request as { query: string; documents: string[]; top_n: number }
  const model = `bedrock/${each.meta.model}`
  const request: RerankRequest = { operation: 'rerank', model, stream: false, query, documents, topN, extensions: {} }
  const { results } = (await stage.gateway.gateway.dispatch(request)) as RerankResponse
  expect(results.map(({ index }) => index)).toEqual([2, 0, 4])
  const sent = await stage.upstream.request()
  expect([sent.path, sent.json()]).toEqual([new URL(each.meta.url).pathname, each.request])
})
