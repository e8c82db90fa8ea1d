/** All that an answer can hold, each in a canonical answer of its own. */
import type { ChatResponse, Choice, FinishKind, Part, Usage } from '@sluice/core'
import { call, text } from './features/build.ts'
import type { Marks } from './marks.ts'

export interface ReplyFeature {
  name: string
  response: ChatResponse
  /** The same answer without it. */
  without: ChatResponse
  /** Texts and numbers by which it is recognised; without any, all that is said more. */
  marks: Marks
}

const usage: Usage = { input: { total: 10, cacheRead: 0, cacheWrite: 0 }, output: { total: 20, reasoning: 0 } }
const stop: Choice = { index: 0, parts: [text('Hi')], finish: { unified: 'stop' } }

function answer(more: Partial<ChatResponse> = {}): ChatResponse {
  const about = { id: 'answer-1', model: 'model', created: 1_760_000_000 }
  return { operation: 'chat', ...about, choices: [stop], usage, extensions: {}, ...more }
}

function feature(
  name: string,
  more: Partial<ChatResponse>,
  marks: Marks = [],
  base: Partial<ChatResponse> = {},
): ReplyFeature {
  return { name, response: answer(more), without: answer(base), marks }
}

const said = (...parts: Part[]): Partial<ChatResponse> => ({ choices: [{ ...stop, parts }] })
const called = (...parts: Part[]): Partial<ChatResponse> => ({
  choices: [{ ...stop, parts, finish: { unified: 'tool-calls' } }],
})
/** Beside an answer that ended otherwise, so that the word for it shows. */
function finished(unified: FinishKind, name: string, stopSequence?: string): ReplyFeature {
  const finish = { unified, ...(stopSequence !== undefined && { stopSequence }) }
  const other = { unified: unified === 'length' ? 'stop' : 'length' } as const
  return feature(name, { choices: [{ ...stop, finish }] }, [], { choices: [{ ...stop, finish: other }] })
}
const counted = (name: string, count: number, input: Partial<Usage['input']>, output: Partial<Usage['output']> = {}) =>
  feature(name, { usage: { input: { ...usage.input, ...input }, output: { ...usage.output, ...output } } }, [count])

const cited = (citation: NonNullable<Extract<Part, { type: 'text' }>['citations']>[number]): Partial<ChatResponse> =>
  said({ ...text('Rome is sunny.'), citations: [citation] })

export const REPLY_FEATURES: readonly ReplyFeature[] = [
  feature('text', said(text('Hello there')), ['Hello there']),
  feature('refusal', said({ type: 'refusal', text: 'I cannot.' }), ['refusal', 'I cannot.'], said()),
  feature('source: address', cited({ url: 'https://example.com/a', start: 0, end: 4 }), ['https://example.com/a']),
  feature('source: title', cited({ url: 'https://example.com/a', title: 'Weather', start: 0, end: 4 }), ['Weather']),
  feature(
    'source: what it says',
    cited({ url: 'https://example.com/a', title: 'A', quote: 'Sun all day', start: 0, end: 4 }),
    ['Sun all day'],
  ),
  feature('tool call', called(call), ['call_1', 'get_weather', 'Rome'], called()),
  feature('two calls at once', called(call, { ...call, id: 'call_2' }), ['call_1', 'call_2'], called()),
  feature('call of a custom tool', called({ ...call, kind: 'custom', arguments: 'SELECT 1' }), ['SELECT 1'], called()),
  feature(
    'image',
    said(text('Hi'), { type: 'image', source: { kind: 'base64', data: 'iVBORw0KGgo=', mediaType: 'image/png' } }),
    ['iVBORw0KGgo='],
  ),
  feature(
    'speech',
    said({ type: 'audio', source: { kind: 'base64', data: 'UklGRg==', mediaType: '' }, transcript: 'Good day' }),
    ['UklGRg=='],
  ),
  feature(
    'words of a speech',
    said({ type: 'audio', source: { kind: 'base64', data: 'UklGRg==', mediaType: '' }, transcript: 'Good day' }),
    ['Good day'],
  ),
  feature('second answer', { choices: [stop, { ...stop, index: 1, parts: [text('Good day')] }] }, ['Good day']),
  finished('stop', 'end: the model had said all'),
  finished('stop-sequence', 'end: stop sequence', 'END'),
  finished('length', 'end: limit of tokens'),
  feature('end: tools are called', called(call), [], {
    choices: [{ ...stop, parts: [call], finish: { unified: 'length' } }],
  }),
  finished('content-filter', 'end: content filter'),
  finished('refusal', 'end: the model refused'),
  finished('pause', 'end: pause of a long turn'),
  finished('error', 'end: error'),
  counted('input tokens', 1234, { total: 1234 }),
  counted('input read from the cache', 321, { total: 1234, cacheRead: 321 }),
  counted('input written to the cache', 432, { total: 1234, cacheWrite: 432 }),
  counted('output tokens', 567, {}, { total: 567 }),
  counted('output that is thinking', 123, {}, { total: 567, reasoning: 123 }),
  feature('id', { id: 'answer-42' }, ['answer-42']),
  feature('model', { model: 'model-42' }, ['model-42']),
]
