import type { JsonObject } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { eventsIn, textOf } from './support/events.ts'
import { claude, says } from './support/says.ts'
import { setUp } from './support/setting.ts'
import type { Setting } from './support/setting.ts'

const unknown = 'resp_00000000-0000-4000-8000-000000000000'

describe.each([false, true])('a response (stream: %s)', (stream) => {
  test('is what its client got, until it is deleted', async () => {
    await using setting = await setUp()
    const created = await setting.create({ model: 'echo/echo', input: 'Hi', metadata: { a: 'b' }, stream })
    expect(await setting.get(created.id)).toEqual(created)
    const deleted = await setting.send('DELETE', `/v1/responses/${created.id}`)
    expect([deleted.status, deleted.json()]).toEqual([200, { id: created.id, object: 'response', deleted: true }])
    await expectNotFound(setting, created.id)
  })

  test('comes again as a stream', async () => {
    await using setting = await setUp()
    setting.upstreams.anthropic.reply(
      claude({ type: 'thinking', thinking: 'I need a tool.', signature: 'c2lnbmVk' }, says('Let me see.'), {
        type: 'tool_use',
        id: 'toolu_1',
        name: 'weather',
        input: { city: 'Rome' },
      }),
    )
    const tools = [{ type: 'function', name: 'weather', parameters: { type: 'object' } }]
    const body = { model: 'anthropic/claude-x', input: 'Hi', tools, stream, max_output_tokens: 9000 }
    const created = await setting.create({ ...body, reasoning: { effort: 'high' } })
    const reply = await setting.send('GET', `/v1/responses/${created.id}?stream=true`)
    expect(reply.headers['content-type']).toContain('text/event-stream')
    const events = eventsIn(reply.text)
    expect(events.map(({ type }) => type.replace(/^response\./, ''))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ])
    expect(events.at(-1)!.response).toEqual(created)
    const later = await setting.send('GET', `/v1/responses/${created.id}?stream=true&starting_after=9`)
    expect(eventsIn(later.text, 10)).toEqual(events.slice(10))
    const last = await setting.send('GET', `/v1/responses/${created.id}?stream=true&starting_after=999`)
    expect(eventsIn(last.text, 18).map(({ type }) => type)).toEqual(['response.completed'])
  })
})

test.each(['/v1', '/openai/v1'])('%s serves it', async (base) => {
  await using setting = await setUp()
  const { id } = await setting.create({ model: 'echo/echo', input: 'Hi' })
  for (const path of ['', '?include[]=x&key=secret', '/input_items'])
    expect((await setting.send('GET', `${base}/responses/${id}${path}`)).status).toBe(200)
  expect((await setting.send('POST', `${base}/responses/${id}/cancel`)).status).toBe(400)
  expect((await setting.send('DELETE', `${base}/responses/${id}`)).status).toBe(200)
})

test('of an id that nobody knows there is nothing', async () => {
  await using setting = await setUp()
  await expectNotFound(setting, unknown)
})

test('what is not a plain id is none', async () => {
  await using setting = await setUp()
  for (const id of ['..%2F..%2Fetc', '%2e%2e', 'a%20b', 'x'.repeat(300), '%00'])
    expect([id, (await setting.send('GET', `/v1/responses/${id}`)).status]).toEqual([id, 404])
  expect(setting.upstreams.native.requests).toEqual([])
})

test('somebody else neither sees, nor continues, nor deletes it', async () => {
  await using setting = await setUp()
  const { id } = await setting.create({ model: 'echo/echo', input: 'Mine' }, 'ann')
  await expectNotFound(setting, id, 'bob')
  await expectNotFound(setting, id)
  expect(textOf(await setting.get(id, 'ann'))).toBe('You said: Mine')
})

test('who is not asked for a name shares with all', async () => {
  await using setting = await setUp()
  const { id } = await setting.create({ model: 'echo/echo', input: 'Ours' })
  expect((await setting.get(id)).id).toBe(id)
})

test('a synchronous response cannot be cancelled', async () => {
  await using setting = await setUp()
  const { id } = await setting.create({ model: 'echo/echo', input: 'Hi' })
  const reply = await setting.send('POST', `/v1/responses/${id}/cancel`)
  expect([reply.status, reply.json().error]).toMatchObject([
    400,
    { message: 'Cannot cancel a synchronous response.', type: 'invalid_request_error' },
  ])
})

describe('the input items', () => {
  const input = Array.from({ length: 25 }, (_, index) => ({ role: 'user', content: `Item ${index}` }))
  const pages = async (setting: Setting, query: string) => {
    const { id } = await setting.create({ model: 'echo/echo', input })
    return async (more = '') => setting.get(`${id}/input_items?${query}${more}`)
  }
  const texts = ({ data }: JsonObject): string[] =>
    (data as { content: { text: string }[] }[]).map(({ content }) => content[0]!.text)

  test('are whole, have ids, and come in pages, the newest first', async () => {
    await using setting = await setUp()
    const page = await pages(setting, '')
    const first = await page()
    expect(first).toMatchObject({ object: 'list', has_more: true })
    expect(texts(first)).toEqual(
      input
        .slice(5)
        .map(({ content }) => content)
        .reverse(),
    )
    const [item] = first.data as JsonObject[]
    expect(item).toEqual({
      id: expect.stringMatching(/^msg_/),
      type: 'message',
      status: 'completed',
      role: 'user',
      content: [{ type: 'input_text', text: 'Item 24' }],
    })
    expect(first.first_id).toBe(item!.id)
    const last = await page(`after=${String(first.last_id)}`)
    expect(last).toMatchObject({ has_more: false })
    expect(texts(last)).toEqual(
      input
        .slice(0, 5)
        .map(({ content }) => content)
        .reverse(),
    )
  })

  test('come in the order and number wanted', async () => {
    await using setting = await setUp()
    const page = await pages(setting, 'order=asc&limit=2')
    const first = await page()
    expect(texts(first)).toEqual(['Item 0', 'Item 1'])
    expect(texts(await page(`&after=${String(first.last_id)}`))).toEqual(['Item 2', 'Item 3'])
  })

  test('keep the ids that they had', async () => {
    await using setting = await setUp()
    const item = { id: 'msg_mine', type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }
    const { id } = await setting.create({ model: 'echo/echo', input: [item] })
    expect((await setting.get(`${id}/input_items`)).data).toEqual([{ status: 'completed', ...item }])
  })

  test.each(['limit=0', 'limit=101', 'limit=x', 'order=up', 'after=msg_unknown'])('%s is refused', async (query) => {
    await using setting = await setUp()
    const { id } = await setting.create({ model: 'echo/echo', input: 'Hi' })
    const reply = await setting.send('GET', `/v1/responses/${id}/input_items?${query}`)
    expect([reply.status, reply.json().error]).toMatchObject([400, { param: query.split('=')[0] }])
  })
})

test.each(['/v1/responses', '/v1/chat/completions'])(
  'no model is called by the name of the store (%s)',
  async (path) => {
    await using setting = await setUp()
    const body = { model: 'store-responses/state', input: 'Hi', messages: [{ role: 'user', content: 'Hi' }] }
    const reply = await setting.send('POST', path, { body })
    expect([reply.status, reply.json().error]).toMatchObject([404, { code: 'model_not_found' }])
  },
)

async function expectNotFound(setting: Setting, id: string, as?: string): Promise<void> {
  const calls = [
    ['GET', ''],
    ['GET', '?stream=true'],
    ['GET', '/input_items'],
    ['DELETE', ''],
    ['POST', '/cancel'],
  ] as const
  // Upstreams that keep state themselves are asked for ids of which nothing is known, where there is only one.
  for (const [method, path] of calls) {
    const reply = await setting.send(method, `/v1/responses/${id}${path}`, { as })
    const error = {
      message: `Response with id '${id}' not found.`,
      type: 'invalid_request_error',
      param: null,
      code: null,
    }
    expect([method, path, reply.status, reply.json().error]).toEqual([method, path, 404, error])
  }
}
