/** Files, uploads and batches: requests go to the provider that holds them, and ids lead back to it. */
import type { JsonObject } from '@sluice/core'
import { body, createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestReply, TestRequest } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openai } from '../src/index.ts'

const apiKey = 'sk-test-0123456789'

let home: MockUpstream
let other: MockUpstream
let gateway: TestGateway
beforeEach(async () => {
  home = await mockUpstream()
  other = await mockUpstream()
  gateway = await createTestGateway({
    plugins: [
      openaiDialect(),
      openai({ apiKey, baseUrl: `${home.url}/v1` }),
      openai({ apiKey: 'sk-other-0123456789', baseUrl: `${other.url}/v1` }, { id: 'other' }),
    ],
  })
})
afterEach(async () => {
  await gateway.close()
  await Promise.all([home.close(), other.close()])
})

/** What the providers got of a request, as `provider METHOD path`. */
async function ask(
  path: string,
  init: TestRequest = {},
  answer: JsonObject = { ok: true },
): Promise<{ reply: TestReply; got: string[] }> {
  home.reply(json(answer))
  other.reply(json(answer))
  const reply = await gateway.request(path, init)
  const got = Object.entries({ home, other }).flatMap(([name, { requests }]) =>
    requests.map(({ method, path }) => `${name} ${method} ${path}`),
  )
  return { reply, got }
}

describe('where a request goes', () => {
  const cases: [string, string, TestRequest?][] = [
    ['GET /v1/files', 'home GET /v1/files'],
    ['GET /v1/files?purpose=batch&limit=3', 'home GET /v1/files?purpose=batch&limit=3'],
    ['GET /v1/files?provider=other&key=sk-client', 'other GET /v1/files'],
    ['GET /v1/files?after=file-1%40other&limit=2', 'other GET /v1/files?after=file-1&limit=2'],
    ['GET /v1/files/file-1', 'home GET /v1/files/file-1'],
    ['GET /v1/files/file-1@other', 'other GET /v1/files/file-1'],
    ['GET /v1/files/file-1%40other/content', 'other GET /v1/files/file-1/content'],
    ['GET /openai/v1/files/file-1@other', 'other GET /v1/files/file-1'],
    ['DELETE /v1/files/file-1@openai', 'home DELETE /v1/files/file-1'],
    ['DELETE /v1/files/file-1', 'other DELETE /v1/files/file-1', { headers: { 'x-sluice-provider': 'other' } }],
    ['POST /v1/uploads', 'home POST /v1/uploads', { body: { purpose: 'batch' } }],
    ['POST /v1/uploads/up_1@other/cancel', 'other POST /v1/uploads/up_1/cancel'],
    ['POST /v1/uploads/up_1@other/complete', 'other POST /v1/uploads/up_1/complete', { body: { part_ids: [] } }],
    ['GET /v1/batches?after=batch_1@other', 'other GET /v1/batches?after=batch_1'],
    ['GET /v1/batches/batch_1@other', 'other GET /v1/batches/batch_1'],
    ['POST /v1/batches/batch_1@other/cancel', 'other POST /v1/batches/batch_1/cancel'],
  ]
  test.each(cases)('%s → %s', async (asked, expected, init) => {
    const [method, path] = asked.split(' ')
    const { reply, got } = await ask(path!, { method: method!, ...init })
    expect(reply.status).toBe(200)
    expect(got).toEqual([expected])
  })

  test('a batch goes where its file is, which is called there what it always was', async () => {
    const batch = { endpoint: '/v1/chat/completions', completion_window: '24h', metadata: { id: 'a@b' } }
    const { got } = await ask('/v1/batches', { body: { input_file_id: 'file-1@other', ...batch } })
    expect(got).toEqual(['other POST /v1/batches'])
    expect(other.requests[0]!.json()).toEqual({ input_file_id: 'file-1', ...batch })
  })

  test('a batch of the home provider passes byte by byte', async () => {
    const bytes = '{ "input_file_id": "file-1", "endpoint": "/v1/responses" }'
    const headers = { 'content-type': 'application/json' }
    await ask('/v1/batches', { method: 'POST', headers, body: bytes })
    expect(home.requests[0]!.body.toString()).toBe(bytes)
  })

  test('the parts of an upload are called what they always were', async () => {
    const { got } = await ask('/v1/uploads/up_1@other/complete', {
      body: { part_ids: ['part_1@other', 'part_2@other'] },
    })
    expect(got).toEqual(['other POST /v1/uploads/up_1/complete'])
    expect(other.requests[0]!.json()).toEqual({ part_ids: ['part_1', 'part_2'] })
  })

  test('a file goes up unread', async () => {
    home.reply(json({ object: 'file', id: 'file-1' }))
    const form = new FormData()
    form.append('purpose', 'batch')
    form.append('file', new Blob(['x'.repeat(2_000_000)]), 'batch.jsonl')
    const reply = await fetch(`${gateway.url}/v1/files`, { method: 'POST', body: form })
    expect(await reply.json()).toEqual({ object: 'file', id: 'file-1' })
    const [request] = home.requests
    expect(request!.headers).toMatchObject({ authorization: `Bearer ${apiKey}` })
    expect(request!.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(request!.body.length).toBeGreaterThan(2_000_000)
  })
})

describe('what comes back', () => {
  const file = { id: 'file-1', object: 'file', bytes: 3, filename: 'a@b.jsonl', created_at: 1 }
  const batch = {
    id: 'batch_1',
    object: 'batch',
    input_file_id: 'file-1',
    output_file_id: 'file-2',
    error_file_id: null,
  }
  const cases: [path: string, answer: JsonObject, shown: JsonObject][] = [
    ['/v1/files/x@other', file, { ...file, id: 'file-1@other' }],
    [
      '/v1/files/file-1@other',
      { id: 'file-1', object: 'file', deleted: true },
      { id: 'file-1@other', object: 'file', deleted: true },
    ],
    [
      '/v1/files?provider=other',
      { object: 'list', data: [file], first_id: 'file-1', last_id: 'file-1', has_more: false },
      {
        object: 'list',
        data: [{ ...file, id: 'file-1@other' }],
        first_id: 'file-1@other',
        last_id: 'file-1@other',
        has_more: false,
      },
    ],
    [
      '/v1/batches/batch_1@other',
      batch,
      { ...batch, id: 'batch_1@other', input_file_id: 'file-1@other', output_file_id: 'file-2@other' },
    ],
    [
      '/v1/batches?provider=other',
      { object: 'list', data: [batch], first_id: null, last_id: null },
      {
        object: 'list',
        data: [{ ...batch, id: 'batch_1@other', input_file_id: 'file-1@other', output_file_id: 'file-2@other' }],
        first_id: null,
        last_id: null,
      },
    ],
  ]
  test.each(cases)('%s has ids that lead back', async (path, answer, shown) => {
    expect((await ask(path, {}, answer)).reply.json()).toEqual(shown)
  })

  test.each<[string, JsonObject, JsonObject]>([
    [
      '/v1/uploads?provider=other',
      { id: 'up_1', object: 'upload', status: 'completed', file },
      { id: 'up_1@other', object: 'upload', status: 'completed', file: { ...file, id: 'file-1@other' } },
    ],
    [
      '/v1/uploads/up_1@other/parts',
      { id: 'part_1', object: 'upload.part', upload_id: 'up_1' },
      { id: 'part_1@other', object: 'upload.part', upload_id: 'up_1@other' },
    ],
  ])('%s has ids that lead back', async (path, answer, shown) => {
    expect(
      (await ask(path, { method: 'POST', headers: { 'content-type': 'x/y' }, body: '--' }, answer)).reply.json(),
    ).toEqual(shown)
  })

  test('of the home provider is what it was', async () => {
    expect((await ask('/v1/files/file-1', {}, file)).reply.json()).toEqual(file)
  })

  test('of a file is its bytes', async () => {
    const bytes = Buffer.from('{"id":"file-1"}\n{"id":2}\n\x00')
    other.reply(body(bytes, 'application/octet-stream', { headers: { 'content-disposition': 'attachment' } }))
    const reply = await fetch(`${gateway.url}/v1/files/file-1@other/content`)
    expect(Buffer.from(await reply.arrayBuffer())).toEqual(bytes)
    expect(reply.headers.get('content-disposition')).toBe('attachment')
  })
})

describe('what is refused, and goes nowhere', () => {
  test.each<[string, string, TestRequest?]>([
    ['dots, which could be a way out', '/v1/files/..%40other'],
    ['a slash', '/v1/files/a%2Fb'],
    ['a query in an id', '/v1/files/a%3Fb%3D1'],
    ['a name that is no provider', '/v1/files?provider=a%2Fb'],
    ['ids of two providers', '/v1/files/file-1@other?after=file-2@openai'],
    [
      'a file and a batch of two providers',
      '/v1/batches',
      { body: { input_file_id: 'a@other', output_file_id: 'b@openai' } },
    ],
    [
      'a list in place of a batch',
      '/v1/batches',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[]' },
    ],
  ])('%s', async (_, path, init) => {
    const { reply, got } = await ask(path, init)
    expect(reply.json()).toMatchObject({ error: { code: 'invalid_request' } })
    expect(got).toEqual([])
  })

  test('a batch too long to be one', async () => {
    const { reply, got } = await ask('/v1/batches', { body: { input_file_id: 'x', metadata: 'y'.repeat(3_000_000) } })
    expect(reply.status).toBe(400)
    expect(got).toEqual([])
  })

  test('a provider that is not there', async () => {
    const { reply, got } = await ask('/v1/files/file-1@nobody')
    expect(reply.status).toBe(404)
    expect(got).toEqual([])
  })
})

test('the home provider is an option', async () => {
  other.reply(json({ id: 'file-1', object: 'file' }))
  await using elsewhere = await createTestGateway({
    plugins: [
      openaiDialect({ filesProvider: 'other' }),
      openai({ apiKey, baseUrl: home.url }),
      openai({ apiKey, baseUrl: other.url }, { id: 'other' }),
    ],
  })
  expect((await elsewhere.request('/v1/files/file-1')).json()).toEqual({ id: 'file-1', object: 'file' })
  expect(home.requests).toEqual([])
})
