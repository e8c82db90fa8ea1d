/** What can be asked of Vertex AI beside chat. */
import type { JsonObject } from '@sluice/core'
import { createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { geminiDialect } from '@sluice/dialect-gemini'
import { describe, expect, test } from 'vitest'
import { vertex } from '../src/index.ts'

const account = { project: 'my-project', location: 'us-east5', accessToken: 'ya29.test-0123456789' }
const parent = '/v1/projects/my-project/locations/us-east5'
const models = `${parent}/publishers/google/models`
const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }]

/** Asks at `path`, as a client of the publisher's dialect. */
async function ask(publisher: 'google' | 'anthropic', path: string, body: JsonObject, answer: UpstreamReply) {
  await using upstream = await mockUpstream()
  upstream.reply(answer)
  await using gateway = await createTestGateway({
    plugins: [geminiDialect(), anthropicDialect(), vertex({ ...account, publisher, baseUrl: upstream.url })],
  })
  const reply = await gateway.request(path, { body })
  return { reply, dropped: reply.headers['x-sluice-dropped-params'], seen: upstream.requests }
}

describe('counting tokens', () => {
  const counted = { totalTokens: 3, totalBillableCharacters: 5 }
  const count = (body: JsonObject) =>
    ask('google', '/v1beta/models/vertex/gemini-2.5-flash:countTokens', body, json(counted))

  test('of contents passes as it is', async () => {
    const { reply, seen } = await count({ contents })
    expect([reply.status, reply.json()]).toEqual([200, counted])
    expect([seen[0]!.path, seen[0]!.json()]).toEqual([`${models}/gemini-2.5-flash:countTokens`, { contents }])
  })

  test.each(['generateContentRequest', 'generate_content_request'])('of a whole request has no %s', async (field) => {
    const counts = { contents, systemInstruction: { parts: [{ text: 'A' }] }, tools: [] }
    const others = { generation_config: { seed: 1 }, safetySettings: [], labels: null }
    const request = { model: 'models/vertex/gemini-2.5-flash', ...counts, ...others }
    const { dropped, seen } = await count({ [field]: request })
    expect([seen[0]!.json(), dropped]).toEqual([{ ...counts, generationConfig: { seed: 1 } }, 'safetySettings'])
  })

  test('has no ids of calls', async () => {
    const turn = (id?: string) => [
      { role: 'model', parts: [{ functionCall: { ...(id !== undefined && { id }), name: 'f', args: {} } }] },
    ]
    const { seen } = await count({ generateContentRequest: { contents: turn('a') } })
    expect(seen[0]!.json()).toEqual({ contents: turn() })
  })

  test('of Claude is asked of a model of its own, by name', async () => {
    const body = { model: 'vertex/claude-sonnet-4-5@20250929', messages: [{ role: 'user', content: 'Hello' }] }
    const answer = json({ input_tokens: 8 })
    const { reply, seen } = await ask('anthropic', '/v1/messages/count_tokens', body, answer)
    expect(reply.json()).toEqual({ input_tokens: 8 })
    expect(seen[0]!.path).toBe(`${parent}/publishers/anthropic/models/count-tokens:rawPredict`)
    expect(seen[0]!.json()).toEqual({
      ...body,
      model: 'claude-sonnet-4-5@20250929',
      anthropic_version: 'vertex-2023-10-16',
    })
  })
})

describe('embeddings of texts', () => {
  const predicted = {
    predictions: [
      { embeddings: { values: [0.5, -1], statistics: { token_count: 2, truncated: false } } },
      { embeddings: { values: [1, 0], statistics: { token_count: 3, truncated: true } } },
    ],
    metadata: { billableCharacterCount: 9 },
  }
  const embed = (requests: unknown[], answer: UpstreamReply = json(predicted)) =>
    ask('google', '/v1beta/models/vertex/text-embedding-005:batchEmbedContents', { requests }, answer)
  const text = (words: string, more: JsonObject = {}) => ({ content: { parts: [{ text: words }] }, ...more })

  test('are asked as instances and parameters, and predictions are embeddings with their counts', async () => {
    const settings = { taskType: 'RETRIEVAL_DOCUMENT', outputDimensionality: 2 }
    const { reply, dropped, seen } = await embed([text('A', { ...settings, title: 'T' }), text('B', settings)])
    expect([seen[0]!.path, dropped]).toEqual([`${models}/text-embedding-005:predict`, undefined])
    expect(seen[0]!.json()).toEqual({
      instances: [
        { content: 'A', task_type: 'RETRIEVAL_DOCUMENT', title: 'T' },
        { content: 'B', task_type: 'RETRIEVAL_DOCUMENT' },
      ],
      parameters: { outputDimensionality: 2 },
    })
    expect([reply.status, reply.json()]).toEqual([
      200,
      {
        embeddings: [
          { values: [0.5, -1], statistics: { tokenCount: 2, truncated: false } },
          { values: [1, 0], statistics: { tokenCount: 3, truncated: true } },
        ],
        usageMetadata: { promptTokenCount: 5 },
        metadata: { billableCharacterCount: 9 },
      },
    ])
  })

  test('take their settings from wherever they stand, in either spelling', async () => {
    const one = { embedContentConfig: { outputDimensionality: 2, taskType: 'CLUSTERING', autoTruncate: false } }
    const other = { output_dimensionality: 2, task_type: 'CLUSTERING', embed_content_config: { auto_truncate: false } }
    for (const settings of [one, other]) {
      const { seen, dropped } = await embed([text('A', settings)])
      expect([seen[0]!.json(), dropped]).toEqual([
        {
          instances: [{ content: 'A', task_type: 'CLUSTERING' }],
          parameters: { outputDimensionality: 2, autoTruncate: false },
        },
        undefined,
      ])
    }
  })

  test('of one content have no list', async () => {
    const path = '/v1beta/models/vertex/text-embedding-005:embedContent'
    const [prediction] = predicted.predictions
    const { reply, seen } = await ask('google', path, text('A'), json({ predictions: [prediction] }))
    expect(seen[0]!.json()).toEqual({ instances: [{ content: 'A' }] })
    expect(reply.json()).toMatchObject({ embedding: { values: [0.5, -1] }, usageMetadata: { promptTokenCount: 2 } })
  })

  test('several texts of one content are one', async () => {
    const { seen } = await embed([{ content: { parts: [{ text: 'A' }, { text: 'B' }] } }])
    expect(seen[0]!.json()).toEqual({ instances: [{ content: 'AB' }] })
  })

  test('report what Vertex AI has no word for', async () => {
    const { dropped } = await embed([text('A', { mood: 'good', embedContentConfig: { documentOcr: true } })])
    expect(dropped).toBe('documentOcr, mood')
  })

  test.each<[what: string, requests: unknown[], param: string]>([
    ['pictures', [{ content: { parts: [{ inlineData: {} }] } }], 'requests[0].content'],
    ['several lengths', [text('A'), text('B', { outputDimensionality: 5 })], 'requests'],
  ])('cannot be of %s: nothing is sent', async (_, requests, param) => {
    const { reply, seen } = await embed(requests)
    expect([reply.status, seen]).toEqual([400, []])
    expect(reply.json()).toMatchObject({ error: { details: [{ fieldViolations: [{ field: param }] }] } })
  })

  test('that are refused are refused in Google’s words', async () => {
    const refusal = { error: { code: 429, message: 'Quota exceeded.', status: 'RESOURCE_EXHAUSTED' } }
    const { reply } = await embed([text('A')], json(refusal, { status: 429 }))
    expect([reply.status, reply.json()]).toEqual([429, refusal])
    expect((await embed([text('A')], json(refusal))).reply.status).toBe(429)
  })

  test.each<unknown>([{}, { predictions: {} }, { predictions: [{}] }, 'no'])('%j are none', async (answer) => {
    expect((await embed([text('A')], json(answer))).reply.status).toBe(502)
  })

  test('are not what Claude does', async () => {
    const path = '/v1beta/models/vertex/claude-sonnet-4-5:embedContent'
    const { reply, seen } = await ask('anthropic', path, text('A'), json({}))
    expect([reply.status, seen]).toEqual([400, []])
  })
})
