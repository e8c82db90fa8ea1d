import type { JsonObject } from '@sluice/core'
import { sse } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { chunk, said, setUp, textOf, USAGE } from './support/setting.ts'

const tools = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } }]
const call = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{"id":1}' } }
const messages: JsonObject[] = [
  { role: 'system', content: 'You are kind.' },
  { role: 'user', content: 'Where is my parcel?' },
]

describe('the conversation', () => {
  test('goes along where a step wants it, between its system message and its prompt', async () => {
    await using setting = await setUp(
      {
        topic: { model: 'openai/a', prompt: '{{input}}' },
        end: { model: 'openai/b', system: 'Topic: {{steps.topic.text}}', messages: true, prompt: 'Answer briefly.' },
      },
      { script: { a: 'parcels', b: 'On its way.' } },
    )
    expect(textOf(await setting.ask({ messages }))).toBe('On its way.')
    expect(setting.asked('a')[0]!.messages).toEqual([{ role: 'user', content: 'Where is my parcel?' }])
    expect(setting.asked('b')[0]!.messages).toEqual([
      { role: 'system', content: 'Topic: parcels' },
      ...messages,
      { role: 'user', content: 'Answer briefly.' },
    ])
  })

  test('is the last text of the user for templates, whatever comes after it', async () => {
    await using setting = await setUp({ end: { set: '{{input}}|{{conversation.length}}' } }, { script: {} })
    const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }
    const asked = [
      ...messages,
      { role: 'user', content: [{ type: 'text', text: 'This?' }, image] },
      { role: 'assistant', content: 'No.' },
    ]
    expect(textOf(await setting.ask({ messages: asked }))).toBe('This?|4')
    expect(textOf(await setting.ask({ messages: [{ role: 'user', content: [image] }] }))).toBe('|1')
  })
})

describe('tools', () => {
  const steps = {
    topic: { model: 'openai/a', messages: true, prompt: 'What is it about?' },
    end: { model: 'openai/b', system: '{{steps.topic.text}}', messages: true },
  }
  const asked = { messages, tools, tool_choice: 'required', parallel_tool_calls: false }

  test('are the output’s to call, and calls pass through', async () => {
    const script = { a: 'parcels', b: said(null, { tool_calls: [call] }, 'tool_calls') }
    await using setting = await setUp(steps, { script })
    const reply = await setting.ask(asked)
    expect(reply.json()).toMatchObject({
      choices: [{ message: { tool_calls: [call] }, finish_reason: 'tool_calls' }],
      usage: { prompt_tokens: 200, completion_tokens: 20 },
    })
    expect(setting.asked('b')[0]).toMatchObject({ tools, tool_choice: 'required', parallel_tool_calls: false })
    expect(setting.asked('a')[0]).toMatchObject({ tools, tool_choice: 'none' })
    expect(setting.asked('a')[0]).not.toHaveProperty('parallel_tool_calls')
  })

  test('are called in a stream, and their results come back', async () => {
    const delta = { tool_calls: [{ index: 0, ...call }] }
    const calls = [
      chunk([{ index: 0, delta: { role: 'assistant', ...delta }, finish_reason: null }]),
      chunk([{ index: 0, delta: {}, finish_reason: 'tool_calls' }]),
      chunk([], { usage: USAGE }),
      'data: [DONE]\n\n',
    ]
    await using setting = await setUp(steps, { script: { a: 'parcels', b: [sse(calls.join('')), 'Here.'] } })
    const first = await setting.ask({ ...asked, stream: true })
    expect(first.text).toContain('"name":"look_up"')
    expect(first.text).toContain('"finish_reason":"tool_calls"')
    const results = [
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: 'Berlin' },
    ]
    expect(textOf(await setting.ask({ ...asked, messages: [...messages, ...results] }))).toBe('Here.')
    expect(setting.asked('b').at(-1)!.messages).toMatchObject([{}, ...messages, ...results])
  })

  test.each([
    ['sees no conversation', { end: { model: 'openai/b', prompt: '{{input}}' } }],
    ['asks no model', { end: { set: '{{input}}' } }],
  ])('are told to be dropped where the output %s', async (_, steps) => {
    await using setting = await setUp(steps, { script: { b: 'Fine.' } })
    const reply = await setting.ask(asked)
    expect(reply.headers['x-sluice-dropped-params']).toBe('tools')
    expect(setting.asked('b')[0] ?? {}).not.toHaveProperty('tools')
  })
})

test('other operations are refused', async () => {
  await using setting = await setUp({ end: { set: 'x' } }, { script: {} })
  const reply = await setting.gateway.request('/v1/embeddings', { body: { model: 'c', input: 'Hello' } })
  expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('does not offer embeddings')])
})
