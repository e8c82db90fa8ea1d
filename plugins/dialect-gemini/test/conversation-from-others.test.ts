import type { ChatRequest, JsonObject, Part, ToolCallPart } from '@sluice/core'
import { CONVERSATIONS, MERGING, requestOf, says, UNFIT } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { chat, encodeFor } from './support.ts'

const hi = says('user', 'Hi')
const talkTo = (model: string, ...messages: ChatRequest['messages']) => encodeFor(model, requestOf(messages))
const talk = (...messages: ChatRequest['messages']) => talkTo('gemini-2.5-flash', ...messages)
const call = (id: string, more: Partial<ToolCallPart> = {}): ToolCallPart => ({
  type: 'tool-call',
  id,
  name: 'weather',
  arguments: '{"a":1}',
  ...more,
})
const result = (callId: string, ...content: (string | Part)[]): Part & { type: 'tool-result' } => ({
  type: 'tool-result',
  callId,
  content: content.map((item) => (typeof item === 'string' ? { type: 'text', text: item } : item)),
})
const image: Part = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } }

describe('a conversation from another dialect', () => {
  test('has all its system and developer messages in the system instruction, in their order', () => {
    const { body } = talk(...CONVERSATIONS.instructed)
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: 'A' }, { text: 'B' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }] },
        { role: 'model', parts: [{ text: 'Hello' }] },
        { role: 'user', parts: [{ text: 'Go' }] },
      ],
    })
  })

  test('alternates: turns of one role become one, empty texts and turns vanish', () => {
    const { body } = talk(
      hi,
      says('assistant', ''),
      says('user', '', 'there'),
      says('assistant', 'A'),
      says('assistant', 'B'),
    )
    expect(body.contents).toEqual([
      { role: 'user', parts: [{ text: 'Hi' }, { text: 'there' }] },
      { role: 'model', parts: [{ text: 'A' }, { text: 'B' }] },
    ])
  })

  test('has the results of functions first, in the order of their calls and with their names', () => {
    const { body } = talk(
      hi,
      says('assistant', 'Let me look.', call('functions.weather:0'), call('call_2', { name: 'now', arguments: '' })),
      says('user', 'Hurry.'),
      says('tool', { ...result('call_2', 'No clock.'), isError: true }),
      says('tool', result('functions.weather:0', 'A', 'B')),
    )
    expect(body.contents).toEqual([
      { role: 'user', parts: [{ text: 'Hi' }] },
      {
        role: 'model',
        parts: [
          { text: 'Let me look.' },
          { functionCall: { id: 'functions.weather:0', name: 'weather', args: { a: 1 } } },
          { functionCall: { id: 'call_2', name: 'now', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'functions.weather:0', name: 'weather', response: { output: 'A\nB' } } },
          { functionResponse: { id: 'call_2', name: 'now', response: { error: 'No clock.' } } },
          { text: 'Hurry.' },
        ],
      },
    ])
  })

  test('hands on results as text, so that numbers keep all their digits', () => {
    const { body } = talk(hi, says('assistant', call('a')), says('tool', result('a', '{"id":12345678901234567890}')))
    expect(JSON.stringify(body)).toContain('{"output":"{\\"id\\":12345678901234567890}"}')
  })

  test('carries media and texts in files', () => {
    const { body, dropped } = talk(
      says(
        'user',
        image,
        { type: 'image', source: { kind: 'url', url: 'https://example.com/a.JPG?x=1' }, detail: 'auto' },
        { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AA==' } },
        { type: 'video', source: { kind: 'url', url: 'gs://b/film', mediaType: 'video/mp4' } },
        { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA==' } },
        { type: 'file', source: { kind: 'text', text: 'T' } },
      ),
      says('assistant', { type: 'refusal', text: 'No.' }),
    )
    expect(body.contents).toEqual([
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/png', data: 'AA==' } },
          { fileData: { mimeType: 'image/jpeg', fileUri: 'https://example.com/a.JPG?x=1' } },
          { inlineData: { mimeType: 'audio/wav', data: 'AA==' } },
          { fileData: { mimeType: 'video/mp4', fileUri: 'gs://b/film' } },
          { inlineData: { mimeType: 'application/pdf', data: 'AA==' } },
          { text: 'T' },
        ],
      },
      { role: 'model', parts: [{ text: 'No.' }] },
    ])
    expect(dropped).toEqual({})
  })

  test('media in results stand inside them since Gemini 3, and beside them before', () => {
    const messages = [hi, says('assistant', call('a')), says('tool', result('a', 'See.', image))]
    const resultIn = (model: string) =>
      (talkTo(model, ...messages).body.contents as { parts: JsonObject[] }[])[2]!.parts
    const inlineData = { mimeType: 'image/png', data: 'AA==' }
    const plain = { id: 'a', name: 'weather', response: { output: 'See.' } }
    expect(resultIn('gemini-2.5-pro')).toEqual([{ functionResponse: plain }, { inlineData }])
    expect(resultIn('gemini-3-pro-preview')).toEqual([{ functionResponse: { ...plain, parts: [{ inlineData }] } }])
  })

  test('calls keep their signatures; the first without one gets a stand-in where models insist on it', () => {
    const signaturesFor = (model: string, ...calls: ToolCallPart[]) => {
      const { contents } = talkTo(model, hi, says('assistant', ...calls)).body as {
        contents: { parts: JsonObject[] }[]
      }
      return contents[1]!.parts.map(({ thoughtSignature }) => thoughtSignature)
    }
    const signed = call('a', { signature: 'c2ln', origin: 'gemini' })
    expect(signaturesFor('gemini-2.5-flash', call('a'), call('b'))).toEqual([undefined, undefined])
    expect(signaturesFor('gemini-3.8-flash', signed, call('b'))).toEqual(['c2ln', undefined])
    expect(signaturesFor('gemini-3.8-flash', call('a'), call('b'))).toEqual([
      'skip_thought_signature_validator',
      undefined,
    ])
  })

  test('reports, once each, what Gemini would not take back', () => {
    const thought: Part = { type: 'reasoning', text: 'Hm.', signature: 'of another' }
    const { body, dropped } = talk(
      { ...hi, name: 'ada' },
      says('assistant', thought, thought, {
        type: 'text',
        text: 'Hello',
        citations: [{ url: 'https://example.com' }],
        cache: {},
      }),
      says(
        'user',
        { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' }, detail: 'low' },
        { type: 'file', name: 'a.pdf', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA==' } },
      ),
    )
    expect(Object.keys(dropped)).toEqual([
      'messages.reasoning',
      'messages.name',
      'cache_control',
      'messages.citations',
      'messages.detail',
      'messages.filename',
    ])
    expect(JSON.stringify(body)).not.toMatch(/thought|a\.pdf|citation/)
  })

  test.each(MERGING)('%s', (_, holds) => holds(chat))

  const refused: [what: string, param: string, messages: ChatRequest['messages']][] = [
    ['a result of a call that nobody made', 'messages[1]', UNFIT.resultWithoutCall],
    ['arguments that are no object', 'messages[1].parts[0]', UNFIT.listOfArguments],
    ['a file at another provider', 'messages[0].parts[0]', UNFIT.storedFile],
    ['an image in the system prompt', 'messages', UNFIT.pictureOfTheSystem],
    [
      'a part that another provider runs',
      'messages[1].parts[0]',
      [hi, says('assistant', { type: 'raw', dialect: 'anthropic', value: { type: 'server_tool_use' } })],
    ],
  ]
  test.each(refused)('%s is refused', (_, param, messages) => {
    expect(() => talk(...messages)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})
