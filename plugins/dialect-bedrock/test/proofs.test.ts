/** Proofs of thought on their way through a client of Bedrock's, and to its models. */
import type { JsonObject } from '@sluice/core'
import { Collector, mark, partsOf } from '@sluice/dialect-kit'
import { PROVEN_ANSWERS, reply, requestOf, responseOf, says } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { chat, decodeStream, encodeFor, encodeStream, eventsOf, roundTrip } from './support.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const thought = { type: 'reasoning', text: 'Hm.' } as const

describe.each(Object.entries(PROVEN_ANSWERS))('proofs %s', (_, parts) => {
  const response = responseOf(parts, { unified: 'tool-calls' })
  const written: { [how: string]: () => JsonObject } = {
    whole: () => chat.encodeResponse(response, reply),
    streamed: () => {
      const collector = new Collector(10_000)
      for (const part of decodeStream(encodeStream([...partsOf(response)])).parts) collector.push(part)
      return chat.encodeResponse(collector.response()!, reply)
    },
  }

  test.each(Object.entries(written))('come back as they were, %s', (__, write) => {
    const { message } = write().output as { message: JsonObject }
    expect(chat.decodeRequest({ messages: [message] }).messages[0]!.parts).toEqual(parts)
  })

  test('are bytes where AWS’s SDKs decode bytes', () => {
    const bytes = JSON.stringify([written.whole!(), eventsOf(encodeStream([...partsOf(response)]))])
    for (const [, encoded] of bytes.matchAll(/"redactedContent":"([^"]*)"/g))
      expect(Buffer.from(encoded!, 'base64').toString('base64')).toBe(encoded)
  })
})

describe('a body in which a proof is marked', () => {
  const foreign = { reasoningContent: { redactedContent: mark({ origin: 'gemini', signature: 's', call: 't' }) } }
  const body = (...blocks: JsonObject[]): JsonObject => ({
    messages: [
      { role: 'user', content: [{ text: 'Weather?' }] },
      { role: 'assistant', content: [...blocks, { toolUse: { toolUseId: 't', name: 'weather', input: {} } }] },
      { role: 'user', content: [{ toolResult: { toolUseId: 't', content: [{ text: 'sun' }] } }] },
    ],
  })
  const thinking = { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } } }
  const own = { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } }

  test('does not go up as it is', () => {
    const inspect = (json: JsonObject) =>
      chat.inspect(json, Buffer.from(JSON.stringify(json)), { path: '/model/m/converse', params: { model: 'm' } })
    expect(inspect(body(foreign))).toHaveProperty('transformed', true)
    expect(inspect(body(own))).not.toHaveProperty('transformed')
  })

  test('goes up without, and keeps Claude’s own', () => {
    const { body: made, dropped } = roundTrip({ ...body(own, foreign), ...thinking })
    expect(made).toEqual({ ...body(own), ...thinking })
    expect(Object.keys(dropped)).toEqual(['messages.signature'])
  })

  test('goes up without thinking, if a turn would begin without', () => {
    const { body: made, dropped } = roundTrip({ ...body(foreign), ...thinking })
    expect(made).toEqual({ ...body(), additionalModelRequestFields: {} })
    expect(Object.keys(dropped).sort()).toEqual(['messages.signature', 'reasoning'])
  })
})

test.each([
  ['Claude', CLAUDE, true],
  ['a profile that may be Claude’s', 'arn:aws:bedrock:us-east-1:1:application-inference-profile/abc', true],
  ['Nova', 'amazon.nova-2-lite-v1:0', false],
])('what Claude has signed, on whichever host, goes to Claude only: %s', (_, model, goes) => {
  const signed = says('assistant', { ...thought, signature: 'c2ln', origin: 'anthropic' }, 'Sun.')
  const { body, dropped } = encodeFor(model, requestOf([says('user', 'Hi'), signed, says('user', 'And?')]))
  expect(JSON.stringify(body).includes('c2ln')).toBe(goes)
  expect(Object.keys(dropped)).toEqual(goes ? [] : ['messages.reasoning'])
})
