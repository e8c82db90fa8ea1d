import type { ChatRequest, Part, ToolCallPart } from '@sluice/core'
import { CLAUDE_THOUGHTS, CONVERSATIONS, MERGING, requestOf, says, UNFIT } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { chat, encodeFor } from './support.ts'

const hi = says('user', 'Hi')
const talk = (...messages: ChatRequest['messages']) => encodeFor('claude-sonnet-4-5', requestOf(messages))
const call = (id: string, args = '{}'): ToolCallPart => ({ type: 'tool-call', id, name: 'weather', arguments: args })
const result = (callId: string, text: string): Part => ({
  type: 'tool-result',
  callId,
  content: [{ type: 'text', text }],
})

describe('a conversation from another dialect', () => {
  test('is written in the shorter form', () => {
    expect(talk(says('system', 'Be brief.'), hi).body).toEqual({
      model: 'claude-sonnet-4-5',
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 4096,
    })
  })

  test('has all its system and developer messages in `system`, in their order', () => {
    const { body } = talk(...CONVERSATIONS.instructed)
    expect(body.system).toEqual([
      { type: 'text', text: 'A' },
      { type: 'text', text: 'B' },
    ])
    expect(body.messages).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'user', content: 'Go' },
    ])
  })

  test('alternates: turns of one role become one, empty texts and turns vanish', () => {
    const { body } = talk(...CONVERSATIONS.scattered)
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'text', text: 'there' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'A' },
          { type: 'text', text: 'B' },
        ],
      },
    ])
  })

  test('has the results of tools first in the turn after the calls', () => {
    const { body } = talk(
      hi,
      says('assistant', 'Let me look.', call('functions.add:0', '{"a":1}'), call('call_2', '')),
      says('user', 'Hurry.'),
      says('tool', result('functions.add:0', 'A')),
      says('tool', { ...(result('call_2', '') as Part & { type: 'tool-result' }), isError: true }),
    )
    expect(body.messages).toEqual([
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Let me look.' },
          { type: 'tool_use', id: 'functions_add_0', name: 'weather', input: { a: 1 } },
          { type: 'tool_use', id: 'call_2', name: 'weather', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'functions_add_0', content: 'A' },
          { type: 'tool_result', tool_use_id: 'call_2', is_error: true },
          { type: 'text', text: 'Hurry.' },
        ],
      },
    ])
  })

  test('carries images, documents and refusals', () => {
    const { body, dropped } = talk(
      says(
        'user',
        {
          type: 'image',
          source: { kind: 'url', url: 'https://example.com/a.png' },
          detail: 'low',
          cache: { ttl: '1h' },
        },
        { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' }, detail: 'auto' },
        { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA==' }, name: 'a.pdf' },
        {
          type: 'file',
          source: { kind: 'base64', mediaType: 'text/csv', data: Buffer.from('ä;b').toString('base64') },
        },
        { type: 'file', source: { kind: 'base64', mediaType: 'image/gif', data: 'AA==' } },
        { type: 'file', source: { kind: 'text', text: 'T' } },
      ),
      says('assistant', { type: 'refusal', text: 'No.' }),
    )
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          {
            type: 'image',
            source: { type: 'url', url: 'https://example.com/a.png' },
            cache_control: { type: 'ephemeral', ttl: '1h' },
          },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA==' }, title: 'a.pdf' },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'ä;b' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/gif', data: 'AA==' } },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'T' } },
        ],
      },
      { role: 'assistant', content: 'No.' },
    ])
    expect(Object.keys(dropped)).toEqual(['messages.detail'])
  })

  test('keeps signed and encrypted thinking and reports what Claude would not take back', () => {
    const { body, dropped } = talk(...CLAUDE_THOUGHTS)
    expect(body.messages).toContainEqual({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
        { type: 'redacted_thinking', data: 'data' },
        { type: 'text', text: 'Hello', citations: [] },
      ],
    })
    expect(Object.keys(dropped).sort()).toEqual(['messages.citations', 'messages.name', 'messages.reasoning'])
  })

  test.each(MERGING)('%s', (_, holds) => holds(chat))

  const refused: [what: string, param: string, messages: ChatRequest['messages']][] = [
    ['arguments that are not JSON', 'messages[1]', UNFIT.brokenArguments],
    ['arguments that are no object', 'messages[1]', UNFIT.listOfArguments],
    ['a result without a call', 'messages[1]', UNFIT.resultWithoutCall],
    [
      'audio',
      'messages[0]',
      [says('user', { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: '' } })],
    ],
    ['video', 'messages[0]', [says('user', { type: 'video', source: { kind: 'url', url: 'u' } })]],
    ['a file of another vendor', 'messages[0].content[0]', UNFIT.storedFile],
    ['a part only another dialect knows', 'messages[0]', UNFIT.foreignPart],
    ['an image in the system prompt', 'messages', UNFIT.pictureOfTheSystem],
  ]
  test.each(refused)('is refused with %s, naming the message', (_, param, messages) => {
    expect(() => talk(...messages)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: expect.stringContaining(param) as string }),
    )
  })
})
