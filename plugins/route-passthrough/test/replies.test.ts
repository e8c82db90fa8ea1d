/** Replies come back as they came, and those that can be read are counted. */
import { body, htmlErrorPage, json, rateLimited, sse } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { setUp } from './support/setting.ts'

const refusal = { error: { message: 'No such file.', type: 'invalid_request_error', code: null, extra: [1] } }

describe('refusals come back as they came', () => {
  test.each([400, 404, 409, 410, 413, 415, 422, 418, 500, 502, 503, 529])('status %i', async (status) => {
    await using setting = await setUp()
    const bytes = JSON.stringify(refusal, undefined, 3)
    setting.upstream.reply(body(bytes, 'application/problem+json', { status, headers: { 'x-why': 'that' } }))
    const reply = await setting.send('/passthrough/vendor/files/1', { method: 'DELETE' })
    expect([reply.status, reply.body.toString()]).toEqual([status, bytes])
    expect(reply.headers).toMatchObject({ 'content-type': 'application/problem+json', 'x-why': 'that' })
    expect(setting.upstream.requests).toHaveLength(1)
  })

  test('a page of HTML', async () => {
    await using setting = await setUp()
    setting.upstream.reply(htmlErrorPage(502))
    const reply = await setting.send('/passthrough/vendor/x')
    expect([reply.status, reply.headers['content-type']]).toEqual([502, 'text/html; charset=utf-8'])
    expect(reply.body.toString()).toContain('<hr>cloud')
  })

  test('the time to wait', async () => {
    await using setting = await setUp()
    setting.upstream.reply(rateLimited('Fri, 20 Nov 2026 10:00:00 GMT'))
    const reply = await setting.send('/passthrough/vendor/x')
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, 'Fri, 20 Nov 2026 10:00:00 GMT'])
    await expect.poll(() => setting.ends).toMatchObject([{ error: { code: 'rate_limit_exceeded' } }])
  })

  test.each([401, 403])("but not %i, which is about the gateway's credential", async (status) => {
    await using setting = await setUp()
    setting.upstream.reply(json({ error: { message: 'Incorrect API key: sk-0123' } }, { status }))
    const reply = await setting.send('/passthrough/vendor/x')
    expect([reply.status, JSON.parse(reply.body.toString())]).toMatchObject([
      502,
      { error: { code: 'upstream_error' } },
    ])
    expect(reply.body.toString()).not.toContain('sk-0123')
  })
})

const openai = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }
const completion = { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [], usage: openai }
const chunk = (fields: object): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', ...fields })}\n\n`
const said = chunk({
  choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello there.' }, finish_reason: null }],
})
const stopped = chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
const counted = chunk({ choices: [], usage: openai })
const done = 'data: [DONE]\n\n'
const message = {
  id: 'msg',
  type: 'message',
  role: 'assistant',
  model: 'c',
  content: [{ type: 'text', text: 'Hello.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 7, output_tokens: 3 },
}

describe('usage is known where a dialect can read the reply', () => {
  test.each([
    ['JSON', '/chat/completions', json(completion)],
    ['a stream', '/chat/completions', sse(said + stopped + counted + done)],
    ['the JSON of another dialect', '/messages', json(message)],
    ['a reply without the last frame', '/chat/completions', sse(said + stopped + counted)],
  ])('%s', async (_, path, reply) => {
    await using setting = await setUp()
    setting.upstream.reply(reply)
    expect((await setting.send(`/passthrough/vendor${path}`, { body: '{"model":"m"}' })).status).toBe(200)
    await expect
      .poll(() => setting.ends)
      .toMatchObject([{ outcome: 'ok', usage: { input: { total: 7 }, output: { total: 3 } } }])
    expect(setting.ends[0]!.usage).not.toHaveProperty('estimated')
  })

  test('a stream that does not count is estimated', async () => {
    await using setting = await setUp()
    setting.upstream.reply(sse(said + stopped + done))
    await setting.send('/passthrough/vendor/chat/completions', { body: 'x'.repeat(400) })
    await expect
      .poll(() => setting.ends)
      .toMatchObject([{ usage: { input: { total: 100 }, output: { total: 3 }, estimated: true } }])
  })

  const JSON_TYPE = 'application/json'
  test.each<[what: string, path: string, type: string, bytes: string | Buffer]>([
    ['an answer of another kind', '/chat/completions', JSON_TYPE, '{"object":"list","data":[]}'],
    ['no answer at all', '/chat/completions', JSON_TYPE, ''],
    ['broken JSON', '/chat/completions', JSON_TYPE, '{"id":'],
    [
      'a stream of another kind',
      '/chat/completions',
      'text/event-stream',
      'event: thread\ndata: {"a":1}\n\ndata: no\n\n',
    ],
    ['a stream that says nothing', '/chat/completions', 'text/event-stream', ''],
    ['half a frame', '/chat/completions', 'text/event-stream', 'data: {"id":'],
    ['sound', '/chat/completions', 'audio/mpeg', Buffer.from([0, 255, 10, 10, 13])],
    ['a list of messages of a thread', '/threads/1/messages', JSON_TYPE, '{"object":"list","data":[]}'],
    ['a path nobody knows', '/files', JSON_TYPE, '{"usage":{"prompt_tokens":1}}'],
    ['a dialect that is not there', '/v2/chat', JSON_TYPE, '{"usage":{"tokens":{"input_tokens":1}}}'],
  ])('%s passes all the same, and nothing is counted', async (_, path, type, bytes) => {
    await using setting = await setUp()
    setting.upstream.reply(body(bytes, type))
    const reply = await setting.send(`/passthrough/vendor${path}`, { body: '{}' })
    expect([reply.status, reply.headers['content-type'], reply.body]).toEqual([200, type, Buffer.from(bytes as string)])
    await expect.poll(() => setting.ends).toMatchObject([{ outcome: 'ok', usage: undefined, error: undefined }])
  })

  test('an error inside a stream passes as it came, and the exchange has failed', async () => {
    await using setting = await setUp()
    const stream = `${said}data: ${JSON.stringify({ error: { message: 'Overloaded.' } })}\n\n`
    setting.upstream.reply(sse(stream))
    const reply = await setting.send('/passthrough/vendor/chat/completions', { body: '{}' })
    expect(reply.body.toString()).toBe(stream)
    await expect.poll(() => setting.ends).toMatchObject([{ outcome: 'failed', error: { code: 'upstream_error' } }])
  })
})
