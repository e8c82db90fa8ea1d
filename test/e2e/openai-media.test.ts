/** OpenAI's own SDK, beside chats: what was recorded is understood, and the calls that other tests here leave out. */
import { createTestGateway, json, mockUpstream, recordedCases, replayCase, sse } from '@sluice/core/testing'
import type { MockUpstream, RecordedCase, TestGateway } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { compatible } from '@sluice/provider-compatible'
import { openai } from '@sluice/provider-openai'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeRecorded } from '../support/recordings.ts'

let upstream: MockUpstream
let gateway: TestGateway
let client: OpenAI
beforeAll(async () => {
  upstream = await mockUpstream()
  const apiKey = 'sk-upstream-0123456789abcdef'
  const baseUrl = `${upstream.url}/v1`
  gateway = await createTestGateway({
    plugins: [openaiDialect(), openai({ apiKey, baseUrl }), compatible({ vendor: 'groq', apiKey, baseUrl })],
  })
  client = new OpenAI({ apiKey: 'sk-client', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})
beforeEach(() => void upstream.requests.splice(0))

const arrived = (): string[] => upstream.requests.map(({ method, path }) => `${method} ${path}`)

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const recorded = new Map(
  recordedCases({ providers: ['openai'], endpoints: ['embeddings', 'images', 'audio'] }).map((each) => [
    each.meta.kind,
    each,
  ]),
)

function script(kind: string): RecordedCase {
  const found = recorded.get(kind) ?? expect.unreachable(`there is no recording of ${kind}`)
  upstream.reply(replayCase(found, { chunk: 4096 }))
  return found
}

describeRecorded('what was recorded', () => {
  test('vectors in base64', async () => {
    const { request } = script('embeddings-base64')
    const { data, usage } = await client.embeddings.create({
      model: 'openai/text-embedding-3-small',
      input: String(request!.input),
      dimensions: 256,
    })
    expect(data[0]!.embedding).toHaveLength(256)
    expect(Math.hypot(...data[0]!.embedding)).toBeCloseTo(1, 3)
    expect(usage.prompt_tokens).toBeGreaterThan(0)
    // Base64 is what the SDK asks for by itself.
    expect(upstream.requests[0]!.json()).toEqual(request)
  })

  test('an image by its address', async () => {
    const { request, response } = script('images-url')
    const ask = { ...(request as object as OpenAI.ImageGenerateParamsNonStreaming), model: 'openai/dall-e-3' }
    expect(await client.images.generate(ask)).toEqual(response)
    expect(upstream.requests[0]!.json()).toEqual(request)
  })

  test('speech', async () => {
    const { request, responseBytes } = script('speech-binary')
    const { input, voice } = request as unknown as OpenAI.Audio.SpeechCreateParams
    const reply = await client.audio.speech.create({ model: 'openai/tts-1', input, voice })
    expect(Buffer.from(await reply.arrayBuffer()).equals(responseBytes!)).toBe(true)
    expect(upstream.requests[0]!.json()).toEqual(request)
  })
})

const events = (...list: { type: string; [field: string]: unknown }[]): string =>
  list.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')

describe('images', () => {
  const picture = { b64_json: 'AAAA' }
  const image = (): Promise<File> => toFile(Buffer.from('PNG'), 'cat.png', { type: 'image/png' })

  test('are varied', async () => {
    upstream.reply(json({ created: 1, data: [picture] }))
    // oxlint-disable-next-line typescript/no-deprecated -- clients still call it
    const { data } = await client.images.createVariation({ image: await image(), model: 'openai/dall-e-2' })
    expect([data, arrived()]).toEqual([[picture], ['POST /v1/images/variations']])
  })

  test('are edited, piece by piece', async () => {
    const list = [
      { type: 'image_edit.partial_image', ...picture, partial_image_index: 0 },
      { type: 'image_edit.completed', ...picture },
    ]
    upstream.reply(sse(events(...list), { chunk: 11 }))
    const request = { image: [await image(), await image()], prompt: 'A hat', model: 'openai/gpt-image-1' }
    expect(await collect(await client.images.edit({ ...request, stream: true }))).toEqual(list)
    expect(upstream.requests[0]!.body.toString().match(/name="image\[\]"/g)).toHaveLength(2)
  })
})

test('speech streams as events', async () => {
  const list = events({ type: 'speech.audio.delta', audio: 'AAAA' }, { type: 'speech.audio.done', usage: {} })
  upstream.reply(sse(list, { chunk: 11 }))
  const model = 'openai/gpt-4o-mini-tts'
  const reply = await client.audio.speech.create({ model, voice: 'alloy', input: 'Hi', stream_format: 'sse' })
  expect(await reply.text()).toBe(list)
})

describe('files and batches', () => {
  const batch = { id: 'batch_1', object: 'batch', input_file_id: 'file-1', status: 'completed' }
  const groq = { headers: { 'x-sluice-provider': 'groq' } }

  test('batches are listed, page by page', async () => {
    upstream.reply(
      json({ object: 'list', data: [batch], has_more: true, last_id: 'batch_1' }),
      json({ object: 'list', data: [{ ...batch, id: 'batch_2' }], has_more: false }),
    )
    expect((await collect(client.batches.list({ limit: 1 }, groq))).map(({ id }) => id)).toEqual([
      'batch_1@groq',
      'batch_2@groq',
    ])
    expect(arrived()).toEqual(['GET /v1/batches?limit=1', 'GET /v1/batches?limit=1&after=batch_1'])
  })

  test('the SDK waits for a file', async () => {
    upstream.reply(json({ id: 'file-1', object: 'file', status: 'processed' }))
    expect(await client.files.waitForProcessing('file-1@groq')).toMatchObject({ id: 'file-1@groq' })
    expect(arrived()).toEqual(['GET /v1/files/file-1'])
  })

  test('an upload in parts is given up', async () => {
    upstream.reply(json({ id: 'upload_1', object: 'upload', status: 'cancelled' }))
    expect(await client.uploads.cancel('upload_1')).toMatchObject({ id: 'upload_1', status: 'cancelled' })
    expect(arrived()).toEqual(['POST /v1/uploads/upload_1/cancel'])
  })
})

test('moderations of images', async () => {
  upstream.reply(json({ id: 'm', results: [{ flagged: false }] }))
  const input = [{ type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AAAA' } }]
  const { results } = await client.moderations.create({ model: 'openai/omni-moderation-latest', input })
  expect(results).toEqual([{ flagged: false }])
  expect(upstream.requests[0]!.json()).toEqual({ model: 'omni-moderation-latest', input })
})

test.each(['embeddings', 'images', 'moderations', 'speech'] as const)(
  '%s of a provider that has none are refused',
  async (operation) => {
    const model = 'groq/m'
    const calls = {
      embeddings: () => client.embeddings.create({ model, input: 'Hi' }),
      images: () => client.images.generate({ model, prompt: 'A cat' }),
      moderations: () => client.moderations.create({ model, input: 'Hi' }),
      speech: () => client.audio.speech.create({ model: 'nobody/m', voice: 'alloy', input: 'Hi' }),
    }
    await expect(calls[operation]()).rejects.toThrow(
      operation === 'speech' ? OpenAI.NotFoundError : OpenAI.BadRequestError,
    )
    expect(arrived()).toEqual([])
  },
)
