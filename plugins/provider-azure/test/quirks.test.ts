/** What Azure sends and OpenAI does not: the dialect takes it, and the gateway passes it on. */
import { createTestGateway, json, mockUpstream, sse } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { openaiChat, openaiDialect } from '@sluice/dialect-openai'
import { expect, test } from 'vitest'
import { azure } from '../src/index.ts'

const filters = { hate: { filtered: false, severity: 'safe' } }
const chunk = (choices: object[], more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'gpt', choices, ...more })}\n\n`
const first = chunk([], {
  id: '',
  object: '',
  created: 0,
  model: '',
  prompt_filter_results: [{ prompt_index: 0, content_filter_results: filters }],
})
const text = chunk([{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: null }])
// In asynchronous mode the filter tells what it found in frames of its own, without a delta.
const late = chunk([
  {
    index: 0,
    finish_reason: null,
    content_filter_results: filters,
    content_filter_offsets: { start_offset: 0, end_offset: 2 },
  },
])
const stop = chunk([{ index: 0, delta: {}, finish_reason: 'stop', content_filter_results: {} }])
const STREAM = `${first}${text}${late}${stop}data: [DONE]\n\n`

async function ask(reply: UpstreamReply, stream: boolean) {
  await using upstream = await mockUpstream()
  upstream.reply(reply)
  const plugin = azure({ apiKey: 'azure-key-0123456789', baseUrl: upstream.url })
  await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
  const messages = [{ role: 'user', content: 'Hello' }]
  return await gateway.request('/v1/chat/completions', { body: { model: 'azure/gpt', messages, stream } })
}

test('a first frame without choices and frames of the filter alone pass', async () => {
  const reply = await ask(sse(STREAM, { chunk: 'frame' }), true)
  expect([reply.status, reply.text]).toEqual([200, STREAM])
})

test('a first frame without choices says nothing of the answer, and a frame of the filter alone nothing of its text', () => {
  const reader = openaiChat.codecs.chat!.stream.reader()
  const parts: Parameters<typeof reader.push>[1] = []
  reader.push(Buffer.from(STREAM), parts)
  expect(reader.end(parts)).toBe(true)
  expect(parts[0]).toMatchObject({ type: 'start', id: 'c1', model: 'gpt' })
  expect(parts.flatMap((part) => (part.type === 'text-delta' ? part.text : ''))).toContain('Hi')
  expect(parts.filter(({ type }) => type === 'finish')).toHaveLength(1)
})

test('a wait of no milliseconds beside a whole second is a second', async () => {
  const error = { code: 'RateLimitReached', message: 'Slow down.' }
  const reply = await ask(
    json({ error }, { status: 429, headers: { 'retry-after': '1', 'retry-after-ms': '0' } }),
    false,
  )
  expect([reply.status, reply.headers['retry-after'], reply.json()]).toEqual([429, '1', { error }])
})
