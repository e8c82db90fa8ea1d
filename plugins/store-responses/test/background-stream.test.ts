import { json } from '@sluice/core/testing'
import { expect, test } from 'vitest'
import { eventsIn, textOf } from './support/events.ts'
import { claude, says } from './support/says.ts'
import { setUp } from './support/setting.ts'

const body = { model: 'anthropic/claude-x', input: 'Hi', background: true }

test('its events come as they are made, to any reader, from any of them on', async () => {
  await using setting = await setUp()
  const gate = Promise.withResolvers<void>()
  const half = Promise.withResolvers<void>()
  setting.upstreams.anthropic.reply(async (_request, response) => {
    const [before, after] = ANSWER.split('|')
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(before)
    half.resolve()
    await gate.promise
    response.end(after)
  })
  const reply = setting.send('POST', '/v1/responses', { body: { ...body, stream: true } })
  await half.promise
  const [id] = setting.ids()
  const reader = await fetch(`${setting.gateway.url}/v1/responses/${id}?stream=true&starting_after=1`)
  gate.resolve()
  const events = eventsIn((await reply).text)
  expect(events[0]).toMatchObject({ type: 'response.created', response: { id, background: true, store: true } })
  expect(textOf(events.at(-1)!.response)).toBe('One two')
  expect(eventsIn(await reader.text(), 2)).toEqual(events.slice(2))
  expect(await setting.until(id!, 'completed')).toEqual(events.at(-1)!.response)
})

test('it goes on when its reader has gone', async () => {
  await using setting = await setUp()
  const gate = Promise.withResolvers<void>()
  setting.upstreams.anthropic.reply(async (...args) => {
    await gate.promise
    await claude(says('Alone.'))(...args)
  })
  const gone = new AbortController()
  const request = { body: { ...body, stream: true }, signal: gone.signal }
  const reply = setting.gateway.request('/v1/responses', request)
  await setting.upstreams.anthropic.request()
  gone.abort()
  await expect(reply).rejects.toThrow()
  const [id] = setting.ids()
  gate.resolve()
  expect(textOf(await setting.until(id!, 'completed'))).toBe('Alone.')
})

test('it ends with its failure', async () => {
  await using setting = await setUp()
  const error = { type: 'overloaded_error', message: 'Busy' }
  setting.upstreams.anthropic.reply(json({ type: 'error', error }, { status: 529 }))
  const events = await setting.stream(body)
  expect(events.at(-1)).toMatchObject({ type: 'response.failed', response: { status: 'failed', background: true } })
})

test('one that is not, cannot be read as it is made', async () => {
  await using setting = await setUp()
  setting.upstreams.anthropic.reply(() => undefined)
  const { id } = await setting.create(body)
  const reply = await setting.send('GET', `/v1/responses/${id}?stream=true`)
  expect([reply.status, reply.json().error]).toMatchObject([400, { param: 'stream' }])
  await setting.send('POST', `/v1/responses/${id}/cancel`)
})

const ANSWER = [
  {
    type: 'message_start',
    message: {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'c',
      content: [],
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'One' } },
  '|',
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ' two' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
  { type: 'message_stop' },
]
  .map((event) => (typeof event === 'string' ? event : `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`))
  .join('')
