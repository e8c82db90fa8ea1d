import type { ChatRequest, JsonObject, Message, Part } from '@sluice/core'
import { requestOf, says, UNFIT } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { encode } from './support.ts'

const hello = says('user', 'Hello')
const call = (id: string, more: object = {}): Part => ({
  type: 'tool-call',
  id,
  name: 'f',
  arguments: '{"a":1}',
  ...more,
})
const result = (callId: string, ...content: (string | Part)[]): Part => ({
  type: 'tool-result',
  callId,
  content: says('tool', ...content).parts,
})
const wireCall = (id: string): JsonObject => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } })
const png: Part = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } }
const pngItem = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
const note = (more: object = {}): Part => ({ type: 'file', source: { kind: 'text', text: 'A note.' }, ...more })

describe('a conversation of another dialect', () => {
  test.each<[string, Message[], JsonObject[]]>([
    [
      'of the developer are the system’s',
      [says('developer', 'Be brief.'), hello],
      [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
    ],
    ['without content are left out', [says('system'), says('user', ''), hello], [{ role: 'user', content: 'Hello' }]],
    [
      'with a picture',
      [says('user', 'See:', png)],
      [{ role: 'user', content: [{ type: 'text', text: 'See:' }, pngItem] }],
    ],
    [
      'with a picture to look at closely',
      [says('user', { ...png, detail: 'high' })],
      [{ role: 'user', content: [{ ...pngItem, image_url: { ...pngItem.image_url, detail: 'high' } }] }],
    ],
    ['with a refusal', [says('assistant', { type: 'refusal', text: 'No.' })], [{ role: 'assistant', content: 'No.' }]],
    [
      'with a thought',
      [says('assistant', { type: 'reasoning', text: 'Hm.' }, 'Hi')],
      [
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.' },
            { type: 'text', text: 'Hi' },
          ],
        },
      ],
    ],
    [
      'with words before a call, which are the plan',
      [says('assistant', 'I look.', call('c')), says('tool', result('c', 'ok'))],
      [
        { role: 'assistant', tool_plan: 'I look.', tool_calls: [wireCall('c')] },
        { role: 'tool', tool_call_id: 'c', content: 'ok' },
      ],
    ],
    [
      'with results among the user’s words',
      [says('assistant', call('c'), call('d')), says('user', 'And?', result('d', 'two'), result('c', 'one'))],
      [
        { role: 'assistant', tool_calls: [wireCall('c'), wireCall('d')] },
        { role: 'tool', tool_call_id: 'c', content: 'one' },
        { role: 'tool', tool_call_id: 'd', content: 'two' },
        { role: 'user', content: 'And?' },
      ],
    ],
    [
      'with a picture as result',
      [says('assistant', call('c')), says('tool', result('c', png)), hello],
      [
        { role: 'assistant', tool_calls: [wireCall('c')] },
        { role: 'tool', tool_call_id: 'c', content: 'The result is in the next message of the user.' },
        { role: 'user', content: [pngItem] },
        { role: 'user', content: 'Hello' },
      ],
    ],
    [
      'with an empty result',
      [says('assistant', call('c')), says('tool', result('c'))],
      [
        { role: 'assistant', tool_calls: [wireCall('c')] },
        { role: 'tool', tool_call_id: 'c', content: '' },
      ],
    ],
    [
      'with a document as result',
      [says('assistant', call('c')), says('tool', result('c', note({ name: 'n.txt' })))],
      [
        { role: 'assistant', tool_calls: [wireCall('c')] },
        {
          role: 'tool',
          tool_call_id: 'c',
          content: [{ type: 'document', document: { data: { title: 'n.txt', text: 'A note.' } } }],
        },
      ],
    ],
  ])('%s', (_, messages, expected) => {
    const { body, dropped } = encode(requestOf(messages))
    expect(body.messages).toEqual(expected)
    expect(dropped).toEqual({})
  })

  test.each<[string, Part[], Partial<ChatRequest>, JsonObject]>([
    [
      'stand beside the question',
      ['What?', note({ name: 'n.txt' }), note()].map(partOf),
      {},
      {
        messages: [{ role: 'user', content: 'What?' }],
        documents: [{ data: { title: 'n.txt', text: 'A note.' } }, { data: { text: 'A note.' } }],
      },
    ],
    [
      'in base64 are read',
      ['What?', { type: 'file', source: { kind: 'base64', mediaType: 'text/plain', data: 'TsO2dGU=' } } as Part].map(
        partOf,
      ),
      {},
      {
        messages: [{ role: 'user', content: 'What?' }],
        documents: [{ data: { text: 'Nöte' } }],
      },
    ],
    [
      'are the message where there is no other',
      [note({ name: 'n.txt' })],
      {},
      {
        messages: [{ role: 'user', content: 'n.txt:\nA note.' }],
      },
    ],
    [
      'are part of the message where JSON is wanted',
      ['What?', note()].map(partOf),
      { responseFormat: { type: 'json' } },
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What?' },
              { type: 'text', text: 'A note.' },
            ],
          },
        ],
        response_format: { type: 'json_object' },
      },
    ],
  ])('files of text %s', (_, parts, more, expected) => {
    const { body, dropped } = encode(requestOf([says('user', ...parts)], more))
    expect(body).toEqual({ model: 'command-a', ...expected })
    expect(dropped).toEqual({})
  })

  const loss = (message: Message, ...others: Message[]): string[] =>
    Object.keys(encode(requestOf([message, ...others])).dropped)
  test.each<[string, Message, string]>([
    ['a name', { ...hello, name: 'Ada' }, 'messages.name'],
    ['a field of another dialect', { ...hello, extensions: { x: { phase: 1 } } }, 'messages.phase'],
    ['a field of a part', says('user', { type: 'text', text: 'x', extensions: { x: { tone: 1 } } }), 'messages.tone'],
    ['a hint to the cache', says('user', { type: 'text', text: 'x', cache: {} }), 'cache_control'],
    ['a citation', says('assistant', { type: 'text', text: 'x', citations: [{ url: 'u' }] }), 'messages.citations'],
    ['signed thinking', says('assistant', { type: 'reasoning', text: 'x', signature: 's' }), 'messages.reasoning'],
    [
      'encrypted thinking',
      says('assistant', { type: 'reasoning', text: '', redacted: 's' }, 'x'),
      'messages.reasoning',
    ],
    ['an unknown detail', says('user', { ...png, detail: 'original' }), 'messages.detail'],
    ['a signed call', says('assistant', call('c', { signature: 's' })), 'messages.signature'],
  ])('%s is reported', (_, message, param) => {
    expect(loss(message)).toEqual([param])
  })

  test('a failure of a tool is reported', () => {
    const failed = { ...result('c', 'no'), isError: true } as Part
    expect(loss(says('assistant', call('c')), says('tool', failed))).toEqual(['messages.is_error'])
  })

  test.each<[string, Message[]]>([
    ['the result of a call that nobody made', [says('assistant', call('c')), says('tool', result('d', 'x'))]],
    ['a second result of one call', [says('assistant', call('c')), says('tool', result('c', 'x'), result('c', 'y'))]],
    ['a picture by the assistant', [says('assistant', 'x', png)]],
    ['a file by the assistant', [says('assistant', 'x', note())]],
    ['sound', [says('user', { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AA' } })]],
    ['video', [says('user', { type: 'video', source: { kind: 'url', url: 'https://example.com/v' } })]],
    ['a PDF', [says('user', { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA' } })]],
    ['a file that another provider holds', UNFIT.storedFile],
    ['a picture that another provider holds', [says('user', { type: 'image', source: { kind: 'file', id: 'f' } })]],
    ['a part that another dialect understands', UNFIT.foreignPart],
    ['a call of free text', [says('assistant', call('c', { kind: 'custom' }))]],
  ])('%s is refused', (_, messages) => {
    expect(() => encode(requestOf(messages))).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'messages' }),
    )
  })
})

function partOf(part: string | Part): Part {
  return typeof part === 'string' ? { type: 'text', text: part } : part
}
