/** Forms with files in them: transcriptions, translations, edits and variations of images. */
import { definePlugin } from '@sluice/core'
import type { Usage } from '@sluice/core'
import { body, createTestGateway, json, mockUpstream, rateLimited, sse, text } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, UpstreamReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openai } from '../src/index.ts'

const apiKey = 'sk-test-0123456789'
const SOUND = Buffer.from('ID3\r\n--not the boundary\r\n\r\nname="model"\r\n\x00\xff', 'latin1')

let upstream: MockUpstream
let gateway: TestGateway
let usage: Usage | undefined
beforeEach(async () => {
  upstream = await mockUpstream()
  const watch = definePlugin({
    name: 'test-watch',
    version: '0.0.0',
    api: 1,
    setup({ hooks }) {
      hooks.onComplete.tap('watch', (exchange) => void (usage = exchange.usage))
    },
  })
  const provider = openai({ apiKey, baseUrl: `${upstream.url}/v1` })
  gateway = await createTestGateway({
    models: { scribe: 'openai/whisper-1', 'whisper-1': 'openai/gpt-4o-transcribe', 'dall-e-2': 'openai/gpt-image-1' },
    plugins: [openaiDialect(), provider, watch()],
  })
})
afterEach(async () => {
  await gateway.close()
  await upstream.close()
})

type Fields = { [name: string]: string | Buffer }

function formOf(fields: Fields): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, new Blob([new Uint8Array(value)], { type: 'audio/mpeg' }), `${name}.mp3`)
  }
  return form
}

async function post(
  path: string,
  fields: Fields,
  answer: UpstreamReply,
): Promise<{ status: number; text: string; headers: Headers }> {
  upstream.reply(answer)
  const headers = { authorization: 'Bearer sk-client' }
  const reply = await fetch(gateway.url + path, { method: 'POST', body: formOf(fields), headers })
  return { status: reply.status, text: await reply.text(), headers: reply.headers }
}

/** The form that reached the upstream. */
async function arrived(): Promise<FormData> {
  const { body: bytes, headers } = upstream.requests.at(-1)!
  // oxlint-disable-next-line typescript/no-deprecated -- the other end of this connection is ours
  return new Response(new Uint8Array(bytes), { headers: { 'content-type': headers['content-type']! } }).formData()
}

const PATHS = ['/v1/audio/transcriptions', '/v1/audio/translations', '/v1/images/edits', '/v1/images/variations']

describe.each(PATHS)('%s', (path) => {
  test.each(['before', 'behind'])('the model is named %s the file', async (place) => {
    const model = { model: 'openai/some-model' }
    const file = { file: SOUND }
    const fields: Fields = place === 'before' ? { ...model, ...file } : { ...file, ...model }
    const reply = await post(path, { ...fields, language: 'de' }, json({ text: 'Hallo' }))
    expect(reply).toMatchObject({ status: 200, text: '{"text":"Hallo"}' })
    const [request] = upstream.requests
    expect(request).toMatchObject({ method: 'POST', path })
    expect(request!.headers.authorization).toBe(`Bearer ${apiKey}`)
    const form = await arrived()
    expect(form.getAll('model')).toEqual(['some-model'])
    expect(form.get('language')).toBe('de')
    const file2 = form.get('file') as File
    expect(file2).toMatchObject({ name: 'file.mp3', type: 'audio/mpeg' })
    expect(Buffer.from(await file2.arrayBuffer()).equals(SOUND)).toBe(true)
  })

  test('a form without a model means the usual one', async () => {
    await post(path, { file: SOUND }, json({ text: 'Hallo' }))
    const form = await arrived()
    expect(form.getAll('model')).toEqual([path.includes('audio') ? 'gpt-4o-transcribe' : 'gpt-image-1'])
    expect((form.get('file') as File).size).toBe(SOUND.length)
  })

  test('a file of several megabytes passes unharmed', async () => {
    const file = Buffer.alloc(5 * 1024 * 1024, '\r\n--')
    await post(path, { file, model: 'openai/m' }, json({ text: 'Hallo' }))
    const sent = (await arrived()).get('file') as File
    expect(Buffer.from(await sent.arrayBuffer()).equals(file)).toBe(true)
  })
})

test('older clients of Azure say the model in the path', async () => {
  await post('/openai/deployments/scribe/audio/transcriptions?api-version=2024-10-21', { file: SOUND }, json({}))
  expect(upstream.requests[0]!.path).toBe('/v1/audio/transcriptions')
  expect((await arrived()).getAll('model')).toEqual(['whisper-1'])
})

describe('replies', () => {
  const ask = (answer: UpstreamReply) =>
    post('/v1/audio/transcriptions', { file: SOUND, model: 'openai/gpt-4o-transcribe' }, answer)
  const counted = { input_tokens: 14, output_tokens: 45, input_token_details: { text_tokens: 0, audio_tokens: 14 } }

  test('in JSON tell what they were worth, in tokens', async () => {
    await ask(json({ text: 'Hallo', usage: { type: 'tokens', ...counted, total_tokens: 59 } }))
    expect(usage).toMatchObject({ input: { total: 14, audio: 14 }, output: { total: 45 } })
  })

  test('or in seconds', async () => {
    await ask(json({ text: 'Hallo', usage: { type: 'duration', seconds: 27 } }))
    expect(usage).toMatchObject({ input: { total: 0 }, output: { total: 0 }, raw: { seconds: 27 } })
  })

  test('in plain text pass', async () => {
    const reply = await ask(text('1\n00:00:00,000 --> 00:00:01,000\nHallo\n'))
    expect(reply.text).toBe('1\n00:00:00,000 --> 00:00:01,000\nHallo\n')
    expect(reply.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  })

  test('in events pass, and tell what they were worth', async () => {
    const stream =
      'data: {"type":"transcript.text.delta","delta":"Hal"}\n\n' +
      `data: ${JSON.stringify({ type: 'transcript.text.done', text: 'Hallo', usage: counted })}\n\n`
    expect((await ask(sse(stream, { chunk: 11 }))).text).toBe(stream)
    expect(usage).toMatchObject({ input: { total: 14, audio: 14 }, output: { total: 45 } })
  })

  test('of edited images tell what they were worth', async () => {
    const reply = json({ data: [{ b64_json: 'AA==' }], usage: { input_tokens: 9, output_tokens: 1056 } })
    await post('/v1/images/edits', { image: SOUND, prompt: 'A hat', model: 'openai/gpt-image-1' }, reply)
    expect(usage).toMatchObject({ input: { total: 9 }, output: { total: 1056 } })
  })

  test('a refusal passes as it came, with its wait', async () => {
    const reply = await ask(rateLimited(7, { message: 'Slow down.', type: 'requests', code: 'rate_limit_exceeded' }))
    expect(reply.status).toBe(429)
    expect(reply.headers.get('retry-after')).toBe('7')
    expect(JSON.parse(reply.text)).toMatchObject({ error: { message: 'Slow down.' } })
  })
})

describe('a form that cannot be told apart is refused, and nothing goes up', () => {
  const B = 'xyz'
  const part = (head: string, value: string): string => `--${B}\r\n${head}\r\n\r\n${value}\r\n`
  const named = (name: string, value: string): string => part(`Content-Disposition: form-data; name="${name}"`, value)
  const end = `--${B}--\r\n`
  const model = named('model', 'openai/m')
  const type = `multipart/form-data; boundary=${B}`

  test.each<[what: string, bytes: string, type?: string]>([
    ['two models', model + named('model', 'openai/other') + end],
    ['two models with another part between', model + named('x', 'y') + named('model', 'openai/m') + end],
    ['another model behind the end', model + end + named('model', 'openai/other') + end],
    ['an empty model', named('model', '') + end],
    ['no end', model],
    ['no part', ''],
    ['a boundary that begins no line', `${model}--${B}\nContent-Disposition: form-data; name="x"\r\n\r\ny--${B}--`],
    ['a boundary inside a file', named('file', `sound\n--${B}\nmodel`) + model + end],
    ['a part with two names', part('Content-Disposition: form-data; name="x"; name="model"', 'm') + model + end],
    ['a part with an encoded name', part("Content-Disposition: form-data; name*=utf-8''model", 'm') + model + end],
    [
      'a part that says twice what it is',
      part('Content-Disposition: form-data; name="x"\r\ncontent-disposition: form-data; name="model"', 'm') + end,
    ],
    ['a part that does not say what it is', part('Content-Type: text/plain', 'm') + model + end],
    ['endless headers', `--${B}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n\r\n${end}`],
    ['very many parts', named('x', 'y').repeat(2000) + end],
    ['no boundary', model + end, 'multipart/form-data'],
    ['two boundaries', model + end, `${type}; boundary=other`],
    ['JSON', '{"model":"openai/m"}', 'application/json'],
  ])('%s', async (_, bytes, contentType = type) => {
    upstream.reply(json({}))
    const reply = await gateway.request('/v1/audio/transcriptions', {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: bytes,
    })
    expect(reply.status).toBe(400)
    expect(reply.json()).toMatchObject({ error: { code: 'invalid_request' } })
    expect(upstream.requests).toEqual([])
  })

  test.each([
    ['in quotes', `multipart/form-data; boundary="${B}"`],
    ['with another parameter', `multipart/form-data; charset=utf-8; boundary=${B}`],
    ['in capitals', `Multipart/Form-Data; BOUNDARY=${B}`],
  ])('a boundary %s is a boundary', async (_, contentType) => {
    upstream.reply(json({ text: 'Hallo' }))
    const bytes = `preamble\r\n${part('content-type: text/plain\r\nCONTENT-DISPOSITION: form-data; name=model', 'scribe')}${end}epilogue`
    const headers = { 'content-type': contentType }
    const reply = await gateway.request('/v1/audio/transcriptions', { method: 'POST', headers, body: bytes })
    expect(reply.status).toBe(200)
    expect(upstream.requests[0]!.body.toString()).toBe(bytes.replace('scribe', 'whisper-1'))
    expect(upstream.requests[0]!.headers['content-type']).toBe(contentType)
  })
})

test('a form can go to a second target, as it is whole', async () => {
  await using second = await mockUpstream()
  second.reply(json({ text: 'Hallo' }))
  upstream.reply(json({ error: { message: 'Down.' } }, { status: 503 }))
  await using both = await createTestGateway({
    models: { scribe: { targets: ['openai/whisper-1', 'other/whisper-2'] } },
    plugins: [
      openaiDialect(),
      openai({ apiKey, baseUrl: upstream.url }),
      openai({ apiKey, baseUrl: second.url }, { id: 'other' }),
    ],
  })
  const form = formOf({ file: SOUND, model: 'scribe' })
  const reply = await fetch(`${both.url}/v1/audio/transcriptions`, { method: 'POST', body: form })
  expect(await reply.json()).toEqual({ text: 'Hallo' })
  expect(second.requests[0]!.body.includes('whisper-2')).toBe(true)
})

test('a provider that offers no such thing is not asked', async () => {
  upstream.reply(body('', 'text/plain'))
  const reply = await post('/v1/audio/transcriptions', { file: SOUND, model: 'nobody/m' }, json({}))
  expect(reply.status).toBe(404)
  expect(upstream.requests).toEqual([])
})
