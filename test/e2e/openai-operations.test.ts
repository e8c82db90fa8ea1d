/** OpenAI's own SDK, for everything but chats: what it sends arrives, and it understands what comes back. */
import {
  body as bytes,
  createTestGateway,
  cutMidStream,
  json,
  mockUpstream,
  recordedCases,
  replayCase,
  sse,
  text,
} from '@sluice/core/testing'
import type { MockUpstream, TestGateway } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { compatible } from '@sluice/provider-compatible'
import { openai } from '@sluice/provider-openai'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const apiKey = 'sk-upstream-0123456789abcdef'

let upstream: MockUpstream
let gateway: TestGateway
let client: OpenAI
beforeAll(async () => {
  upstream = await mockUpstream()
  const baseUrl = `${upstream.url}/v1`
  gateway = await createTestGateway({
    models: { 'text-embedding-3-small': 'openai/text-embedding-3-small', 'gpt-5.1': 'openai/gpt-5.1' },
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      openai({ apiKey, baseUrl, models: ['gpt-5.1'] }),
      anthropic({ apiKey, baseUrl: upstream.url }),
      compatible({ vendor: 'groq', apiKey, baseUrl }),
      compatible({ vendor: 'voyage', apiKey, baseUrl }),
    ],
  })
  client = new OpenAI({ apiKey: 'sk-client', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})
beforeEach(() => void upstream.requests.splice(0))

/** Method and path of what reached the upstream, which never is the client's credential. */
function arrived(): string {
  const { method, path, headers } = upstream.requests.at(-1)!
  expect(JSON.stringify(headers)).not.toContain('sk-client')
  return `${method} ${path}`
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const events = (...list: { type: string; [field: string]: unknown }[]): string =>
  list.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')

describe('embeddings', () => {
  const floats = [0.5, -1.25, 3]
  const base64 = Buffer.from(new Float32Array(floats).buffer).toString('base64')
  const answer = (embedding: unknown) =>
    json({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding }],
      usage: { prompt_tokens: 3, total_tokens: 3 },
    })

  test('are asked for in base64, which the SDK undoes', async () => {
    upstream.reply(answer(base64))
    const { data } = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'Hi' })
    expect([...data[0]!.embedding]).toEqual(floats)
    expect(arrived()).toBe('POST /v1/embeddings')
    expect(upstream.requests[0]!.json()).toMatchObject({ encoding_format: 'base64' })
  })

  test('are numbers if numbers are asked for', async () => {
    upstream.reply(answer(floats))
    const request = { model: 'openai/m', input: [[1, 2]], encoding_format: 'float' as const }
    expect((await client.embeddings.create(request)).data[0]!.embedding).toEqual(floats)
  })

  test('of Voyage are in the same form', async () => {
    upstream.reply(answer(base64))
    const { data } = await client.embeddings.create({ model: 'voyage/voyage-3', input: 'Hi', dimensions: 3 })
    expect([...data[0]!.embedding]).toEqual(floats)
    expect(upstream.requests[0]!.json()).toMatchObject({ output_dimension: 3, encoding_format: 'base64' })
  })
})

describe('legacy completions', () => {
  const messages = events(
    {
      type: 'message_start',
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        content: [],
        model: 'c',
        usage: { input_tokens: 3, output_tokens: 1 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Ho' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 2 } },
    { type: 'message_stop' },
  )

  test('go to OpenAI as they are', async () => {
    const choice = { index: 0, text: 'Ho', logprobs: null, finish_reason: 'stop' as const }
    upstream.reply(json({ id: 'c', object: 'text_completion', choices: [choice, { ...choice, index: 1 }] }))
    const { choices } = await client.completions.create({
      model: 'openai/gpt-3.5-turbo-instruct',
      prompt: ['a', 'b'],
      echo: true,
    })
    expect(choices).toHaveLength(2)
    expect(arrived()).toBe('POST /v1/completions')
  })

  test('stream from a provider that has only chats of another dialect', async () => {
    upstream.reply(sse(messages))
    const request = { model: 'anthropic/claude-haiku-4-5', prompt: 'Hi', max_tokens: 2, stream: true } as const
    const chunks = await collect(
      await client.completions.create({ ...request, stream_options: { include_usage: true } }),
    )
    expect(arrived()).toBe('POST /v1/messages')
    expect(upstream.requests[0]!.json()).toMatchObject({ max_tokens: 2, messages: [{ role: 'user' }] })
    expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe('Ho')
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(['length'])
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } })
  })

  test('that are cut off raise', async () => {
    upstream.reply(cutMidStream(messages, messages.indexOf('message_delta')))
    const stream = await client.completions.create({
      model: 'anthropic/claude',
      prompt: 'Hi',
      max_tokens: 2,
      stream: true,
    })
    await expect(collect(stream)).rejects.toThrow(OpenAI.APIError)
  })
})

test('moderations', async () => {
  upstream.reply(json({ id: 'm', results: [{ flagged: true }] }))
  const { results } = await client.moderations.create({ model: 'openai/omni-moderation-latest', input: 'Hi' })
  expect(results[0]!.flagged).toBe(true)
  expect(arrived()).toBe('POST /v1/moderations')
})

describe('images', () => {
  const picture = { b64_json: 'AAAA' }

  test('are generated', async () => {
    upstream.reply(json({ created: 1, data: [picture] }))
    const { data } = await client.images.generate({ model: 'openai/gpt-image-1', prompt: 'A cat' })
    expect(data).toEqual([picture])
    expect(arrived()).toBe('POST /v1/images/generations')
  })

  test('stream', async () => {
    const stream = [
      { type: 'image_generation.partial_image', ...picture, partial_image_index: 0 },
      { type: 'image_generation.completed', ...picture, usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } },
    ]
    upstream.reply(sse(events(...stream)))
    const request = { model: 'openai/gpt-image-1', prompt: 'A cat', stream: true, partial_images: 1 } as const
    expect(await collect(await client.images.generate(request))).toEqual(stream)
  })

  test('are edited', async () => {
    upstream.reply(json({ created: 1, data: [picture] }))
    const image = await toFile(Buffer.from('PNG'), 'cat.png', { type: 'image/png' })
    const { data } = await client.images.edit({ image, prompt: 'A hat', model: 'openai/gpt-image-1' })
    expect(data).toEqual([picture])
    expect(arrived()).toBe('POST /v1/images/edits')
    expect(upstream.requests[0]!.body.toString()).toMatch(/name="model"\r\n\r\ngpt-image-1\r\n/)
  })
})

describe('audio', () => {
  const file = () => toFile(Buffer.from('ID3 sound'), 'a.mp3')

  test('is spoken', async () => {
    upstream.reply(bytes(Buffer.from([0xff, 0xf3, 0x00]), 'audio/mpeg'))
    const reply = await client.audio.speech.create({ model: 'groq/playai-tts', voice: 'alloy', input: 'Hi' })
    expect([...new Uint8Array(await reply.arrayBuffer())]).toEqual([0xff, 0xf3, 0x00])
    expect(arrived()).toBe('POST /v1/audio/speech')
  })

  test('is written down', async () => {
    upstream.reply(json({ text: 'Hallo' }))
    const reply = await client.audio.transcriptions.create({ file: await file(), model: 'groq/whisper-large-v3' })
    expect(reply.text).toBe('Hallo')
    expect(arrived()).toBe('POST /v1/audio/transcriptions')
    expect(upstream.requests[0]!.body.toString()).toMatch(/name="model"\r\n\r\nwhisper-large-v3\r\n/)
  })

  test('is written down as subtitles', async () => {
    upstream.reply(text('1\nHallo\n'))
    const request = { file: await file(), model: 'openai/whisper-1', response_format: 'srt' } as const
    expect(await client.audio.transcriptions.create(request)).toBe('1\nHallo\n')
  })

  test('is written down as it goes', async () => {
    const stream = [
      { type: 'transcript.text.delta', delta: 'Hal' },
      { type: 'transcript.text.done', text: 'Hallo' },
    ]
    upstream.reply(sse(events(...stream), { chunk: 9 }))
    const request = { file: await file(), model: 'openai/gpt-4o-transcribe', stream: true } as const
    expect(await collect(await client.audio.transcriptions.create(request))).toEqual(stream)
  })

  test('is translated', async () => {
    upstream.reply(json({ text: 'Hello' }))
    // oxlint-disable-next-line typescript/no-deprecated -- clients still call it
    const reply = await client.audio.translations.create({ file: await file(), model: 'openai/whisper-1' })
    expect(reply.text).toBe('Hello')
    expect(arrived()).toBe('POST /v1/audio/translations')
  })
})

describe('files and batches', () => {
  const file = { id: 'file-1', object: 'file', bytes: 3, created_at: 1, filename: 'a.jsonl', purpose: 'batch' }
  const batch = { id: 'batch_1', object: 'batch', input_file_id: 'file-1', status: 'validating' }
  const groq = { headers: { 'x-sluice-provider': 'groq' } }

  test('a file of another provider keeps its way back through all its life', async () => {
    upstream.reply(
      json(file),
      json({ object: 'list', data: [file], has_more: false }),
      json(file),
      bytes('{"a":1}\n', 'application/octet-stream'),
      json(batch),
      json({ ...batch, status: 'completed', output_file_id: 'file-2' }),
      json({ ...batch, status: 'cancelling' }),
      json({ id: 'file-1', object: 'file', deleted: true }),
    )
    const upload = await toFile(Buffer.from('{}\n'), 'a.jsonl')
    const { id } = await client.files.create({ file: upload, purpose: 'batch' }, groq)
    expect(id).toBe('file-1@groq')
    expect((await collect(client.files.list({}, groq))).map((each) => each.id)).toEqual([id])
    expect((await client.files.retrieve(id)).id).toBe(id)
    expect(await (await client.files.content(id)).text()).toBe('{"a":1}\n')
    const made = await client.batches.create({
      input_file_id: id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    })
    expect(made).toMatchObject({ id: 'batch_1@groq', input_file_id: id })
    expect(await client.batches.retrieve(made.id)).toMatchObject({ output_file_id: 'file-2@groq' })
    await client.batches.cancel(made.id)
    expect((await client.files.delete(id)).id).toBe(id)
    expect(upstream.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1/files',
      'GET /v1/files',
      'GET /v1/files/file-1',
      'GET /v1/files/file-1/content',
      'POST /v1/batches',
      'GET /v1/batches/batch_1',
      'POST /v1/batches/batch_1/cancel',
      'DELETE /v1/files/file-1',
    ])
    expect(upstream.requests[4]!.json()).toMatchObject({ input_file_id: 'file-1' })
  })

  test('pages follow one another', async () => {
    upstream.reply(
      json({ object: 'list', data: [file], has_more: true, last_id: 'file-1' }),
      json({ object: 'list', data: [{ ...file, id: 'file-2' }], has_more: false }),
    )
    const ids = (await collect(client.files.list({}, groq))).map(({ id }) => id)
    expect(ids).toEqual(['file-1@groq', 'file-2@groq'])
    expect(upstream.requests[1]!.path).toBe('/v1/files?after=file-1')
  })

  test('uploads in parts', async () => {
    upstream.reply(
      json({ id: 'up_1', object: 'upload', status: 'pending' }),
      json({ id: 'part_1', object: 'upload.part', upload_id: 'up_1' }),
      json({ id: 'up_1', object: 'upload', status: 'completed', file }),
    )
    const request = { bytes: 3, filename: 'a.jsonl', mime_type: 'text/jsonl', purpose: 'batch' } as const
    const { id } = await client.uploads.create(request)
    const part = await client.uploads.parts.create(id, { data: await toFile(Buffer.from('{}\n')) })
    const done = await client.uploads.complete(id, { part_ids: [part.id] })
    expect(done.file!.id).toBe('file-1')
    expect(arrived()).toBe('POST /v1/uploads/up_1/complete')
  })

  test('an unknown file is not found', async () => {
    upstream.reply(
      json({ error: { message: 'No such File object: x', type: 'invalid_request_error' } }, { status: 404 }),
    )
    await expect(client.files.retrieve('x')).rejects.toThrow(OpenAI.NotFoundError)
  })
})

describe('tokens of a response are counted', () => {
  test('by OpenAI', async () => {
    upstream.reply(json({ object: 'response.input_tokens', input_tokens: 11 }))
    expect((await client.responses.inputTokens.count({ model: 'gpt-5.1', input: 'Hi' })).input_tokens).toBe(11)
    expect(arrived()).toBe('POST /v1/responses/input_tokens')
  })

  test('by OpenAI, for clients of Anthropic’s API', async () => {
    upstream.reply(json({ object: 'response.input_tokens', input_tokens: 11 }))
    const body = { model: 'openai/gpt-5.1', system: 'Be brief.', messages: [{ role: 'user', content: 'Hi' }] }
    const headers = { 'anthropic-version': '2023-06-01' }
    const reply = await gateway.request('/v1/messages/count_tokens', { headers, body })
    expect(reply.json()).toEqual({ input_tokens: 11 })
    expect(arrived()).toBe('POST /v1/responses/input_tokens')
    const { model, input, ...others } = upstream.requests[0]!.json()
    expect({ model, others }).toEqual({ model: 'gpt-5.1', others: {} })
    expect(input).toMatchObject([{ role: 'system' }, { role: 'user' }])
  })

  test('by the gateway, where a vendor does not', async () => {
    const counted = await client.responses.inputTokens.count({ model: 'groq/m', input: 'How many tokens are these?' })
    expect(counted).toMatchObject({ object: 'response.input_tokens', estimated: true })
    expect(counted.input_tokens).toBeGreaterThan(5)
    expect(upstream.requests).toEqual([])
  })
})

test('models are listed, with whose they are', async () => {
  const models = await collect(client.models.list())
  expect(models).toMatchObject([
    { id: 'text-embedding-3-small', object: 'model', owned_by: 'openai' },
    { id: 'gpt-5.1', owned_by: 'openai' },
    { id: 'openai/gpt-5.1', owned_by: 'openai' },
  ])
  expect(await client.models.retrieve('openai/gpt-5.1')).toMatchObject({ object: 'model' })
})

const [legacy] = recordedCases({ providers: ['openai'], endpoints: ['completions'] })
test.skipIf(!legacy)('a recorded stream of the legacy API is read', async () => {
  upstream.reply(replayCase(legacy!, { chunk: 100 }))
  const chunks = await collect(
    await client.completions.create({ model: 'openai/babbage-002', prompt: 'x', stream: true }),
  )
  expect(chunks).toHaveLength(legacy!.stream!.toString().split('data: {').length - 1)
  expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('length')
})
