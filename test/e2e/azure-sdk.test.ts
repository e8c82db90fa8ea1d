/** Azure's official client, and OpenAI's against Azure's v1 API, through a gateway to Azure. */
import type { JsonObject } from '@sluice/core'
import { createTestGateway, json, mockUpstream, recordedCases, replayCase } from '@sluice/core/testing'
import type { MockUpstream, RecordedCase, TestGateway } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { azure } from '@sluice/provider-azure'
import OpenAI, { APIError, AzureOpenAI, toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const VERSION = '2024-10-21'
const apiKey = 'azure-key-0123456789'

let upstream: MockUpstream
let gateway: TestGateway
/** Of deployments, and of the v1 API. */
let dated: AzureOpenAI
let next: OpenAI
beforeAll(async () => {
  upstream = await mockUpstream()
  gateway = await createTestGateway({
    models: { assistant: 'azure/my-gpt', 'assistant-v1': 'azure-v1/my-gpt' },
    plugins: [
      openaiDialect(),
      azure({ apiKey, baseUrl: upstream.url, apiVersion: VERSION }),
      azure({ apiKey, baseUrl: upstream.url }, { id: 'azure-v1' }),
    ],
  })
  dated = new AzureOpenAI({
    endpoint: gateway.url,
    apiKey: 'sk-client',
    apiVersion: '2023-12-01-preview',
    maxRetries: 0,
  })
  next = new OpenAI({ baseURL: `${gateway.url}/openai/v1/`, apiKey: 'sk-client', maxRetries: 0 })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})

const messages = [{ role: 'user' as const, content: 'Hello' }]
const cases = new Map(recordedCases({ providers: ['azure'] }).map((recorded) => [recorded.meta.kind, recorded]))
/** Runs over nothing where there are no recordings. */
const replays = (...kinds: string[]): [string, RecordedCase][] =>
  kinds.flatMap((kind) => [...cases].filter(([found]) => found === kind))
const replay = (recorded: RecordedCase): void => upstream.reply(replayCase(recorded, { chunk: 'frame' }))

/** What reached the resource last: where, and with which credential. */
function reached(): [string, string | string[] | undefined] {
  const { path, headers } = upstream.requests.at(-1)!
  expect(headers.authorization).toBeUndefined()
  return [path, headers['api-key']]
}

async function refusal(call: PromiseLike<unknown>): Promise<APIError> {
  try {
    await call
  } catch (error) {
    if (error instanceof APIError) return error
    throw error
  }
  throw new Error('the call was not refused')
}

const FORMS = [
  ['deployments', () => dated, 'assistant', `/openai/deployments/my-gpt`, `?api-version=${VERSION}`],
  ['the v1 API', () => next, 'assistant-v1', '/openai/v1', ''],
] as const

describe.each(FORMS)('with %s', (_, client, model, base, query) => {
  const place = (path: string) => [`${base}${path}${query}`, apiKey]

  test.each(replays('text', 'tools'))('hears an answer: %s', async (_, recorded) => {
    replay(recorded)
    expect(await client().chat.completions.create({ model, messages })).toMatchObject(recorded.response!)
    expect(reached()).toEqual(place('/chat/completions'))
    expect(upstream.requests.at(-1)!.json()).toEqual({ model: 'my-gpt', messages })
  })

  test.each(replays('stream-text-2024', 'stream-tools'))('hears a stream: %s', async (_, recorded) => {
    replay(recorded)
    const chunks: unknown[] = []
    for await (const chunk of await client().chat.completions.create({ model, messages, stream: true }))
      chunks.push(chunk)
    const frames = recorded
      .stream!.toString()
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
    expect(chunks).toEqual(frames.map((line) => JSON.parse(line.slice(6)) as unknown))
  })

  test.each(replays('embeddings'))('gets embeddings: %s', async (_, recorded) => {
    replay(recorded)
    const { data } = await client().embeddings.create({ model, input: 'Hello world' })
    expect(data[0]!.embedding).toHaveLength(1536)
    expect(Math.hypot(...data[0]!.embedding)).toBeCloseTo(1, 3)
    expect(reached()).toEqual(place('/embeddings'))
    expect(upstream.requests.at(-1)!.json()).toMatchObject({ input: 'Hello world', encoding_format: 'base64' })
  })

  test('gets a completion', async () => {
    const choices = [{ text: ' there', index: 0, logprobs: null, finish_reason: 'stop' }]
    upstream.reply(json({ id: 'cmpl-1', object: 'text_completion', created: 1, model: 'my-gpt', choices }))
    expect(await client().completions.create({ model, prompt: 'Hello' })).toMatchObject({ choices })
    expect(reached()).toEqual(place('/completions'))
  })

  test('gets an image', async () => {
    upstream.reply(json({ created: 1, data: [{ b64_json: 'iVBORw0KGgo=' }] }))
    expect(await client().images.generate({ model, prompt: 'A cat' })).toMatchObject({
      data: [{ b64_json: 'iVBORw0KGgo=' }],
    })
    expect(reached()).toEqual(place('/images/generations'))
  })

  test('gets an image edited', async () => {
    upstream.reply(json({ created: 1, data: [{ b64_json: 'iVBORw0KGgo=' }] }))
    const image = await toFile(Buffer.from('PNG'), 'cat.png')
    await client().images.edit({ model, image, prompt: 'A dog' })
    expect(reached()).toEqual(place('/images/edits'))
    expect(upstream.requests.at(-1)!.body.toString()).toContain('A dog')
  })

  test('hears speech', async () => {
    upstream.reply((_request, response) => void response.writeHead(200, { 'content-type': 'audio/mpeg' }).end('MP3'))
    const speech = await client().audio.speech.create({ model, voice: 'alloy', input: 'Hello' })
    expect(await speech.text()).toBe('MP3')
    expect(reached()).toEqual(place('/audio/speech'))
  })

  test('has speech written down', async () => {
    upstream.reply(json({ text: 'Hello' }))
    const file = await toFile(Buffer.from('MP3'), 'hello.mp3')
    expect(await client().audio.transcriptions.create({ model, file })).toMatchObject({ text: 'Hello' })
    expect(reached()).toEqual(place('/audio/transcriptions'))
    const form = upstream.requests.at(-1)!.body.toString()
    expect([form.includes('MP3'), form.includes('my-gpt')]).toEqual([true, true])
  })

  test.each([
    ['error-400-content-filter', 400, 'content_filter'],
    ['error-404-deployment', 404, 'DeploymentNotFound'],
    ['error-401', 502, 'upstream_error'],
  ])('is refused as Azure refuses: %s', async (kind, status, code) => {
    for (const [, recorded] of replays(kind)) {
      replay(recorded)
      const error = await refusal(client().chat.completions.create({ model, messages }))
      expect([error.status, error.code]).toEqual([status, code])
    }
  })
})

test('a deployment may be named by its provider', async () => {
  upstream.reply(json({ id: 'c1', choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' } }] }))
  await dated.chat.completions.create({ model: 'azure/team gpt', messages })
  expect(reached()).toEqual([`/openai/deployments/team%20gpt/chat/completions?api-version=${VERSION}`, apiKey])
})

test('a client of the v1 API gets responses of Azure’s', async () => {
  const content = [{ type: 'output_text', text: 'Hi', annotations: [] }]
  const output = [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content }]
  const answer: JsonObject = { id: 'resp_1', object: 'response', status: 'completed', model: 'my-gpt', output }
  upstream.reply(json(answer))
  expect(await next.responses.create({ model: 'assistant-v1', input: 'Hello' })).toMatchObject({
    ...answer,
    output_text: 'Hi',
  })
  expect(reached()).toEqual(['/openai/v1/responses', apiKey])
})

test.each(['dated', 'next'])('a model that is not there is not found: %s', async (name) => {
  const client = name === 'dated' ? dated : next
  const error = await refusal(client.chat.completions.create({ model: 'nobody', messages }))
  expect([error.status, error.code]).toEqual([404, 'model_not_found'])
})
