/** The helpers around the official clients work as against the vendors: plain iterators, tool runners, model lists. */
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { APIS } from '../support/api.ts'
import { MODELS } from '../support/pairs.ts'
import { say } from '../support/say.ts'
import { openStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({ assistant: MODELS.openai })
})
afterAll(() => stage[Symbol.asyncDispose]())

const messages = [{ role: 'user' as const, content: 'Weather in Rome?' }]
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as const
const CALL = { id: 'toolu_1', name: 'weather', arguments: { city: 'Rome' } }

describe.each(APIS)('with an upstream of %s', (upstream) => {
  const model = MODELS[upstream]

  test("OpenAI's plain iterator", async () => {
    stage.upstreams[upstream].reply(say[upstream]({ text: 'It is sunny.' }, true))
    let text = ''
    const stream = await stage.clients.openai.chat.completions.create({ model, messages, stream: true })
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
    expect(text).toBe('It is sunny.')
  })

  test("Anthropic's plain iterator, and the texts of its helper", async () => {
    const request = { model, messages, max_tokens: 100 }
    stage.upstreams[upstream].reply(say[upstream]({ text: 'It is sunny.' }, true))
    let text = ''
    for await (const event of await stage.clients.anthropic.messages.create({ ...request, stream: true })) {
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text
    }
    expect(text).toBe('It is sunny.')

    let heard = ''
    const helper = stage.clients.anthropic.messages.stream(request).on('text', (piece) => (heard += piece))
    expect(await helper.finalText()).toBe('It is sunny.')
    expect(heard).toBe('It is sunny.')
  })

  test.each([false, true])("OpenAI's runner of tools, streaming: %s", async (stream) => {
    const cities: string[] = []
    stage.upstreams[upstream].reply(
      say[upstream]({ calls: [CALL] }, stream),
      say[upstream]({ text: 'It is sunny.' }, stream),
    )
    const weather = {
      name: 'weather',
      description: 'Now',
      parameters: { ...SCHEMA, required: [...SCHEMA.required] },
      parse: (written: string) => JSON.parse(written) as { city: string },
      function: ({ city }: { city: string }) => (cities.push(city), 'sun'),
    }
    const tools = [{ type: 'function' as const, function: weather }]
    const { completions } = stage.clients.openai.chat
    const runner = stream
      ? completions.runTools({ model, messages, tools, stream })
      : completions.runTools({ model, messages, tools })
    expect(await runner.finalContent()).toBe('It is sunny.')
    expect(cities).toEqual(['Rome'])
  })

  test.each([false, true])("Anthropic's runner of tools, streaming: %s", async (stream) => {
    const cities: string[] = []
    stage.upstreams[upstream].reply(
      say[upstream]({ calls: [CALL] }, stream),
      say[upstream]({ text: 'It is sunny.' }, stream),
    )
    const run = ({ city }: { city: string }): string => (cities.push(city), 'sun')
    const tools = [betaTool({ name: 'weather', description: 'Now', inputSchema: SCHEMA, run })]
    const final = await stage.clients.anthropic.beta.messages.toolRunner({
      model,
      messages,
      max_tokens: 100,
      tools,
      stream,
    })
    expect(final).toMatchObject({ content: [{ type: 'text', text: 'It is sunny.' }] })
    expect(cities).toEqual(['Rome'])
  })
})

test('both SDKs list the models and find one of them', async () => {
  const { openai, anthropic } = stage.clients
  expect((await openai.models.list()).data.map(({ id }) => id)).toContain('assistant')
  expect((await anthropic.models.list()).data.map(({ id }) => id)).toContain('assistant')
  expect(await openai.models.retrieve('assistant')).toMatchObject({ id: 'assistant', object: 'model' })
  expect(await anthropic.models.retrieve('assistant')).toMatchObject({ id: 'assistant', type: 'model' })
})
