import type { JsonObject } from '@sluice/core'
import { json } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { textOf } from './support/events.ts'
import { claude, gpt, says } from './support/says.ts'
import { setUp } from './support/setting.ts'
import { faultyStore, rejects } from './support/stores.ts'

const body = { model: 'anthropic/claude-x', input: 'Hi', background: true }

test('it is answered at once, and later there is the answer', async () => {
  await using setting = await setUp()
  const gate = Promise.withResolvers<void>()
  setting.upstreams.anthropic.reply(async (...args) => {
    await gate.promise
    await claude(says('At last.'))(...args)
  })
  const created = await setting.create({ ...body, metadata: { a: 'b' } }, 'ann')
  expect(created).toMatchObject({ status: 'queued', background: true, store: true, output: [], metadata: { a: 'b' } })
  expect(await setting.get(created.id, 'ann')).toEqual({ ...created, status: 'in_progress' })
  gate.resolve()
  const response = await setting.until(created.id, 'completed', 'ann')
  expect(textOf(response)).toBe('At last.')
  const { completed_at, output, usage, model, ...rest } = response
  expect({ ...rest, status: 'queued', output: [], usage: null, model: created.model }).toEqual(created)
  expect([completed_at, output, usage, model]).toEqual([
    expect.any(Number),
    [expect.objectContaining({ type: 'message', status: 'completed' })],
    expect.objectContaining({ input_tokens: 13, output_tokens: 20 }),
    'claude-x',
  ])
  expect((await setting.send('GET', `/v1/responses/${created.id}`, { as: 'bob' })).status).toBe(404)
  const next = { model: 'echo/echo', input: 'And now?', previous_response_id: created.id }
  expect((await setting.get(`${(await setting.create(next, 'ann')).id}/input_items`, 'ann')).data).toHaveLength(3)
})

test('it continues a conversation, for its caller, and is billed once', async () => {
  await using setting = await setUp()
  setting.upstreams.chat.reply(gpt({ content: 'Fine.' }))
  const first = await setting.create({ model: 'echo/echo', input: 'One' }, 'ann')
  const request = { model: 'chat/gpt-x', input: 'Two', background: true, previous_response_id: first.id }
  const { id } = await setting.create(request, 'ann')
  expect(await setting.until(id, 'completed', 'ann')).toMatchObject({ previous_response_id: first.id })
  expect(setting.upstreams.chat.requests[0]!.json().messages).toMatchObject([
    { content: 'One' },
    { content: 'You said: One' },
    { content: 'Two' },
  ])
  const bills = setting.ends
    .filter(({ model }) => model === 'chat/gpt-x')
    .map(({ principal, usage, attempts }) => [principal.key, attempts.at(-1)!.target.provider, usage?.output.total])
  expect(bills).toEqual([
    ['ann', 'store-responses', 0],
    ['ann', 'chat', 20],
  ])
})

test('a failure can be read', async () => {
  await using setting = await setUp()
  const error = { type: 'rate_limit_error', message: 'Slow down.' }
  setting.upstreams.anthropic.reply(json({ type: 'error', error }, { status: 429 }))
  const { id } = await setting.create(body)
  expect(await setting.until(id, 'failed')).toMatchObject({
    error: { code: 'rate_limit_exceeded', message: 'Slow down.' },
    output: [],
  })
  const next = { model: 'echo/echo', input: 'Go on', previous_response_id: id }
  const reply = await setting.send('POST', '/v1/responses', { body: next })
  expect([reply.status, reply.json().error]).toMatchObject([400, { param: 'previous_response_id' }])
})

describe('cancelling', () => {
  test('ends the call of the upstream', async () => {
    await using setting = await setUp()
    setting.upstreams.anthropic.reply(() => undefined)
    const { id } = await setting.create(body)
    const call = await setting.upstreams.anthropic.request()
    const reply = await setting.send('POST', `/v1/responses/${id}/cancel`)
    expect([reply.status, reply.json()]).toMatchObject([200, { id, status: 'cancelled', output: [] }])
    await call.closed
    expect((await setting.until(id, 'cancelled')).error).toBeNull()
    const again = await setting.send('POST', `/v1/responses/${id}/cancel`)
    expect([again.status, again.json().status]).toEqual([200, 'cancelled'])
  })

  test('is refused when it is over', async () => {
    await using setting = await setUp()
    setting.upstreams.anthropic.reply(claude(says('Done.')))
    const { id } = await setting.create(body)
    await setting.until(id, 'completed')
    const reply = await setting.send('POST', `/v1/responses/${id}/cancel`)
    expect([reply.status, reply.json().error]).toMatchObject([
      400,
      { message: 'Cannot cancel a completed response.', param: 'response_id' },
    ])
  })

  test('holds, whatever comes after it', async () => {
    const store = faultyStore()
    await using setting = await setUp({}, { store: store.plugin })
    const gate = Promise.withResolvers<void>()
    setting.upstreams.anthropic.reply(async (...args) => {
      await gate.promise
      await claude(says('Too late.'))(...args)
    })
    const { id } = await setting.create(body)
    await setting.upstreams.anthropic.request()
    // As another process would have done it.
    const record = store.records.get(`responses/${id}`) as { response: JsonObject }
    store.records.set(`responses/${id}`, { ...record, response: { ...record.response, status: 'cancelled' } })
    gate.resolve()
    await expect.poll(async () => (await setting.get(id)).status).toBe('cancelled')
  })
})

test('deleting it ends it', async () => {
  await using setting = await setUp()
  setting.upstreams.anthropic.reply(() => undefined)
  const { id } = await setting.create(body)
  const call = await setting.upstreams.anthropic.request()
  expect((await setting.send('DELETE', `/v1/responses/${id}`)).status).toBe(200)
  await call.closed
  await expect.poll(() => setting.ends.some(({ error }) => error?.code === 'client_closed')).toBe(true)
  expect((await setting.send('GET', `/v1/responses/${id}`)).status).toBe(404)
})

test('no more run than may', async () => {
  await using setting = await setUp({ backgroundRuns: 1 })
  setting.upstreams.anthropic.reply(() => undefined, claude(says('Next.')))
  const { id } = await setting.create(body)
  const refused = await setting.send('POST', '/v1/responses', { body })
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '10'])
  expect(refused.json().error).toMatchObject({ code: 'rate_limit_exceeded' })
  await setting.send('POST', `/v1/responses/${id}/cancel`)
  await expect.poll(async () => (await setting.send('POST', '/v1/responses', { body })).status).toBe(200)
})

test('none takes longer than it may', async () => {
  await using setting = await setUp({ backgroundTimeout: 30 })
  setting.upstreams.anthropic.reply(() => undefined)
  const { id } = await setting.create(body)
  expect((await setting.until(id, 'failed')).error).toMatchObject({ message: 'The model did not end in time.' })
})

test('one whose process is gone has failed', async () => {
  const store = faultyStore()
  await using setting = await setUp({}, { store: store.plugin })
  const { id } = await setting.create({ model: 'echo/echo', input: 'Hi' })
  const record = store.records.get(`responses/${id}`) as { response: JsonObject }
  const open = { ...record, response: { ...record.response, status: 'in_progress' } }
  store.records.set(`responses/${id}`, { ...open, deadline: Date.now() + 60_000 })
  expect((await setting.get(id)).status).toBe('in_progress')
  store.records.set(`responses/${id}`, { ...open, deadline: Date.now() - 1 })
  expect(await setting.get(id)).toMatchObject({ status: 'failed', error: { code: 'server_error' } })
})

test('it must be stored', async () => {
  await using setting = await setUp()
  const reply = await setting.send('POST', '/v1/responses', { body: { ...body, store: false } })
  expect([reply.status, reply.json().error]).toMatchObject([400, { param: 'store' }])
  expect(setting.upstreams.anthropic.requests).toEqual([])
})

test.each(['conversation', 'prompt'])('it is refused what only the upstream would hold: %s', async (field) => {
  await using setting = await setUp()
  const reply = await setting.send('POST', '/v1/responses', { body: { ...body, [field]: { id: 'x_1' } } })
  expect([reply.status, reply.json().error]).toMatchObject([400, { param: field }])
})

test('what is too large to be kept is not begun', async () => {
  await using setting = await setUp({ size: 2000 })
  const reply = await setting.send('POST', '/v1/responses', { body: { ...body, input: 'x'.repeat(2000) } })
  expect([reply.status, reply.json().error]).toMatchObject([413, { code: 'request_too_large' }])
})

test.each([false, true])('an answer too large to be kept is a failure (stream: %s)', async (stream) => {
  await using setting = await setUp({ size: 2500 })
  setting.upstreams.anthropic.reply(claude(says('x'.repeat(3000))))
  const created = stream
    ? (await setting.stream({ ...body, stream })).at(-1)!.response!
    : await setting.create({ ...body, stream })
  expect(await setting.until(String(created.id), 'failed')).toMatchObject({ error: { code: 'server_error' } })
})

test('its end is kept when the store works again', async () => {
  const store = faultyStore()
  await using setting = await setUp({}, { store: store.plugin })
  const gate = Promise.withResolvers<void>()
  setting.upstreams.anthropic.reply(async (...args) => {
    await gate.promise
    await claude(says('Kept.'))(...args)
  })
  const { id } = await setting.create(body)
  await setting.upstreams.anthropic.request()
  let failures = 0
  store.fault = (method) => (method === 'put' && failures++ === 0 ? rejects() : undefined)
  gate.resolve()
  await expect.poll(() => JSON.stringify(store.records.get(`responses/${id}`))).toContain('Kept.')
  expect(failures).toBe(2)
})

test('a gateway that closes waits for it', async () => {
  const store = faultyStore()
  const setting = await setUp({}, { store: store.plugin })
  const gate = Promise.withResolvers<void>()
  setting.upstreams.anthropic.reply(async (...args) => {
    await gate.promise
    await claude(says('In time.'))(...args)
  })
  const { id } = await setting.create(body)
  await setting.upstreams.anthropic.request()
  const closed = setting[Symbol.asyncDispose]()
  gate.resolve()
  await closed
  expect(store.records.get(`responses/${id}`)).toMatchObject({ response: { status: 'completed' } })
})

test('a gateway that can wait no longer leaves a failure', async () => {
  const store = faultyStore()
  const setting = await setUp({}, { store: store.plugin, server: { drainTimeout: 30 } })
  setting.upstreams.anthropic.reply(() => undefined)
  const { id } = await setting.create(body)
  await setting.upstreams.anthropic.request()
  await setting[Symbol.asyncDispose]()
  expect(store.records.get(`responses/${id}`)).toMatchObject({ response: { status: 'failed' } })
})

test('it outlives a reload of the config', async () => {
  await using setting = await setUp()
  setting.upstreams.anthropic.reply(() => undefined)
  const { id } = await setting.create(body)
  const call = await setting.upstreams.anthropic.request()
  await setting.gateway.gateway.reload(setting.config)
  expect((await setting.get(id)).status).toBe('in_progress')
  await setting.send('POST', `/v1/responses/${id}/cancel`)
  await call.closed
  expect((await setting.get(id)).status).toBe('cancelled')
})
