/** The state of the Responses API, as OpenAI's own client uses it, in front of upstreams that keep none. */
import { createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { compatible } from '@sluice/provider-compatible'
import { echo } from '@sluice/provider-echo'
import { memoryStore } from '@sluice/store-memory'
import { responseStore } from '@sluice/store-responses'
import OpenAI from 'openai'
import type { Response, ResponseInput, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { say } from '../support/say.ts'
import { CLIENT_KEY, UPSTREAM_KEY } from '../support/stage.ts'

let upstreams: { openai: MockUpstream; anthropic: MockUpstream }
let gateway: TestGateway
let client: OpenAI
beforeAll(async () => {
  upstreams = { openai: await mockUpstream(), anthropic: await mockUpstream() }
  const apiKey = UPSTREAM_KEY
  gateway = await createTestGateway({
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      compatible({ vendor: 'deepseek', apiKey, baseUrl: `${upstreams.openai.url}/v1` }),
      anthropic({ apiKey, baseUrl: upstreams.anthropic.url }),
      echo(),
      memoryStore(),
      responseStore(),
    ],
  })
  client = new OpenAI({ apiKey: CLIENT_KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
})
afterAll(async () => {
  await gateway.close()
  await Promise.all([upstreams.openai.close(), upstreams.anthropic.close()])
})

const MODELS = { openai: 'deepseek/chat', anthropic: 'anthropic/claude-x' } as const
const CALL = { id: 'call_1', name: 'weather', arguments: { city: 'Rome' } }
const PARAMETERS = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tools = [
  { type: 'function' as const, name: 'weather', description: 'Now', parameters: PARAMETERS, strict: false },
]

type Ask = OpenAI.Responses.ResponseCreateParamsNonStreaming

/** The response, whole or put together from its events by the client. */
async function ask(request: Ask, isStream: boolean): Promise<Response> {
  if (!isStream) return client.responses.create(request)
  return client.responses.stream({ ...request, stream: true }).finalResponse()
}

describe.each(['openai', 'anthropic'] as const)('with an upstream of %s', (upstream) => {
  const model = MODELS[upstream]
  const asked = (): string => JSON.stringify(upstreams[upstream].requests.at(-1)!.json())

  describe.each([false, true])('stream: %s', (isStream) => {
    beforeEach(() => upstreams[upstream].reply(say[upstream]({ text: 'It is sunny.' }, isStream)))

    test('a conversation goes on by its id, and its instructions end with the turn', async () => {
      const first = await ask({ model, instructions: 'Speak Latin', input: 'How is Rome?' }, isStream)
      expect(first.output_text).toBe('It is sunny.')
      const second = await ask({ model, input: 'And Oslo?', previous_response_id: first.id }, isStream)
      expect(second.previous_response_id).toBe(first.id)
      expect(second.status).toBe('completed')
      for (const text of ['How is Rome?', 'It is sunny.', 'And Oslo?']) expect(asked()).toContain(text)
      expect(asked()).not.toContain('Speak Latin')

      const items = []
      for await (const item of client.responses.inputItems.list(second.id, { order: 'asc', limit: 2 })) items.push(item)
      expect(items).toMatchObject([
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'How is Rome?' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'It is sunny.' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'And Oslo?' }] },
      ])
    })

    test('a tool is called, answered, and the answer is given', async () => {
      upstreams[upstream].reply(say[upstream]({ calls: [CALL] }, isStream), say[upstream]({ text: 'Warm.' }, isStream))
      const first = await ask({ model, input: 'How is Rome?', tools }, isStream)
      const calls = first.output.filter((item) => item.type === 'function_call')
      expect(calls).toMatchObject([{ name: 'weather', status: 'completed' }])
      expect(JSON.parse(calls[0]!.arguments)).toEqual({ city: 'Rome' })
      const input: ResponseInput = calls.map(({ call_id }) => ({
        type: 'function_call_output',
        call_id,
        output: '31 °C',
      }))
      const second = await ask({ model, input, tools, previous_response_id: first.id }, isStream)
      expect(second.output_text).toBe('Warm.')
      for (const text of ['How is Rome?', '31 °C']) expect(asked()).toContain(text)
    })

    test('a response is retrieved, replayed and deleted', async () => {
      const created = await ask({ model, input: 'How is Rome?' }, isStream)
      const retrieved = await client.responses.retrieve(created.id)
      expect(retrieved.output_text).toBe('It is sunny.')
      expect(retrieved.output.map(({ id }) => id)).toEqual(created.output.map(({ id }) => id))
      expect(retrieved.usage).toEqual(created.usage)
      const events: ResponseStreamEvent[] = []
      for await (const event of await client.responses.retrieve(created.id, { stream: true })) events.push(event)
      const texts = events.flatMap((event) => (event.type === 'response.output_text.delta' ? event.delta : []))
      expect(texts.join('')).toBe('It is sunny.')
      expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { id: created.id } })
      await client.responses.delete(created.id)
      await expect(client.responses.retrieve(created.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    })
  })

  test('an answer in the background is polled for', async () => {
    upstreams[upstream].reply(say[upstream]({ text: 'It is sunny.' }, false))
    let response = await client.responses.create({ model, input: 'How is Rome?', background: true })
    expect(response.status).toBe('queued')
    await expect.poll(async () => (response = await client.responses.retrieve(response.id)).status).toBe('completed')
    expect(response.output_text).toBe('It is sunny.')
    expect(response.background).toBe(true)
  })

  test('an answer in the background is streamed, and its stream taken up again', async () => {
    upstreams[upstream].reply(say[upstream]({ text: 'It is sunny.' }, true))
    const request = { model, input: 'How is Rome?', background: true, stream: true } as const
    const events: ResponseStreamEvent[] = []
    for await (const event of await client.responses.create(request)) events.push(event)
    const [created] = events
    const { id } = created?.type === 'response.created' ? created.response : { id: '' }
    const at = events.at(-2)!.sequence_number
    const rest: ResponseStreamEvent[] = []
    for await (const event of await client.responses.retrieve(id, { stream: true, starting_after: at }))
      rest.push(event)
    expect(rest.at(-1)).toMatchObject({ type: 'response.completed', response: { id, status: 'completed' } })
  })

  test('an answer in the background is cancelled', async () => {
    upstreams[upstream].reply(() => undefined)
    const before = upstreams[upstream].requests.length
    const { id } = await client.responses.create({ model, input: 'How is Rome?', background: true })
    const call = await upstreams[upstream].request(before)
    expect((await client.responses.cancel(id)).status).toBe('cancelled')
    await call.closed
    expect((await client.responses.retrieve(id)).status).toBe('cancelled')
  })

  test('a failure in the background is told', async () => {
    upstreams[upstream].reply(json({ error: { message: 'Down.' } }, { status: 500 }))
    let response = await client.responses.create({ model, input: 'How is Rome?', background: true })
    await expect.poll(async () => (response = await client.responses.retrieve(response.id)).status).toBe('failed')
    expect(response.error).toMatchObject({ code: 'server_error' })
  })
})

test('what there is not is told in the classes of the client', async () => {
  const id = 'resp_unknown'
  const calls = [
    client.responses.retrieve(id),
    client.responses.delete(id),
    client.responses.cancel(id),
    client.responses.inputItems.list(id),
  ]
  for (const call of calls) await expect(call).rejects.toBeInstanceOf(OpenAI.NotFoundError)
  const next = client.responses.create({ model: 'echo/echo', input: 'Hi', previous_response_id: id })
  await expect(next).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' })
})

test('who asks not to keep it finds nothing', async () => {
  const { id } = await client.responses.create({ model: 'echo/echo', input: 'Hi', store: false })
  await expect(client.responses.retrieve(id)).rejects.toBeInstanceOf(OpenAI.NotFoundError)
})
