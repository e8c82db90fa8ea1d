/** What proves a thought survives a client’s turn, and is kept from Cohere. */
import type { JsonObject, Part, StreamPart } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { mark } from '@sluice/dialect-kit'
import { plain, reply, responseOf } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { at, chat, encode, encodeStream, eventsOf } from './support.ts'

const THOUGHTS: { readonly [name: string]: Part } = {
  'a signed thought': { type: 'reasoning', text: 'Hm', signature: 's', origin: 'anthropic' },
  'an encrypted thought': { type: 'reasoning', text: '', redacted: 'x', origin: 'anthropic' },
  'a summary of an encrypted thought': {
    type: 'reasoning',
    text: 'So',
    redacted: 'x',
    origin: 'openai-responses',
    id: 'rs_1',
  },
  'a signed call': { type: 'tool-call', id: 'c', name: 'f', arguments: '{"a":1}', signature: 's', origin: 'gemini' },
}

/** A message as a client gets it and sends it back. */
function echoed(...parts: Part[]): JsonObject {
  const { message } = chat.encodeResponse(responseOf(parts), reply)
  return { model: 'm', messages: [{ role: 'user', content: 'Hi' }, plain(message as JsonObject)] }
}

describe.each(Object.entries(THOUGHTS))('%s', (_, part) => {
  test('comes back from a client as it was', () => {
    const { messages } = chat.decodeRequest(echoed(part, { type: 'text', text: 'Hello' }))
    const back = messages[1]!.parts.find(({ type }) => type === part.type)!
    // What is left over was blank, or a form, under a symbol.
    expect(plain({ ...back, extensions: back.extensions?.cohere ?? {} })).toEqual({ ...part, extensions: {} })
  })

  test('goes to Cohere without what proves it', () => {
    const { body, dropped } = encode(chat.decodeRequest(echoed(part, { type: 'text', text: 'Hello' })))
    expect(Object.keys(dropped)).toEqual([part.type === 'tool-call' ? 'messages.signature' : 'messages.reasoning'])
    expect(JSON.stringify(body)).not.toContain('sluice')
    expect(at(body, 'messages', 1, 'content')).toEqual(
      part.type === 'reasoning' && part.text !== ''
        ? [
            { type: 'thinking', thinking: part.text },
            { type: 'text', text: 'Hello' },
          ]
        : [{ type: 'text', text: 'Hello' }],
    )
  })
})

test.each<[string, boolean | undefined, JsonObject]>([
  ['as they are if they hold no proof', undefined, { role: 'assistant', content: 'a "sluice_proof"' }],
  [
    'encoded afresh if they do',
    true,
    { role: 'assistant', content: [{ type: 'thinking', thinking: '', sluice_proof: mark({ origin: 'gemini' }) }] },
  ],
])('bytes of a client go up %s', (_, transformed, message) => {
  const body = { model: 'm', messages: [message] }
  expect(chat.inspect(body, Buffer.from(JSON.stringify(body)), PLACE).transformed).toBe(transformed)
})

test('a thought without proof is nothing special', () => {
  const body = echoed({ type: 'reasoning', text: 'Hm' })
  expect(JSON.stringify(body)).not.toContain('sluice')
  expect(encode(chat.decodeRequest(body)).dropped).toEqual({})
})

test.each([null, 'x', { origin: 'gemini', signature: 's' }])('a field with %j in it proves nothing', (field) => {
  const content = [{ type: 'thinking', thinking: 'Hm', sluice_proof: field }]
  const { messages } = chat.decodeRequest({ model: 'm', messages: [{ role: 'assistant', content }] })
  expect(messages[0]!.parts).toEqual([{ type: 'reasoning', text: 'Hm' }])
})

describe('in a stream', () => {
  const deltas = (...parts: StreamPart[]) =>
    eventsOf(encodeStream(parts)).flatMap(({ type, index, delta }) =>
      type === 'content-delta' || type === 'tool-call-start' ? [[index, at(delta, 'message')]] : [],
    )

  test('the signature stands in the thought that it is about', () => {
    const signature = { type: 'reasoning-signature', block: 0, signature: 's', origin: 'anthropic' } as const
    expect(deltas({ type: 'reasoning-delta', block: 0, text: 'Hm' }, signature)).toEqual([
      [0, { content: { thinking: 'Hm' } }],
      [0, { content: { thinking: '', sluice_proof: mark({ origin: 'anthropic', signature: 's' }) } }],
    ])
  })

  test('an encrypted thought is a content of its own', () => {
    expect(
      deltas(
        { type: 'reasoning-redacted', block: 0, data: 'x', origin: 'anthropic' },
        { type: 'text-delta', block: 1, text: 'Hello' },
      ),
    ).toEqual([
      [0, { content: { thinking: '', sluice_proof: mark({ origin: 'anthropic', redacted: 'x' }) } }],
      [1, { content: { text: 'Hello' } }],
    ])
  })

  test('a call says its own', () => {
    const call = { type: 'tool-call-start', block: 0, id: 'c', name: 'f' } as const
    const written = { id: 'c', type: 'function', function: { name: 'f', arguments: '' } }
    expect(deltas({ ...call, signature: 's', origin: 'gemini' }, { ...call, block: 1 })).toEqual([
      [0, { tool_calls: { ...written, sluice_proof: mark({ origin: 'gemini', signature: 's' }) } }],
      [1, { tool_calls: written }],
    ])
  })
})
