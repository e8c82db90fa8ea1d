import type { JsonObject } from '@sluice/core'
import { recordedCases, replayCase } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { textOf } from './support/events.ts'
import { claude, gpt, native, says } from './support/says.ts'
import { setUp } from './support/setting.ts'
import type { Setting } from './support/setting.ts'

const tools = [{ type: 'function', name: 'weather', description: 'Now', parameters: { type: 'object' }, strict: false }]

/** What the upstream was asked last. */
const asked = (setting: Setting, upstream: keyof Setting['upstreams']): JsonObject & { messages: JsonObject[] } =>
  setting.upstreams[upstream].requests.at(-1)!.json() as JsonObject & { messages: JsonObject[] }
const outputOf = (response: JsonObject): JsonObject[] => response.output as JsonObject[]
const callIn = (response: JsonObject): JsonObject => outputOf(response).find(({ type }) => type === 'function_call')!

describe.each([false, true])('in two turns (stream: %s)', (stream) => {
  test('Anthropic hears the conversation, and only the instructions of the turn', async () => {
    await using setting = await setUp()
    setting.upstreams.anthropic.reply(claude(says('Rome is warm.')))
    const model = 'anthropic/claude-x'
    const first = await setting.create({ model, stream, instructions: 'Be brief', input: 'How is Rome?' })
    expect(textOf(first)).toBe('Rome is warm.')
    expect(first).toMatchObject({ store: true, previous_response_id: null, background: false, status: 'completed' })

    const second = await setting.create({ model, stream, input: 'And Oslo?', previous_response_id: first.id })
    expect(second).toMatchObject({ store: true, previous_response_id: first.id, instructions: null })
    expect(asked(setting, 'anthropic').system).toBeUndefined()
    expect(asked(setting, 'anthropic').messages).toMatchObject([
      { role: 'user', content: 'How is Rome?' },
      { role: 'assistant', content: 'Rome is warm.' },
      { role: 'user', content: 'And Oslo?' },
    ])

    await setting.create({ model, stream, instructions: 'Rhyme', input: 'Again', previous_response_id: second.id })
    const { system, messages } = asked(setting, 'anthropic')
    expect(JSON.stringify(system)).toContain('Rhyme')
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant', 'user'])
  })

  test('a thought of Anthropic comes back with its signature, and a tool with its result', async () => {
    await using setting = await setUp()
    const thought = { type: 'thinking', thinking: 'I need a tool.', signature: 'c2lnbmVk' }
    const hidden = { type: 'redacted_thinking', data: 'ZW5jcnlwdGVk' }
    const call = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Rome' } }
    setting.upstreams.anthropic.reply(claude(thought, hidden, says('Let me see.'), call), claude(says('Warm.')))
    const body = { model: 'anthropic/claude-x', stream, tools, reasoning: { effort: 'high' }, max_output_tokens: 9000 }
    const first = await setting.create({ ...body, input: 'How is Rome?' })
    const { call_id } = callIn(first)
    const result = { type: 'function_call_output', call_id, output: '31 °C' }
    const second = await setting.create({ ...body, input: [result], previous_response_id: first.id })
    expect(textOf(second)).toBe('Warm.')
    const [, assistant, user] = asked(setting, 'anthropic').messages
    expect(assistant).toMatchObject({ role: 'assistant', content: [thought, hidden, says('Let me see.'), call] })
    expect(user).toMatchObject({ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] })
    expect(JSON.stringify(user)).toContain('31 °C')
  })

  test('a tool called through OpenAI Chat gets its result there', async () => {
    await using setting = await setUp()
    const calls = ['Rome', 'Oslo'].map((city, index) => {
      return {
        id: `call_${index}`,
        type: 'function',
        function: { name: 'weather', arguments: JSON.stringify({ city }) },
      }
    })
    setting.upstreams.chat.reply(gpt({ tool_calls: calls }), gpt({ content: 'Both are fine.' }))
    const body = { model: 'chat/gpt-x', stream, tools }
    const first = await setting.create({ ...body, input: 'How are Rome and Oslo?' })
    const results = outputOf(first).map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'fine' }))
    const second = await setting.create({ ...body, input: results, previous_response_id: first.id })
    expect(textOf(second)).toBe('Both are fine.')
    expect(asked(setting, 'chat').messages).toMatchObject([
      { role: 'user', content: 'How are Rome and Oslo?' },
      { role: 'assistant', tool_calls: calls },
      { role: 'tool', tool_call_id: 'call_0', content: 'fine' },
      { role: 'tool', tool_call_id: 'call_1', content: 'fine' },
    ])
  })

  test('the conversation goes on with another provider, from turn to turn', async () => {
    await using setting = await setUp()
    setting.upstreams.anthropic.reply(claude({ type: 'thinking', thinking: 'Hm.', signature: 's' }, says('One.')))
    setting.upstreams.chat.reply(gpt({ content: 'Two.' }))
    setting.upstreams.native.reply(native('resp_native', 'Three.'))
    const first = await setting.create({ model: 'anthropic/claude-x', stream, input: 'Count' })
    const second = await setting.create({ model: 'chat/gpt-x', stream, input: 'On', previous_response_id: first.id })
    expect(asked(setting, 'chat').messages).toMatchObject([
      { role: 'user', content: 'Count' },
      { role: 'assistant', content: 'One.' },
      { role: 'user', content: 'On' },
    ])
    const third = await setting.create({ model: 'native/x', stream, input: 'On', previous_response_id: second.id })
    expect(third.id).toBe('resp_native')
    const { input, previous_response_id: previous } = asked(setting, 'native')
    expect(previous).toBeUndefined()
    expect((input as JsonObject[]).map(({ type, role }) => [type, role])).toEqual([
      ['message', 'user'],
      ['message', 'assistant'],
      ['message', 'user'],
      ['message', 'assistant'],
      ['message', 'user'],
    ])
  })

  test('items that are referred to are put in place', async () => {
    await using setting = await setUp()
    const thought = { type: 'thinking', thinking: 'I need a tool.', signature: 'c2lnbmVk' }
    const call = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} }
    setting.upstreams.anthropic.reply(claude(thought, call), claude(says('Warm.')))
    const body = { model: 'anthropic/claude-x', stream, tools, reasoning: { effort: 'high' }, max_output_tokens: 9000 }
    const first = await setting.create({ ...body, input: 'How is Rome?' })
    const references = outputOf(first).map(({ id }) => ({ type: 'item_reference', id }))
    const { call_id } = callIn(first)
    const input = [
      { role: 'user', content: 'How is Rome?' },
      ...references,
      { type: 'function_call_output', call_id, output: 'ok' },
    ]
    const second = await setting.create({ ...body, input })
    expect(asked(setting, 'anthropic').messages[1]).toMatchObject({ role: 'assistant', content: [thought, call] })
    const { data } = await setting.get(`${second.id}/input_items?order=asc`)
    expect((data as JsonObject[]).map(({ type }) => type)).toEqual([
      'message',
      'reasoning',
      'function_call',
      'function_call_output',
    ])
  })
})

describe('what cannot be continued is refused as the API does:', () => {
  const code = 'previous_response_not_found'
  const unknown = 'resp_00000000-0000-4000-8000-000000000000'
  test.each([
    ['an id of a gateway', unknown, 'anthropic/claude-x'],
    ['an id of OpenAI', 'resp_0a7b7a50defd24cd0068fe742477d48198a40452c9d3346912', 'anthropic/claude-x'],
    ['a text', '../etc', 'anthropic/claude-x'],
    ['an id, asked of a model in this process', unknown, 'echo/echo'],
  ])('%s that nobody knows', async (_, previous_response_id, model) => {
    await using setting = await setUp()
    const reply = await setting.send('POST', '/v1/responses', { body: { model, input: 'Hi', previous_response_id } })
    expect(reply.status).toBe(400)
    expect(reply.json().error).toEqual({
      message: `Previous response with id '${previous_response_id}' not found.`,
      type: 'invalid_request_error',
      param: 'previous_response_id',
      code,
    })
    expect(setting.upstreams.anthropic.requests).toEqual([])
  })

  test('a response of somebody else', async () => {
    await using setting = await setUp()
    const { id } = await setting.create({ model: 'echo/echo', input: 'Mine' }, 'ann')
    const body = { model: 'echo/echo', input: 'Go on', previous_response_id: id }
    const reply = await setting.send('POST', '/v1/responses', { body, as: 'bob' })
    expect([reply.status, reply.json().error]).toMatchObject([400, { code }])
    expect((await setting.create(body, 'ann')).previous_response_id).toBe(id)
  })

  test('one that was not stored', async () => {
    await using setting = await setUp()
    const { id, store } = await setting.create({ model: 'echo/echo', input: 'Hi', store: false })
    expect(store).toBe(false)
    const body = { model: 'echo/echo', input: 'Go on', previous_response_id: id }
    expect((await setting.send('POST', '/v1/responses', { body })).json().error).toMatchObject({ code })
  })

  test('one that has expired', async () => {
    await using setting = await setUp({ ttl: 1 })
    const { id } = await setting.create({ model: 'echo/echo', input: 'Hi' })
    const until = Date.now() + 2
    while (Date.now() < until);
    const body = { model: 'echo/echo', input: 'Go on', previous_response_id: id }
    expect((await setting.send('POST', '/v1/responses', { body })).json().error).toMatchObject({ code })
  })

  test('a reference to an item that nobody knows', async () => {
    await using setting = await setUp()
    const input = [{ type: 'item_reference', id: 'rs_unknown' }]
    const reply = await setting.send('POST', '/v1/responses', { body: { model: 'echo/echo', input } })
    expect([reply.status, reply.json().error]).toMatchObject([404, { type: 'invalid_request_error', param: 'input' }])
  })

  test('a reference to an item of somebody else', async () => {
    await using setting = await setUp()
    const [item] = outputOf(await setting.create({ model: 'echo/echo', input: 'Mine' }, 'ann'))
    const body = { model: 'echo/echo', input: [{ id: item!.id }] }
    expect((await setting.send('POST', '/v1/responses', { body, as: 'bob' })).status).toBe(404)
    expect((await setting.send('POST', '/v1/responses', { body, as: 'ann' })).status).toBe(200)
  })

  test.each([{ previous_response_id: 7 }, { store: 'yes' }, { background: 1 }])('%o', async (fields) => {
    await using setting = await setUp()
    const reply = await setting.send('POST', '/v1/responses', { body: { model: 'echo/echo', input: 'Hi', ...fields } })
    expect([reply.status, reply.json().error]).toMatchObject([400, { param: Object.keys(fields)[0] }])
  })
})

test.each([true, undefined])('no provider is told to store (%s), and nothing is reported as dropped', async (store) => {
  await using setting = await setUp()
  setting.upstreams.chat.reply(gpt({ content: 'Hi' }))
  const body = { model: 'chat/gpt-x', input: 'Hi', ...(store && { store }) }
  const reply = await setting.send('POST', '/v1/responses', { body })
  expect(reply.headers['x-sluice-dropped-params']).toBeUndefined()
  expect(asked(setting, 'chat').store).toBeUndefined()
})

test('whoever bills is told of usage in the words of the provider', async () => {
  await using setting = await setUp()
  setting.upstreams.anthropic.reply(claude(says('Hi')))
  await setting.create({ model: 'anthropic/claude-x', input: 'Hi' })
  await expect.poll(() => setting.ends.at(-1)?.usage?.raw).toMatchObject({ cache_creation_input_tokens: 3 })
})

test('a guard sees the whole conversation', async () => {
  const { definePlugin } = await import('@sluice/core')
  const seen: string[] = []
  const guard = definePlugin({
    name: 'test-guard',
    version: '1.0.0',
    api: 1,
    setup({ hooks }) {
      hooks.transformRequest.tap('look', (request) => void seen.push(JSON.stringify(request)))
    },
  })
  await using setting = await setUp({}, { plugins: [guard()] })
  const { id } = await setting.create({ model: 'echo/echo', input: 'secret word' })
  await setting.create({ model: 'echo/echo', input: 'Go on', previous_response_id: id })
  expect(seen[1]).toContain('secret word')
})

const streams = recordedCases({ providers: ['anthropic'] }).filter(({ stream, name }) => stream && !/error/.test(name))
test.each(streams.map((each) => [each.name, each] as const))('%s is kept as its client got it', async (_, recorded) => {
  await using setting = await setUp()
  setting.upstreams.anthropic.reply(replayCase(recorded), claude(says('Go on.')))
  const body = { model: 'anthropic/claude-x', max_output_tokens: 9000 }
  const events = await setting.stream({ ...body, input: 'Hi' })
  const { response } = events.at(-1)!
  expect(await setting.get(String(response!.id))).toEqual(response)
  await setting.create({ ...body, input: 'Go on', previous_response_id: response!.id })
  const signatures = [...recorded.stream!.toString().matchAll(/"type":"signature_delta","signature":"([^"]+)"/g)]
  const told = JSON.stringify(asked(setting, 'anthropic').messages)
  expect(signatures.filter(([, signature]) => !told.includes(signature!))).toEqual([])
})
