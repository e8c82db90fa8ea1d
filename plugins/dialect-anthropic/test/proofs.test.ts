/** Proofs of thought on their way through a client of Anthropic's: whose they are, and to whom they may go. */
import type { Finish, JsonObject, Part, StreamPart } from '@sluice/core'
import { Collector, mark, partsOf } from '@sluice/dialect-kit'
import { plain, PROVEN_ANSWERS, reply, requestOf, responseOf, says } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { chat, decodeStream, encodeFor, encodeStream, eventsOf } from './support.ts'

const call: Part = { type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' }
const thought = { type: 'reasoning', text: 'Hm.' } as const
const CALLING: Finish = { unified: 'tool-calls' }

/** The blocks that a client puts together from a stream. */
function collected(events: readonly JsonObject[]): JsonObject[] {
  const collector = new Collector(10_000)
  const text = events.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`).join('')
  for (const part of decodeStream(text).parts) collector.push(part)
  return plain(chat.encodeResponse(collector.response()!, reply)).content as JsonObject[]
}

/** The parts of an answer that a client sends back. */
function sentBack(content: unknown): Part[] {
  const messages = [
    { role: 'user', content: 'Weather?' },
    { role: 'assistant', content },
  ]
  return chat.decodeRequest({ model: 'm', max_tokens: 9, messages }).messages[1]!.parts
}

describe.each(Object.entries(PROVEN_ANSWERS))('a proof %s', (_, parts) => {
  test('comes back as it was', () => {
    expect(sentBack(chat.encodeResponse(responseOf(parts, CALLING), reply).content)).toEqual(parts)
  })

  test('comes back from a stream, too', () => {
    const written = encodeStream([...partsOf(responseOf(parts, CALLING))])
    expect(sentBack(collected(eventsOf(written)))).toEqual(parts)
  })
})

test('a signature that stands alone, and one that follows another, have blocks of their own', () => {
  const parts: StreamPart[] = [
    { type: 'reasoning-signature', block: 0, signature: 'one', origin: 'gemini' },
    { type: 'reasoning-delta', block: 1, text: 'Hm.' },
    { type: 'reasoning-signature', block: 1, signature: 'two', origin: 'gemini' },
    { type: 'reasoning-signature', block: 1, signature: 'three', origin: 'gemini' },
    { type: 'reasoning-delta', block: 1, text: 'And?' },
  ]
  const marked = (signature: string): string => mark({ origin: 'gemini', signature })
  expect(collected(eventsOf(encodeStream(parts)))).toEqual([
    { type: 'redacted_thinking', data: marked('one') },
    { type: 'thinking', thinking: 'Hm.', signature: marked('two') },
    { type: 'redacted_thinking', data: marked('three') },
    { type: 'thinking', thinking: 'And?', signature: '' },
  ])
})

describe('a body in which a proof is marked', () => {
  const foreign = { type: 'thinking', thinking: 'Rome, then.', signature: mark({ origin: 'gemini', signature: 's' }) }
  const body = (...blocks: JsonObject[]): JsonObject => ({
    model: 'claude-sonnet-4-5',
    max_tokens: 4096,
    thinking: { type: 'enabled', budget_tokens: 1024 },
    messages: [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: [...blocks, { type: 'tool_use', id: 't', name: 'weather', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'sun' }] },
    ],
  })
  const own = { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' }
  const inspect = (json: JsonObject) =>
    chat.inspect(json, Buffer.from(JSON.stringify(json)), { path: '/v1/messages', params: {} })
  const sent = (json: JsonObject) => encodeFor('claude-sonnet-4-5', chat.decodeRequest(json))

  test('does not go up as it is', () => {
    expect(inspect(body(foreign))).toHaveProperty('transformed', true)
    expect(inspect(body(own))).not.toHaveProperty('transformed')
  })

  test('goes up without, and without thinking in a turn that would begin without', () => {
    const { body: made, dropped } = sent(body(foreign))
    const { thinking: _, ...rest } = body()
    expect(made).toEqual(rest)
    expect(Object.keys(dropped).sort()).toEqual(['messages.reasoning', 'reasoning'])
  })

  test('keeps Claude’s own', () => {
    expect(sent(body(own, foreign))).toEqual({ body: body(own), dropped: { 'messages.reasoning': expect.any(String) } })
    expect(sent(body(own))).toEqual({ body: body(own), dropped: {} })
  })
})

test('what another provider signed of a conversation does not go to Claude', () => {
  const signed: Part = { ...call, signature: 'c2ln', origin: 'gemini' }
  const asked = requestOf([
    says('user', 'Hi'),
    says('assistant', { ...thought, signature: 's', origin: 'gemini' }, signed),
  ])
  const { body, dropped } = encodeFor('claude-sonnet-4-5', asked)
  expect((body.messages as JsonObject[])[1]!.content).toEqual([
    { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Rome' } },
  ])
  expect(Object.keys(dropped).sort()).toEqual(['messages.reasoning', 'messages.signature'])
})
