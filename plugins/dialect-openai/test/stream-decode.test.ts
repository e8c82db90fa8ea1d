import type { JsonObject, StreamPart } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { ChatStreamDecoder } from '../src/chat/decode-stream.ts'
import { probe } from '../src/chat/probe.ts'
import { chunkOf, decodeChunks, frameOf, ofType, texts } from './support.ts'

const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
const stop = (fields: JsonObject = {}): JsonObject => chunkOf({}, { finish_reason: 'stop' }, fields)
const calls = (...items: JsonObject[]): JsonObject => chunkOf({ tool_calls: items })

describe('a plain stream', () => {
  const { parts, whole } = decodeChunks(
    chunkOf(
      { role: 'assistant', content: '', refusal: null },
      { logprobs: null },
      { service_tier: 'default', usage: null },
    ),
    chunkOf({ content: 'Hel' }),
    chunkOf({ content: 'lo' }),
    stop(),
    { ...chunkOf(undefined), choices: [], usage },
    '[DONE]',
  )

  test('is a start, its pieces, a finish and usage', () => {
    expect(parts).toEqual([
      {
        type: 'start',
        id: 'chatcmpl-1',
        model: 'm',
        created: 1,
        extensions: { 'openai-chat': { service_tier: 'default' } },
      },
      { type: 'text-delta', block: 0, text: 'Hel' },
      { type: 'text-delta', block: 0, text: 'lo' },
      { type: 'finish', finish: { unified: 'stop', raw: 'stop' }, extensions: { 'openai-chat': {} } },
      expect.objectContaining({ type: 'usage' }),
    ])
    expect(whole).toBe(true)
  })
})

describe('usage is told once, at the end, wherever a vendor puts it', () => {
  const cases: { [where: string]: (JsonObject | string)[] } = {
    'in the frame of the finish': [chunkOf({ content: 'a' }, { finish_reason: 'stop' }, { usage }), '[DONE]'],
    'in a frame of its own': [stop(), { choices: [], usage }, '[DONE]'],
    'in a frame of its own without choices': [stop(), { usage }, '[DONE]'],
    'in every frame, growing': [
      chunkOf({ content: 'a' }, {}, { usage: { ...usage, completion_tokens: 1, total_tokens: 2 } }),
      stop({ usage }),
    ],
    twice: [stop({ usage, x_groq: { usage } }), { choices: [], usage }, '[DONE]'],
    'in x_groq only': [
      chunkOf({ content: 'a' }, {}, { x_groq: { id: 'r' } }),
      stop({ x_groq: { id: 'r', usage } }),
      '[DONE]',
    ],
    'after [DONE] nothing counts': [stop({ usage }), '[DONE]', { choices: [], usage: { prompt_tokens: 9 } }],
  }
  test.each(Object.entries(cases))('%s', (_, chunks) => {
    const { parts, whole } = decodeChunks(...chunks)
    expect(ofType(parts, 'usage').map((part) => part.usage)).toEqual([
      { input: { total: 1, cacheRead: 0, cacheWrite: 0 }, output: { total: 2, reasoning: 0 }, raw: usage },
    ])
    expect(parts.at(-1)?.type).toBe('usage')
    expect(whole).toBe(true)
  })
})

describe('an answer is whole', () => {
  const text = chunkOf({ content: 'a' })
  const second = chunkOf({ content: 'b' }, { index: 1 })
  test.each<[what: string, chunks: (JsonObject | string)[], whole: boolean]>([
    ['with a finish and no [DONE]', [text, stop()], true],
    ['with [DONE] and no finish', [text, '[DONE]'], true],
    ['not without either', [text], false],
    ['not if one of its choices is open', [text, second, stop()], false],
    ['not if there was nothing', [], false],
    ['not after an error', [text, { error: { message: 'broke' } }, '[DONE]'], false],
  ])('%s', (_, chunks, whole) => expect(decodeChunks(...chunks).whole).toBe(whole))

  test('and finished in words also where the vendor gave no reason', () => {
    expect(ofType(decodeChunks(text, '[DONE]').parts, 'finish')).toMatchObject([{ finish: { unified: 'stop' } }])
    expect(ofType(decodeChunks(text).parts, 'finish')).toEqual([])
  })

  test('and finished once', () => {
    const { parts } = decodeChunks(
      text,
      stop(),
      chunkOf({ content: '' }, { finish_reason: 'stop' }, { usage }),
      '[DONE]',
    )
    expect(ofType(parts, 'finish')).toHaveLength(1)
  })
})

describe('the start', () => {
  test("waits behind Azure's first frame, which has only filter results", () => {
    const filters = {
      choices: [],
      created: 0,
      id: '',
      model: '',
      object: '',
      prompt_filter_results: [{ prompt_index: 0 }],
    }
    const { parts } = decodeChunks(filters, chunkOf({ role: 'assistant', content: '' }), stop())
    expect(parts[0]).toEqual({
      type: 'start',
      id: 'chatcmpl-1',
      model: 'm',
      created: 1,
      extensions: { 'openai-chat': { prompt_filter_results: [{ prompt_index: 0 }] } },
    })
    expect(ofType(parts, 'start')).toHaveLength(1)
  })

  test('leaves out padding, and later fields are told once', () => {
    const { parts } = decodeChunks(
      chunkOf({ content: 'a' }, {}, { obfuscation: 'xyz', p: 'abc' }),
      chunkOf({ content: 'b' }, {}, { citations: ['https://a'] }),
      chunkOf({ content: 'c' }, {}, { citations: ['https://a'] }),
      stop(),
    )
    expect(parts[0]).toEqual({
      type: 'start',
      id: 'chatcmpl-1',
      model: 'm',
      created: 1,
      extensions: { 'openai-chat': {} },
    })
    expect(ofType(parts, 'raw')).toEqual([
      { type: 'raw', dialect: 'openai-chat', value: { object: 'chat.completion.chunk', citations: ['https://a'] } },
    ])
  })
})

describe('thoughts', () => {
  const cases: { [how: string]: JsonObject[] } = {
    DeepSeek: [
      { reasoning_content: 'r', content: null },
      { reasoning_content: 's', content: null },
      { content: 'a', reasoning_content: null },
    ],
    Groq: [{ reasoning: 'r', channel: null }, { reasoning: 's' }, { content: 'a' }],
    'both names': [{ reasoning: 'rs', reasoning_content: 'rs' }, { content: 'a' }],
    OpenRouter: [
      { content: '', reasoning: 'r', reasoning_details: [{ type: 'reasoning.text', text: 'r' }] },
      { content: '', reasoning: null, reasoning_details: [{ type: 'reasoning.text', text: 's' }] },
      { content: 'a', reasoning: null, reasoning_details: [] },
    ],
    Mistral: [
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'r' }] }] },
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 's' }], closed: true },
          { type: 'text', text: 'a' },
        ],
      },
      { content: '' },
    ],
  }
  test.each(Object.entries(cases))('of %s are one block before the text', (_, deltas) => {
    const { parts } = decodeChunks(...deltas.map((delta) => chunkOf(delta)), stop())
    expect(texts(parts, 'reasoning-delta')).toEqual(['rs'])
    expect(texts(parts, 'text-delta')).toEqual(['a'])
    expect(ofType(parts, 'text-delta')[0]?.block).toBe(1)
  })

  test('that are signed or encrypted say so', () => {
    const { parts } = decodeChunks(
      chunkOf({ reasoning: 'r' }),
      chunkOf({ reasoning_details: [{ type: 'reasoning.text', text: '', signature: 's' }] }),
      chunkOf({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'd' }] }),
      stop(),
    )
    expect(parts.slice(1, -1)).toEqual([
      { type: 'reasoning-delta', block: 0, text: 'r' },
      { type: 'reasoning-signature', block: 0, signature: 's', origin: 'openai-chat' },
      { type: 'reasoning-redacted', block: 1, data: 'd', origin: 'openai-chat' },
    ])
  })
})

describe('tool calls', () => {
  const found = (...chunks: (JsonObject | string)[]): unknown[] => {
    const { parts } = decodeChunks(...chunks)
    const args = new Map<number, string>()
    for (const { block, arguments: piece } of ofType(parts, 'tool-call-delta'))
      args.set(block, (args.get(block) ?? '') + piece)
    return ofType(parts, 'tool-call-start').map(({ id, name, block }) => [id, name, args.get(block)])
  }
  const fn = (name?: string, args?: unknown): JsonObject => ({
    function: { ...(name && { name }), ...(args !== undefined && { arguments: args }) },
  })
  const end = chunkOf({}, { finish_reason: 'tool_calls' })

  test('in pieces, one after another', () => {
    const chunks = [
      calls({ index: 0, id: 'a', type: 'function', ...fn('f', '') }),
      calls({ index: 0, ...fn(undefined, '{"x"') }),
      calls({ index: 0, ...fn(undefined, ':1}') }),
      calls({ index: 1, id: 'b', type: 'function', ...fn('g', '') }),
      calls({ index: 1, ...fn(undefined, '{}') }),
      end,
    ]
    expect(found(...chunks)).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{}'],
    ])
  })

  test('interleaved by index', () => {
    const chunks = [
      calls({ index: 0, id: 'a', ...fn('f', '') }, { index: 1, id: 'b', ...fn('g', '') }),
      calls({ index: 1, ...fn(undefined, '2') }),
      calls({ index: 0, ...fn(undefined, '1') }),
      end,
    ]
    expect(found(...chunks)).toEqual([
      ['a', 'f', '1'],
      ['b', 'g', '2'],
    ])
  })

  test('whole, several in a frame, without index', () => {
    expect(found(calls({ id: 'a', ...fn('f', '{"x":1}') }, { id: 'b', ...fn('g', '{"y":2}') }), end)).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{"y":2}'],
    ])
  })

  test('whole, all numbered 0', () => {
    expect(
      found(calls({ index: 0, id: 'a', ...fn('f', '{}') }), calls({ index: 0, id: 'b', ...fn('g', '{}') }), end),
    ).toEqual([
      ['a', 'f', '{}'],
      ['b', 'g', '{}'],
    ])
  })

  test('in pieces without index belong to the last one', () => {
    expect(
      found(calls({ id: 'a', ...fn('f', '') }), calls(fn(undefined, '{"x":')), calls({ id: '', ...fn('', '1}') }), end),
    ).toEqual([['a', 'f', '{"x":1}']])
  })

  test.each([[''], [null], [undefined], ['null']])('whose arguments are %j have none', (none) => {
    expect(found(calls({ index: 0, id: 'a', ...fn('f', none) }), end)).toEqual([['a', 'f', '{}']])
  })

  test('are complete before their choice finishes', () => {
    const { parts } = decodeChunks(calls({ index: 0, id: 'a', ...fn('f', '') }), end, '[DONE]')
    expect(parts.map(({ type }) => type)).toEqual(['start', 'tool-call-start', 'tool-call-delta', 'finish'])
  })

  test('whose first arguments are null have those that follow', () => {
    expect(
      found(calls({ index: 0, id: 'a', ...fn('f', null) }), calls({ index: 0, ...fn(undefined, '{"x":1}') }), end),
    ).toEqual([['a', 'f', '{"x":1}']])
  })

  test('whose arguments are an object, as Ollama writes them', () => {
    expect(found(calls({ id: 'a', ...fn('f', { x: 1 }) }), end)).toEqual([['a', 'f', '{"x":1}']])
  })

  test('whose last piece stands in the frame of the finish', () => {
    const last = chunkOf({ tool_calls: [{ index: 0, ...fn(undefined, '}') }] }, { finish_reason: 'tool_calls' })
    const { parts } = decodeChunks(calls({ index: 0, id: 'a', ...fn('f', '{') }), last)
    expect(parts.map(({ type }) => type)).toEqual([
      'start',
      'tool-call-start',
      'tool-call-delta',
      'tool-call-delta',
      'finish',
    ])
  })

  test('without an id get one that no other call of the conversation has', () => {
    const ids = (...chunks: JsonObject[]): unknown[] => found(...chunks).map((call) => (call as unknown[])[0])
    const [first, second] = ids(calls(fn('f', '{}'), fn('g', '{}')), end)
    expect([first, second]).toEqual([expect.stringMatching(/^call_0/), expect.stringMatching(/^call_1/)])
    expect(ids({ ...calls(fn('f', '{}')), id: 'chatcmpl-2' }, end)).not.toContain(first)
  })

  test('of custom tools keep their text as it is', () => {
    const { parts } = decodeChunks(
      calls({ index: 0, id: 'a', type: 'custom', custom: { name: 'f', input: '' } }),
      calls({ index: 0, custom: { input: 'null' } }),
      end,
    )
    expect(ofType(parts, 'tool-call-start')).toMatchObject([{ kind: 'custom' }])
    expect(texts(parts, 'tool-call-delta')).toEqual(['null'])
  })

  test("carry Gemini's proof of thought", () => {
    const proof = { google: { thought_signature: 's' } }
    const { parts } = decodeChunks(calls({ id: 'a', extra_content: proof, ...fn('f', '{}') }), end)
    expect(ofType(parts, 'tool-call-start')).toMatchObject([
      { signature: 's', extensions: { 'openai-chat': { extra_content: proof } } },
    ])
  })

  test('make a plain stop one of calls', () => {
    const { parts } = decodeChunks(calls({ index: 0, id: 'a', ...fn('f', '{}') }), stop())
    expect(ofType(parts, 'finish')).toMatchObject([{ finish: { unified: 'tool-calls', raw: 'stop' } }])
  })

  test('of each choice are counted apart', () => {
    const other = { ...calls({ index: 0, id: 'b', ...fn('g', '{}') }) }
    other.choices = [{ ...(other.choices as JsonObject[])[0], index: 1 }]
    const { parts } = decodeChunks(calls({ index: 0, id: 'a', ...fn('f', '{}') }), other)
    expect(ofType(parts, 'tool-call-start')).toMatchObject([
      { id: 'a', block: 0 },
      { id: 'b', block: 0, choice: 1 },
    ])
  })

  test('seen from their middle, as at the end of a stream that passes untouched, are taken', () => {
    expect(found(calls({ index: 3, ...fn(undefined, '1}') }), end)).toHaveLength(1)
  })
})

describe('other content', () => {
  const read = (...deltas: JsonObject[]): StreamPart[] =>
    decodeChunks(...deltas.map((delta) => chunkOf(delta)), stop()).parts.slice(1, -1)

  test('refusals, also in how the answer ended', () => {
    expect(read({ role: 'assistant', refusal: '' }, { refusal: 'I' }, { refusal: ' will not' })).toEqual([
      { type: 'refusal-delta', block: 0, text: 'I' },
      { type: 'refusal-delta', block: 0, text: ' will not' },
    ])
    expect(decodeChunks(chunkOf({ refusal: 'no' }), stop()).parts.at(-1)).toMatchObject({
      finish: { unified: 'refusal', raw: 'stop' },
    })
  })

  test('sound', () => {
    expect(
      read({ audio: { id: 'i', transcript: 't' } }, { audio: { data: 'QQ==' } }, { audio: { expires_at: 9 } }),
    ).toEqual([
      { type: 'audio-delta', block: 0, id: 'i', transcript: 't' },
      { type: 'audio-delta', block: 0, data: 'QQ==' },
      { type: 'audio-delta', block: 0, expiresAt: 9 },
    ])
  })

  test('citations, of the text before them', () => {
    const annotation = {
      type: 'url_citation',
      url_citation: { start_index: 0, end_index: 1, title: 't', url: 'https://a' },
    }
    expect(read({ content: 'a' }, { annotations: [annotation] })[1]).toEqual({
      type: 'citation',
      block: 0,
      citation: { url: 'https://a', title: 't', start: 0, end: 1 },
    })
  })

  test('logprobs, also of pieces without text', () => {
    const logprobs = { content: [{ token: 'a', logprob: -1 }], refusal: null }
    const { parts } = decodeChunks(
      chunkOf({ content: '' }, { logprobs: { content: [], refusal: null } }),
      chunkOf({ content: 'a' }, { logprobs }),
      chunkOf({ content: '' }, { logprobs }),
      stop(),
    )
    expect(ofType(parts, 'text-delta')).toEqual([
      { type: 'text-delta', block: 0, text: 'a', logprobs },
      { type: 'text-delta', block: 0, text: '', logprobs },
    ])
  })

  test('blocks are counted anew where the kind changes', () => {
    const parts = read(
      { reasoning: 'r' },
      { content: 'a' },
      { tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{}' } }] },
      { content: 'b' },
    )
    expect(parts.map((part) => ('block' in part ? part.block : undefined))).toEqual([0, 1, 2, 2, 3])
  })

  test('the functions before tools, and what else only this API has', () => {
    expect(read({ role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } })).toEqual([
      {
        type: 'raw',
        dialect: 'openai-chat',
        value: {
          object: 'chat.completion.chunk',
          choices: [{ index: 0, delta: { function_call: { name: 'f', arguments: '' } } }],
        },
      },
    ])
  })

  test("Azure's late filter results, in a choice without a delta", () => {
    const filter = {
      content_filter_results: { hate: { filtered: false } },
      content_filter_offsets: { start_offset: 0 },
    }
    const { parts } = decodeChunks(chunkOf({ content: 'a' }), chunkOf(undefined, filter), stop())
    expect(ofType(parts, 'raw')).toMatchObject([{ value: { choices: [filter] } }])
  })

  test("Perplexity's cumulative message is not read again", () => {
    const both = (delta: string, message: string): JsonObject =>
      chunkOf({ content: delta }, { message: { role: 'assistant', content: message } })
    const { parts } = decodeChunks(
      both('1', '1'),
      both(' 2', '1 2'),
      chunkOf({ content: '' }, { message: { content: '1 2' }, finish_reason: 'stop' }),
    )
    expect(texts(parts, 'text-delta')).toEqual(['1 2'])
  })

  test('an answer sent whole as if streamed', () => {
    const message = {
      role: 'assistant',
      content: 'a',
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
    }
    const { parts, whole } = decodeChunks(chunkOf(undefined, { message, finish_reason: 'tool_calls' }))
    expect(texts(parts, 'text-delta')).toEqual(['a'])
    expect(ofType(parts, 'tool-call-start')).toMatchObject([{ id: 'c', name: 'f' }])
    expect(whole).toBe(true)
  })
})

describe('an error inside a stream', () => {
  const failed: [what: string, chunk: JsonObject, error: JsonObject][] = [
    [
      'with a status (Groq)',
      { error: { message: 'm', code: 'tool_use_failed', status_code: 400 } },
      { code: 'invalid_request', status: 400 },
    ],
    [
      'with a number for a code (OpenRouter)',
      { ...chunkOf({ content: '' }, { finish_reason: 'error' }), error: { message: 'm', code: 429 } },
      {
        code: 'rate_limit_exceeded',
        status: 429,
      },
    ],
    [
      'with a word',
      { error: { message: 'm', type: 'server_error', code: null } },
      { code: 'upstream_error', status: 502 },
    ],
    [
      'with an object for a status',
      { error: { message: 'm', status_code: { toString: null } } },
      { code: 'upstream_error', status: 502 },
    ],
    ['as a text', { error: 'm' }, { code: 'upstream_error', message: 'm' }],
    [
      'of a refused credential',
      { error: { message: 'Bad key sk-123', code: 401 } },
      { code: 'upstream_error', status: 502 },
    ],
  ]
  test.each(failed)('%s', (_, chunk, error) => {
    const { parts } = decodeChunks(chunkOf({ content: 'a' }), chunk)
    expect(parts.at(-1)).toEqual({ type: 'error', error: expect.objectContaining(error) })
    expect(JSON.stringify((parts.at(-1) as { error: Error }).error.message)).not.toContain('sk-123')
  })

  test.each([
    'not JSON',
    '[]',
    '1',
    '{}',
    '{"choices":{}}',
    '{"choices":[1]}',
    '{"choices":[{"index":-1}]}',
    '{"choices":[{"index":1e9}]}',
    '{"id":1}',
  ])('a frame that is %s is an upstream error', (data) => {
    const decoder = new ChatStreamDecoder()
    expect(() => decoder.push(frameOf(data), [])).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  test('no flood of calls is kept', () => {
    const decoder = new ChatStreamDecoder()
    const flood = (): void => {
      for (let index = 0; index < 5000; index++)
        decoder.push(frameOf(calls({ index, id: `c${index}`, function: { name: 'f' } })), [])
    }
    expect(flood).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })
})

describe('the probe', () => {
  test.each<[data: JsonObject | string, verdict: 'ok' | 'more']>([
    [chunkOf({ role: 'assistant', content: '' }), 'ok'],
    [chunkOf({ content: 'an "error" here' }), 'ok'],
    [{ ...chunkOf({ content: 'a' }), error: null }, 'ok'],
    ['[DONE]', 'ok'],
    ['', 'more'],
    [{ choices: [], prompt_filter_results: [] }, 'more'],
    [{ choices: [], usage }, 'more'],
  ])('%j is %s', (data, verdict) => expect(probe(frameOf(data))).toBe(verdict))

  test.each<[data: JsonObject | string, error: JsonObject]>([
    [{ error: { message: 'full', code: 'rate_limit_exceeded' } }, { code: 'rate_limit_exceeded' }],
    [{ ...chunkOf({ content: '' }), error: { message: 'full', code: 503 } }, { status: 503 }],
    ['<html>', { code: 'upstream_error' }],
  ])('%j is an error', (data, error) => expect(probe(frameOf(data, 'error'))).toMatchObject(error))
})
