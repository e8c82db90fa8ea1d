import { definePlugin } from '@sluice/core'
import type { PluginInstance } from '@sluice/core'
import { json } from '@sluice/core/testing'
import { httpProvider } from '@sluice/provider-kit'
import { describe, expect, test } from 'vitest'
import { eventsIn, textOf } from './support/events.ts'
import { claude, native, nativeResponse, nativeStream, says } from './support/says.ts'
import { setUp } from './support/setting.ts'

const ID = 'resp_0a7b7a50defd24cd0068fe742477d48198a40452c9d3346912'

describe.each([false, true])('a provider that keeps responses itself (stream: %s)', (stream) => {
  test('gets the words of its client, and its client its', async () => {
    await using setting = await setUp()
    setting.upstreams.native.reply(native(ID, 'Hi'))
    const body = {
      model: 'native/x',
      input: 'Hi',
      store: true,
      background: true,
      previous_response_id: 'resp_b4',
      stream,
    }
    const reply = await setting.send('POST', '/v1/responses', { body })
    expect(setting.upstreams.native.requests[0]!.json()).toEqual({ ...body, model: 'x' })
    if (stream) expect(reply.text).toBe(nativeStream(ID, 'Hi'))
    else expect(reply.json()).toEqual(nativeResponse(ID, 'Hi'))
  })

  test('is asked for what it made, by whoever asked it', async () => {
    await using setting = await setUp()
    setting.upstreams.native2.reply(native(ID, 'Hi'), json({ told: 1 }))
    await setting.create({ model: 'native2/x', input: 'Hi', stream }, 'ann')
    const calls = [
      ['GET', '?include[]=reasoning.encrypted_content&key=secret'],
      ['GET', '/input_items?limit=3&order=asc'],
      ['POST', '/cancel'],
      ['DELETE', ''],
    ] as const
    for (const [method, path] of calls) {
      const theirs = await setting.send(method, `/v1/responses/${ID}${path}`, { as: 'bob' })
      expect([method, path, theirs.status]).toEqual([method, path, 404])
      const ours = await setting.send(method, `/v1/responses/${ID}${path}`, { as: 'ann' })
      expect([method, path, ours.status, ours.json()]).toEqual([method, path, 200, { told: 1 }])
    }
    const [, ...requests] = setting.upstreams.native2.requests
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /v1/responses/${ID}?include%5B%5D=reasoning.encrypted_content`,
      `GET /v1/responses/${ID}/input_items?limit=3&order=asc`,
      `POST /v1/responses/${ID}/cancel`,
      `DELETE /v1/responses/${ID}`,
    ])
    expect(requests.every(({ headers }) => headers.authorization === 'Bearer sk-upstream-0123456789')).toBe(true)
    expect(setting.upstreams.native.requests).toEqual([])
  })

  test('is the first one asked to go on', async () => {
    const targets = ['anthropic/claude-x', 'native/x', 'native2/x']
    await using setting = await setUp({}, { models: { any: { targets } } })
    setting.upstreams.native2.reply(native(ID, 'One'), native('resp_2', 'Two'))
    await setting.create({ model: 'native2/x', input: 'Hi', stream })
    const second = await setting.create({ model: 'any', input: 'Go on', previous_response_id: ID, stream })
    expect(textOf(second)).toBe('Two')
    expect(setting.upstreams.native2.requests[1]!.json().previous_response_id).toBe(ID)
    expect(setting.upstreams.anthropic.requests).toEqual([])
  })

  test('nobody continues what it made for somebody else', async () => {
    await using setting = await setUp()
    setting.upstreams.native.reply(native(ID, 'One'))
    await setting.create({ model: 'native/x', input: 'Hi', stream }, 'ann')
    const body = { model: 'native/x', input: 'Go on', previous_response_id: ID, stream }
    const reply = await setting.send('POST', '/v1/responses', { body, as: 'bob' })
    expect([reply.status, reply.json().error]).toMatchObject([400, { code: 'previous_response_not_found' }])
    expect(setting.upstreams.native.requests).toHaveLength(1)
  })
})

test('a provider that falls in for one that keeps nothing gets the client’s own words', async () => {
  const targets = ['anthropic/claude-x', 'native/x']
  await using setting = await setUp({}, { models: { any: { targets } } })
  setting.upstreams.anthropic.reply(json({ error: { type: 'overloaded_error', message: 'Busy' } }, { status: 529 }))
  setting.upstreams.native.reply(native(ID, 'Hi'))
  const body = { model: 'any', input: 'Hi', store: true, stream: false }
  expect((await setting.create(body)).id).toBe(ID)
  expect(setting.upstreams.native.requests[0]!.json()).toEqual({ ...body, model: 'x' })
})

test('what it keeps, another provider cannot continue', async () => {
  await using setting = await setUp()
  setting.upstreams.native.reply(native(ID, 'Hi'))
  await setting.create({ model: 'native/x', input: 'Hi' })
  const body = { model: 'anthropic/claude-x', input: 'Go on', previous_response_id: ID }
  const reply = await setting.send('POST', '/v1/responses', { body })
  expect([reply.status, reply.json().error]).toMatchObject([400, { code: 'previous_response_not_found' }])
})

test('its stream passes as it is', async () => {
  await using setting = await setUp()
  setting.upstreams.native.reply(native(ID, 'Hi'), (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(nativeStream(ID, `Again ${request.path}`))
  })
  await setting.create({ model: 'native/x', input: 'Hi' })
  const reply = await setting.send('GET', `/v1/responses/${ID}?stream=true&starting_after=-1`)
  expect(textOf(eventsIn(reply.text).at(-1)!.response)).toContain('?stream=true')
})

test('its refusal passes as it is', async () => {
  await using setting = await setUp()
  const error = { message: 'Gone.', type: 'invalid_request_error', param: 'x', code: 'gone' }
  setting.upstreams.native.reply(native(ID, 'Hi'), json({ error }, { status: 404 }))
  await setting.create({ model: 'native/x', input: 'Hi' })
  const reply = await setting.send('GET', `/v1/responses/${ID}`)
  expect([reply.status, reply.json()]).toEqual([404, { error }])
})

/** Only asked it shows that it speaks the dialect, too. */
const bilingual = (baseUrl: string): PluginInstance =>
  definePlugin({
    name: 'test-bilingual',
    version: '1.0.0',
    api: 1,
    id: 'native',
    setup({ addProvider, onClose }) {
      const path = (_: string, __: string, ___: boolean, dialect: string): string =>
        dialect === 'openai-responses' ? '/responses' : '/chat/completions'
      const also = ['openai-responses']
      const { provider, close } = httpProvider({ dialect: 'openai-chat', also, baseUrl, path, headers: () => ({}) })
      addProvider(provider)
      onClose(close)
    },
  })()

describe('the only provider that may keep responses, as far as is known', () => {
  test('is asked for those of which nothing is known', async () => {
    await using setting = await setUp({}, { native: bilingual })
    setting.upstreams.native.reply(json({ told: 1 }))
    for (const id of [ID, 'resp_00000000-0000-4000-8000-000000000000'])
      expect(await setting.get(id)).toEqual({ told: 1 })
    expect([setting.upstreams.anthropic.requests, setting.upstreams.chat.requests]).toEqual([[], []])
  })

  test('gets the words of its client from the first request on', async () => {
    await using setting = await setUp({}, { native: bilingual })
    setting.upstreams.native.reply(native(ID, 'Hi'))
    const body = { model: 'native/x', input: 'Hi', background: true, previous_response_id: 'resp_before' }
    expect((await setting.create(body)).id).toBe(ID)
    expect(setting.upstreams.native.requests[0]!.json()).toEqual({ ...body, model: 'x' })
  })
})

test('items that are kept here are put in place for it, others it knows itself', async () => {
  await using setting = await setUp()
  setting.upstreams.anthropic.reply(claude(says('Hi')))
  setting.upstreams.native.reply(native(ID, 'Two'))
  const first = await setting.create({ model: 'anthropic/claude-x', input: 'Hi' })
  const [item] = first.output as { id: string }[]
  const input = [
    { type: 'item_reference', id: item!.id },
    { type: 'item_reference', id: 'rs_theirs' },
  ]
  await setting.create({ model: 'native/x', input })
  const told = setting.upstreams.native.requests[0]!.json().input
  expect(told).toMatchObject([
    { type: 'message', role: 'assistant', id: item!.id },
    { type: 'item_reference', id: 'rs_theirs' },
  ])
})
