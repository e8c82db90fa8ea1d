import { GatewayError } from '@sluice/core'
import type { JsonObject, StreamPart } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { encodeStreamError } from '../src/responses/errors.ts'
import { probe } from '../src/responses/probe.ts'
import { decodeEvents, encodeStream, finished, frameOf, outputOf, startFrom, streamText } from './responses-support.ts'
import { ofType, texts } from './support.ts'

const CREATED = {
  type: 'response.created',
  response: { id: 'resp_1', object: 'response', created_at: 1, model: 'm', tools: [] },
}
const completed = (more: JsonObject = {}): JsonObject => ({
  type: 'response.completed',
  response: { id: 'resp_1', object: 'response', status: 'completed', output: [], ...more },
})
const added = (output_index: number, item: JsonObject): JsonObject => ({
  type: 'response.output_item.added',
  output_index,
  item,
})
const done = (output_index: number, item: JsonObject): JsonObject => ({
  type: 'response.output_item.done',
  output_index,
  item,
})
const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] }
const CALL = { id: 'fc_1', type: 'function_call', call_id: 'c', name: 'f', arguments: '' }
const delta = (text: string, more: JsonObject = {}): JsonObject => ({
  type: 'response.output_text.delta',
  item_id: 'msg_1',
  output_index: 0,
  content_index: 0,
  delta: text,
  ...more,
})

/** What is said, without the announcements. */
const said = (...events: (JsonObject | string)[]): StreamPart[] =>
  decodeEvents(CREATED, ...events).parts.filter(({ type }) => !['start', 'finish', 'usage', 'raw'].includes(type))

describe('a stream is read', () => {
  test('from its start to its finish', () => {
    const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 }
    const { parts, whole } = decodeEvents(
      CREATED,
      { type: 'response.in_progress', response: CREATED.response },
      added(0, MESSAGE),
      delta('Hi', { obfuscation: 'x', sequence_number: 4 }),
      completed({ usage, service_tier: 'default' }),
    )
    expect(whole).toBe(true)
    expect(parts).toEqual([
      {
        type: 'start',
        id: 'resp_1',
        model: 'm',
        created: 1,
        extensions: { 'openai-responses': { object: 'response', tools: [] } },
      },
      {
        type: 'raw',
        dialect: 'openai-responses',
        event: 'response.output_item.added',
        value: { type: 'response.output_item.added', item: MESSAGE },
      },
      { type: 'text-delta', block: 0, text: 'Hi' },
      {
        type: 'finish',
        finish: { unified: 'stop', raw: 'completed' },
        extensions: { 'openai-responses': { object: 'response', service_tier: 'default' } },
      },
      {
        type: 'usage',
        usage: { input: { total: 1, cacheRead: 0, cacheWrite: 0 }, output: { total: 2, reasoning: 0 }, raw: usage },
      },
    ])
  })

  test('with its parts in blocks of their own', () => {
    const parts = said(
      added(0, MESSAGE),
      delta('a'),
      delta('b', { content_index: 1, logprobs: [{ token: 'b' }] }),
      { type: 'response.refusal.delta', output_index: 0, content_index: 2, delta: 'no' },
      added(1, { ...MESSAGE, id: 'msg_2' }),
      delta('c', { output_index: 1 }),
      completed(),
    )
    expect(parts).toEqual([
      { type: 'text-delta', block: 0, text: 'a' },
      { type: 'text-delta', block: 1, text: 'b', logprobs: [{ token: 'b' }] },
      { type: 'refusal-delta', block: 2, text: 'no' },
      { type: 'text-delta', block: 3, text: 'c' },
    ])
  })

  test('with a thought in pieces of a summary, and then encrypted', () => {
    const item = { id: 'rs_1', type: 'reasoning', summary: [] }
    const piece = (summary_index: number, text: string): JsonObject => ({
      type: 'response.reasoning_summary_text.delta',
      output_index: 0,
      summary_index,
      delta: text,
    })
    const parts = said(added(0, item), piece(0, 'a'), piece(1, 'b'), done(0, { ...item, encrypted_content: 'gAAA' }))
    expect(texts(parts, 'reasoning-delta')).toEqual(['a\n\nb'])
    expect(ofType(parts, 'reasoning-redacted')).toMatchObject([
      { block: 0, data: expect.stringContaining('gAAA') as string },
    ])
  })

  test('with calls, whatever way their arguments come', () => {
    const custom = { id: 'ctc_1', type: 'custom_tool_call', call_id: 'x', name: 'g', input: '' }
    const { parts } = decodeEvents(
      CREATED,
      added(0, CALL),
      { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"a"' },
      { type: 'response.function_call_arguments.delta', output_index: 0, delta: ':1}' },
      done(0, { ...CALL, arguments: '{"a":1}' }),
      added(1, { ...CALL, call_id: 'whole' }),
      done(1, { ...CALL, call_id: 'whole', arguments: '{"b":2}' }),
      done(2, { ...CALL, call_id: 'late', arguments: '{}' }),
      added(3, { ...CALL, call_id: 'none' }),
      added(4, custom),
      { type: 'response.custom_tool_call_input.delta', output_index: 4, delta: 'free' },
      completed(),
    )
    const starts = ofType(parts, 'tool-call-start').map(({ block, id, name, kind }) => [block, id, name, kind])
    expect(starts).toEqual([
      [0, 'c', 'f', undefined],
      [1, 'whole', 'f', undefined],
      [2, 'late', 'f', undefined],
      [3, 'none', 'f', undefined],
      [4, 'x', 'g', 'custom'],
    ])
    // The one without arguments is given its own at the end.
    expect(texts(parts, 'tool-call-delta')).toEqual(['{"a":1}', '{"b":2}', '{}', 'free', '{}'])
    expect(ofType(parts, 'finish')[0]!.finish.unified).toBe('tool-calls')
  })

  const whole = { type: 'output_text', text: 'Hi', annotations: [{ type: 'file_path', file_id: 'f', index: 0 }] }
  test.each<[string, JsonObject[]]>([
    ['a text that is only done', [added(0, MESSAGE), { ...delta(''), type: 'response.output_text.done', text: 'Hi' }]],
    ['a text only in its item', [done(0, { ...MESSAGE, content: [whole] })]],
    ['a text only in the final response', [completed({ output: [{ ...MESSAGE, content: [whole] }] })]],
    ['a text of an item that nobody announced', [delta('Hi')]],
    ['a text without numbers', [added(0, MESSAGE), { type: 'response.output_text.delta', delta: 'Hi' }]],
  ])('%s is told', (_, events) => {
    expect(texts(said(...events), 'text-delta')).toEqual(['Hi'])
  })

  test('with each citation once', () => {
    const annotation = { type: 'url_citation', url: 'https://x', title: 't', start_index: 0, end_index: 1 }
    const parts = said(
      added(0, MESSAGE),
      delta('Hi'),
      { type: 'response.output_text.annotation.added', output_index: 0, content_index: 0, annotation },
      done(0, { ...MESSAGE, content: [{ ...whole, annotations: [annotation, ...whole.annotations] }] }),
    )
    expect(ofType(parts, 'citation').map(({ block, citation }) => [block, citation.url])).toEqual([
      [0, 'https://x'],
      [0, undefined],
    ])
  })

  test('with a server tool as it is', () => {
    const search = { id: 'ws_1', type: 'web_search_call', status: 'in_progress' }
    const searching = {
      type: 'response.web_search_call.searching',
      item_id: 'ws_1',
      output_index: 0,
      sequence_number: 3,
    }
    const { parts } = decodeEvents(
      CREATED,
      added(0, search),
      searching,
      done(0, { ...search, status: 'completed' }),
      completed(),
    )
    expect(ofType(parts, 'raw').map(({ event, value }) => [event, value])).toEqual([
      ['response.output_item.added', { type: 'response.output_item.added', item: search }],
      ['response.web_search_call.searching', { type: 'response.web_search_call.searching', item_id: 'ws_1' }],
      [undefined, { ...search, status: 'completed' }],
    ])
  })

  test('[DONE] and comments mean nothing, and nothing follows the end', () => {
    expect(decodeEvents(CREATED, '[DONE]')).toMatchObject({ whole: false })
    expect(said(completed(), delta('late'))).toEqual([])
  })

  test.each<[string, JsonObject, JsonObject]>([
    [
      'an error event',
      { type: 'error', error: { code: 'rate_limit_exceeded', message: 'slow' } },
      { code: 'rate_limit_exceeded', status: 429 },
    ],
    ['a flat error event', { type: 'error', code: 'server_error', message: 'oops', param: null }, { message: 'oops' }],
    [
      'a response that failed',
      { type: 'response.failed', response: { error: { code: 'invalid_prompt', message: 'bad' } } },
      { code: 'invalid_request', status: 400 },
    ],
    ['an error of a proxy', { error: { message: 'gone', type: 'server_error' } }, { message: 'gone' }],
  ])('%s is the error, and the only one', (_, event, found) => {
    const { parts, whole: isWhole } = decodeEvents(CREATED, event, { type: 'response.failed', response: {} })
    expect(isWhole).toBe(false)
    expect(ofType(parts, 'error').map(({ error }) => error)).toMatchObject([found])
    expect(probe(frameOf(event))).toMatchObject(found)
  })

  test.each([
    'not JSON',
    '[]',
    '{"choices":[]}',
    '{"type":"x\\ndata: y"}',
    '{"type":"response.output_item.added","output_index":-1}',
  ])('what is not of this API is refused: %s', (data) =>
    expect(() => decodeEvents(CREATED, data)).toThrow(expect.objectContaining({ code: 'upstream_error' })),
  )

  test.each<['ok' | 'more', JsonObject | string]>([
    ['more', CREATED],
    ['more', { type: 'response.in_progress' }],
    ['more', { type: 'response.queued' }],
    ['more', ''],
    ['ok', added(0, MESSAGE)],
    ['ok', delta('x')],
    ['ok', completed()],
    ['ok', '[DONE]'],
  ])('the probe says %s to %j', (verdict, event) => {
    expect(probe(frameOf(event))).toBe(verdict)
    if (typeof event === 'object') expect(probe({ event: '', data: JSON.stringify(event) })).toBe(verdict)
  })
})

describe('a stream is written', () => {
  const types = (parts: readonly StreamPart[]): unknown[] =>
    encodeStream(parts).events.map(({ type }) => String(type).replace('response.', ''))

  test('event by event', () => {
    expect(types([startFrom('anthropic'), { type: 'text-delta', block: 0, text: 'Hi' }, finished()])).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ])
    const call: StreamPart[] = [
      { type: 'tool-call-start', block: 0, id: 'c', name: 'f' },
      { type: 'tool-call-delta', block: 0, arguments: '{}' },
    ]
    expect(types([...call, finished('tool-calls')]).slice(2, -1)).toEqual([
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
    ])
    const thought: StreamPart[] = [{ type: 'reasoning-delta', block: 0, text: 'Hm' }]
    expect(types([...thought, finished()]).slice(2, -1)).toEqual([
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
    ])
  })

  const output = (...parts: StreamPart[]): JsonObject[] =>
    outputOf(encodeStream([startFrom('anthropic'), ...parts, finished()]).response)

  test('with thoughts, texts and calls as items', () => {
    expect(
      output(
        { type: 'reasoning-delta', block: 0, text: 'Hm' },
        { type: 'reasoning-signature', block: 0, signature: 's' },
        { type: 'text-delta', block: 1, text: 'a' },
        { type: 'text-delta', block: 2, text: 'b' },
        { type: 'refusal-delta', block: 3, text: 'no' },
        { type: 'tool-call-start', block: 4, id: 'c', name: 'f' },
        { type: 'tool-call-delta', block: 4, arguments: '{"a":1}' },
        { type: 'tool-call-start', block: 5, id: 'd', name: 'g', kind: 'custom' },
        { type: 'tool-call-delta', block: 5, arguments: 'free' },
      ),
    ).toMatchObject([
      { id: 'rs_x1_0', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }] },
      { id: 'msg_x1_1', content: [{ text: 'a' }, { text: 'b' }, { refusal: 'no' }] },
      { id: 'fc_x1_2', type: 'function_call', call_id: 'c', arguments: '{"a":1}' },
      { id: 'ctc_x1_3', type: 'custom_tool_call', call_id: 'd', input: 'free' },
    ])
  })

  test('with calls whose arguments come interleaved, late, never or twice', () => {
    const items = output(
      { type: 'tool-call-start', block: 0, id: 'a', name: 'f' },
      { type: 'tool-call-delta', block: 0, arguments: '{"x":' },
      { type: 'tool-call-start', block: 1, id: 'b', name: 'f' },
      { type: 'tool-call-delta', block: 1, arguments: '{"y":2}' },
      { type: 'tool-call-delta', block: 0, arguments: '1}' },
      { type: 'tool-call-start', block: 2, id: 'c', name: 'f' },
      { type: 'tool-call-delta', block: 1, arguments: '{"y":2}' },
      { type: 'tool-call-delta', block: 9, arguments: '{}' },
    )
    expect(items.map(({ call_id, arguments: text }) => [call_id, text])).toEqual([
      ['a', '{"x":1}'],
      ['b', '{"y":2}'],
      ['c', '{}'],
    ])
  })

  test('with citations where they belong, those that come late in the final response', () => {
    const cite = (block: number, url: string): StreamPart => ({ type: 'citation', block, citation: { url } })
    const before = output(cite(0, 'https://a'), { type: 'text-delta', block: 0, text: 'x' }, cite(0, 'https://b'))
    expect(before).toMatchObject([
      { content: [{ text: 'x', annotations: [{ url: 'https://a' }, { url: 'https://b' }] }] },
    ])
    const text = streamText([
      { type: 'text-delta', block: 0, text: 'x' },
      { type: 'tool-call-start', block: 1, id: 'c', name: 'f' },
      cite(0, 'https://late'),
    ])
    expect(text.slice(text.indexOf('event: response.completed'))).toContain('https://late')
  })

  test('with probabilities in the form of this API', () => {
    const token = { token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }
    const [message] = output({ type: 'text-delta', block: 0, text: 'a', logprobs: { content: [token], refusal: null } })
    expect(message!.content).toMatchObject([{ text: 'a', logprobs: [token] }])
  })

  test('to the end, also without a start, a finish or anything at all', () => {
    const { response } = encodeStream([])
    expect(response).toMatchObject({ id: 'resp_x1', status: 'completed', output: [], usage: null })
    expect(encodeStream([{ type: 'text-delta', block: 0, text: 'x' }]).response).toMatchObject({ status: 'completed' })
  })

  test('cut off by a limit: the response and its last item are incomplete', () => {
    const { response } = encodeStream([
      startFrom('openai-chat'),
      { type: 'reasoning-delta', block: 0, text: 'Hm' },
      { type: 'text-delta', block: 1, text: 'x' },
      finished('length'),
    ])
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'completed' }, { status: 'incomplete' }],
    })
  })

  test('with what was asked', () => {
    const { response } = encodeStream([startFrom('anthropic'), finished()], { instructions: 'Be brief.' })
    expect(response).toMatchObject({ model: 'm', created_at: 1, tools: [], instructions: 'Be brief.' })
  })

  test('further choices and what only others know are left out', () => {
    expect(
      output(
        { type: 'text-delta', block: 0, choice: 1, text: 'x' },
        { type: 'raw', dialect: 'anthropic', event: 'x', value: { type: 'x' } },
        { type: 'audio-delta', block: 0, data: 'QQ==' },
        { type: 'audio-delta', block: 0, transcript: 'Hello' },
      ),
    ).toMatchObject([{ content: [{ text: 'Hello' }] }])
  })
})

describe('a stream of this API that a plugin rewrote', () => {
  const events = [
    CREATED,
    added(0, { id: 'rs_1', type: 'reasoning', summary: [] }),
    done(0, { id: 'rs_1', type: 'reasoning', summary: [] }),
    added(1, { ...MESSAGE, phase: 'commentary' }),
    delta('secret', { output_index: 1 }),
    added(2, { id: 'ws_1', type: 'web_search_call', status: 'in_progress' }),
    { type: 'response.web_search_call.searching', item_id: 'ws_1', output_index: 2 },
    done(2, { id: 'ws_1', type: 'web_search_call', status: 'completed' }),
    added(3, CALL),
    { type: 'response.function_call_arguments.delta', output_index: 3, delta: '{}' },
    completed({ usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } }),
  ]

  test('keeps its items with their ids', () => {
    const { parts } = decodeEvents(...events)
    const { response, events: sent } = encodeStream(
      parts.map((part) => (part.type === 'text-delta' ? { ...part, text: '***' } : part)),
    )
    expect(response).toMatchObject({ id: 'resp_1', usage: { total_tokens: 2 } })
    expect(outputOf(response)).toMatchObject([
      { id: 'rs_1', type: 'reasoning', summary: [] },
      { id: 'msg_1', phase: 'commentary', content: [{ text: '***' }] },
      { id: 'ws_1', status: 'completed' },
      { id: 'fc_1', call_id: 'c', arguments: '{}' },
    ])
    expect(outputOf(response)[0]).not.toHaveProperty('encrypted_content')
    expect(sent).toContainEqual(
      expect.objectContaining({ type: 'response.web_search_call.searching', output_index: 2 }),
    )
    expect(JSON.stringify(sent)).not.toContain('secret')
  })

  test('reads and writes as what it was', () => {
    const { parts } = decodeEvents(...events)
    const again = streamText(parts)
      .split('\n\n')
      .slice(0, -1)
      .map((frame) => JSON.parse(frame.split('\ndata: ')[1]!) as JsonObject)
    expect(decodeEvents(...again).parts).toEqual(parts)
  })

  test('may lose parts and still be in good order', () => {
    const { parts } = decodeEvents(...events)
    for (const left of parts) encodeStream(parts.filter((part) => part !== left))
  })
})

test('an answer is remembered up to a bound', () => {
  const text = 'x'.repeat(1 << 23)
  const parts = Array.from({ length: 9 }, (): StreamPart => ({ type: 'text-delta', block: 0, text }))
  expect(() => streamText(parts)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
})

test('a stream error is read as the error that it is', () => {
  const text = encodeStreamError(new GatewayError('upstream_timeout', 'Too late.'), 'r')
  const first = JSON.parse(text.split('\n\n')[0]!.split('\ndata: ')[1]!) as JsonObject
  expect(ofType(decodeEvents(first).parts, 'error')[0]!.error.message).toBe('Too late.')
})
