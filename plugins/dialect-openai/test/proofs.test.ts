/** Proofs of thought on their way through a client of the chat API: whose they are, and to whom they may go. */
import type { ChatRequest, JsonObject, Message, Part, ReasoningPart, StreamPart } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { mark } from '@sluice/dialect-kit'
import { describe, expect, test } from 'vitest'
import { chat } from '../src/chat/index.ts'
import { encodeFor, encodeParts, encodeResponse, requestOf } from './support.ts'

const thought: ReasoningPart = { type: 'reasoning', text: 'Hm.' }
const call: Part = { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a":1}' }
const signature = 'EqRkc2ln+/8='

const foreign: { [what: string]: Part[] } = {
  'a signed thought': [{ ...thought, signature, origin: 'anthropic' }, call],
  'an encrypted thought': [{ ...thought, text: '', redacted: signature, origin: 'anthropic' }, call],
  'an encrypted thought with its summary': [{ ...thought, redacted: 'rs_1:gAAA', origin: 'openai-responses' }, call],
  'a signed call': [{ ...call, signature, origin: 'gemini' }],
}

/** The next turn of a client that sends an answer back as it got it. */
const nextTurn = (message: JsonObject): ChatRequest =>
  chat.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'Hi' }, message] })
const messageOf = (parts: Part[]): JsonObject => {
  const choices = [{ index: 0, parts, finish: { unified: 'stop' as const } }]
  return (encodeResponse({ operation: 'chat', choices, extensions: {} }).choices as { message: JsonObject }[])[0]!
    .message
}

describe.each(Object.entries(foreign))('%s of another provider', (_, parts) => {
  test('comes back as it was', () => {
    const { parts: back } = nextTurn(messageOf(parts)).messages[1]!
    expect(back.map(({ extensions: __, ...part }) => part)).toEqual(parts)
  })

  test('keeps a body from going up as it is, and goes up to nobody of this dialect', () => {
    const body = { model: 'm', messages: [messageOf(parts)] }
    expect(chat.inspect(body, Buffer.from(JSON.stringify(body)), PLACE)).toHaveProperty('transformed', true)
    const assistant: Message = { role: 'assistant', parts }
    for (const request of [nextTurn(messageOf(parts)), requestOf({ messages: [assistant] })]) {
      const { body: sent, dropped } = encodeFor(request)
      expect(JSON.stringify(sent)).not.toMatch(/EqRk|gAAA|c2x1aWNl|reasoning_details|extra_content/)
      expect(dropped).toEqual([parts.length > 1 ? 'messages.reasoning' : 'messages.signature'])
    }
  })
})

test('a stream has each proof marked, in its own place', () => {
  const parts: StreamPart[] = [
    { type: 'reasoning-signature', block: 0, signature, origin: 'anthropic' },
    { type: 'reasoning-redacted', block: 1, data: signature, origin: 'anthropic' },
    { type: 'tool-call-start', block: 2, id: 'c1', name: 'f', signature, origin: 'gemini' },
    { type: 'tool-call-delta', block: 2, arguments: '{}' },
  ]
  const deltas = encodeParts(parts).flatMap((chunk) =>
    typeof chunk === 'string' ? [] : (chunk.choices as { delta: JsonObject }[]).map(({ delta }) => delta),
  )
  const marked = mark({ origin: 'anthropic', signature })
  expect(deltas.slice(1, 4)).toMatchObject([
    { reasoning_details: [{ type: 'reasoning.text', signature: marked }] },
    { reasoning_details: [{ type: 'reasoning.encrypted', data: mark({ origin: 'anthropic', redacted: signature }) }] },
    { tool_calls: [{ extra_content: { google: { thought_signature: mark({ origin: 'gemini', signature }) } } }] },
  ])
})

test('what a vendor of this dialect proved goes back to it as it came', () => {
  const message = {
    role: 'assistant',
    content: 'a',
    reasoning: 'Hm.',
    reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', signature, format: 'anthropic-claude-v1', index: 0 }],
    tool_calls: [
      {
        id: 'c1',
        type: 'function',
        function: { name: 'f', arguments: '{}' },
        extra_content: { google: { thought_signature: 'a', more: 1 } },
      },
    ],
  }
  const { body, dropped } = encodeFor(nextTurn(message))
  expect(body.messages).toEqual([{ role: 'user', content: 'Hi' }, message])
  expect(dropped).toEqual([])
})
