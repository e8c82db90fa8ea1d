import type { ChatRequest, Part, ToolCallPart } from '@sluice/core'
import { CLAUDE_THOUGHTS, CONVERSATIONS, MERGING, requestOf, says, UNFIT } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { chat, encodeFor } from './support.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const hi = says('user', 'Hi')
const talk = (...messages: ChatRequest['messages']) => encodeFor(CLAUDE, requestOf(messages))
const call = (id: string, args = '{}', name = 'weather'): ToolCallPart => ({
  type: 'tool-call',
  id,
  name,
  arguments: args,
})
const result = (callId: string, ...content: Part[]): Part => ({ type: 'tool-result', callId, content })
const text = (text: string): Part => ({ type: 'text', text })
const base64 = (mediaType: string, data = 'AA==') => ({ kind: 'base64' as const, mediaType, data })

describe('a conversation from another dialect', () => {
  test('has all its system and developer messages in `system`, in their order', () => {
    const { body } = talk(...CONVERSATIONS.instructed)
    expect(body).toEqual({
      system: [{ text: 'A' }, { text: 'B' }],
      messages: [
        { role: 'user', content: [{ text: 'Hi' }] },
        { role: 'assistant', content: [{ text: 'Hello' }] },
        { role: 'user', content: [{ text: 'Go' }] },
      ],
    })
  })

  test('alternates: turns of one role become one, empty texts and turns vanish', () => {
    const { body } = talk(...CONVERSATIONS.scattered)
    expect(body.messages).toEqual([
      { role: 'user', content: [{ text: 'Hi' }, { text: 'there' }] },
      { role: 'assistant', content: [{ text: 'A' }, { text: 'B' }] },
    ])
  })

  test('has the results of tools first in the turn after the calls, cache points behind them', () => {
    const { body } = talk(
      hi,
      says('assistant', 'Let me look.', call('functions.add:0', '{"a":1}'), call('call_2', ''), call('call_3', 'null')),
      says('user', 'Hurry.'),
      says('tool', { ...result('functions.add:0', text('A'), text('')), cache: { ttl: '1h' } }),
      says('tool', { ...(result('call_2') as Part & { type: 'tool-result' }), isError: true }),
      says('tool', result('call_3', { type: 'image', source: base64('image/png'), cache: {} })),
    )
    expect(body.messages).toEqual([
      { role: 'user', content: [{ text: 'Hi' }] },
      {
        role: 'assistant',
        content: [
          { text: 'Let me look.' },
          { toolUse: { toolUseId: 'functions_add_0', name: 'weather', input: { a: 1 } } },
          { toolUse: { toolUseId: 'call_2', name: 'weather', input: {} } },
          { toolUse: { toolUseId: 'call_3', name: 'weather', input: {} } },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'functions_add_0', content: [{ text: 'A' }] } },
          { cachePoint: { type: 'default', ttl: '1h' } },
          { toolResult: { toolUseId: 'call_2', content: [], status: 'error' } },
          { toolResult: { toolUseId: 'call_3', content: [{ image: { format: 'png', source: { bytes: 'AA==' } } }] } },
          { text: 'Hurry.' },
        ],
      },
    ])
  })

  test('has tools for the calls in it, even if it offers none any more', () => {
    const history = [hi, says('assistant', call('a')), says('tool', result('a', text('A')))]
    expect(talk(...history).body.toolConfig).toEqual({
      tools: [{ toolSpec: { name: 'weather', inputSchema: { json: { type: 'object' } } } }],
    })
    const { body, dropped } = encodeFor(CLAUDE, requestOf(history, { toolChoice: { type: 'none' } }))
    expect([body.toolConfig !== undefined, Object.keys(dropped)]).toEqual([true, ['tool_choice']])
  })

  test('carries images, clips, documents and refusals', () => {
    const { body, dropped } = talk(
      says(
        'user',
        {
          type: 'image',
          source: { kind: 'url', url: 's3://b/a.png', mediaType: 'image/png' },
          detail: 'low',
          cache: { ttl: '300s' },
        },
        { type: 'image', source: base64('image/jpg'), detail: 'auto' },
        { type: 'video', source: base64('video/quicktime') },
        { type: 'audio', source: base64('audio/x-wav') },
        { type: 'file', source: base64('application/pdf'), name: 'Q3_report (final).pdf' },
        { type: 'file', source: base64('application/json; charset=utf-8') },
        { type: 'file', source: base64('image/gif') },
        { type: 'file', source: { kind: 'text', text: 'T' } },
      ),
      says('assistant', { type: 'refusal', text: 'No.' }),
    )
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { image: { format: 'png', source: { s3Location: { uri: 's3://b/a.png' } } } },
          { cachePoint: { type: 'default' } },
          { image: { format: 'jpeg', source: { bytes: 'AA==' } } },
          { video: { format: 'mov', source: { bytes: 'AA==' } } },
          { audio: { format: 'wav', source: { bytes: 'AA==' } } },
          { document: { format: 'pdf', name: 'Q3 report (final)', source: { bytes: 'AA==' } } },
          { document: { format: 'txt', name: 'document', source: { bytes: 'AA==' } } },
          { image: { format: 'gif', source: { bytes: 'AA==' } } },
          { document: { format: 'txt', name: 'document 2', source: { text: 'T' } } },
          // Bedrock takes no document without a text beside it.
          { text: 'Q3 report (final)' },
        ],
      },
      { role: 'assistant', content: [{ text: 'No.' }] },
    ])
    expect(Object.keys(dropped)).toEqual(['messages.detail'])
  })

  test('keeps signed and encrypted thinking and reports what the model would not take back', () => {
    const { body, dropped } = talk(...CLAUDE_THOUGHTS)
    expect(body.messages).toContainEqual({
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'sig' } } },
        { reasoningContent: { redactedContent: 'data' } },
        { text: 'Hello' },
      ],
    })
    expect(Object.keys(dropped).sort()).toEqual(['messages.citations', 'messages.name', 'messages.reasoning'])
  })

  test('has cache points only for models that have them', () => {
    const cached = requestOf([says('user', { type: 'text', text: 'A', cache: {} })], {
      tools: [{ type: 'function', name: 'a', cache: {} }],
    })
    const points = (model: string) => JSON.stringify(encodeFor(model, cached).body).split('cachePoint').length - 1
    expect(['us.anthropic.claude-opus-4-8', 'amazon.nova-pro-v1:0', 'meta.llama3-70b'].map(points)).toEqual([2, 1, 0])
    expect(Object.keys(encodeFor('meta.llama3-70b', cached).dropped)).toEqual([
      'messages.cache_control',
      'tools.cache_control',
    ])
  })

  test.each(MERGING)('%s', (_, holds) => holds(chat))

  const refused: [what: string, param: string, messages: ChatRequest['messages']][] = [
    ['arguments that are not JSON', 'messages[1]', UNFIT.brokenArguments],
    ['arguments that are no object', 'messages[1]', UNFIT.listOfArguments],
    ['a result without a call', 'messages[1]', UNFIT.resultWithoutCall],
    ['a file at another provider', 'messages[0]', UNFIT.storedFile],
    ['a part only another dialect knows', 'messages[0]', UNFIT.foreignPart],
    ['an image in the system prompt', 'messages[0]', UNFIT.pictureOfTheSystem],
    [
      'an image at an address',
      'messages[0]',
      [says('user', { type: 'image', source: { kind: 'url', url: 'https://e/a.png' } })],
    ],
    [
      'a document of no format that there is',
      'messages[0]',
      [says('user', { type: 'file', source: base64('application/zip') })],
    ],
    ['a call in a result', 'messages[2]', [hi, says('assistant', call('a')), says('tool', result('a', call('b')))]],
  ]
  test.each(refused)('is refused with %s, naming the message', (_, param, messages) => {
    expect(() => talk(...messages)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: expect.stringContaining(param) as string }),
    )
  })
})
