/** The checkers themselves: they take what the vendors send and refuse what is broken. */
import { describe, expect, test } from 'vitest'
import { checkAnthropicStream } from '../support/checkers/anthropic-stream.ts'
import { checkOpenAIStream } from '../support/checkers/openai-stream.ts'
import { describeRecorded, recordings } from '../support/recordings.ts'

const streams = recordings.filter(({ stream }) => stream !== undefined)

describeRecorded('what the vendors themselves stream is in order', () => {
  test.each(streams.filter(({ vendor }) => vendor === 'openai'))('$name', ({ stream, request }) => {
    checkOpenAIStream(stream!, { usage: request?.stream_options !== undefined })
  })

  test.each(streams.filter(({ vendor }) => vendor === 'anthropic'))('$name', ({ stream }) => {
    checkAnthropicStream(stream!)
  })
})

const chunk = (choice: string, usage = 'null'): string =>
  `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[${choice}],"usage":${usage}}\n\n`
const delta = (json: string, finish = 'null'): string => chunk(`{"index":0,"delta":${json},"finish_reason":${finish}}`)
const OPEN = delta('{"role":"assistant","content":""}')
const CALL = delta(
  '{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]}',
)
const MORE = delta('{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}')
const FINISH = delta('{}', '"stop"')
const USAGE = chunk('', '{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}')
const DONE = 'data: [DONE]\n\n'

describe('the checker of OpenAI streams', () => {
  test('takes a plain one', () => {
    checkOpenAIStream(OPEN + delta('{"content":"Hi"}') + CALL + MORE + FINISH + USAGE + DONE, { usage: true })
  })

  test.each([
    ['no [DONE]', OPEN + FINISH + USAGE],
    ['[DONE] twice', OPEN + FINISH + USAGE + DONE + DONE],
    ['something behind [DONE]', OPEN + FINISH + USAGE + DONE + OPEN],
    ['half a frame', OPEN + FINISH + USAGE + DONE.trimEnd()],
    ['a named event', `event: x\n${OPEN}${FINISH}${USAGE}${DONE}`],
    ['no role', delta('{"content":"Hi"}') + FINISH + USAGE + DONE],
    ['two roles', OPEN + OPEN + FINISH + USAGE + DONE],
    ['no finish', OPEN + USAGE + DONE],
    ['two finishes', OPEN + FINISH + FINISH + USAGE + DONE],
    ['an unknown finish', OPEN + delta('{}', '"end_turn"') + USAGE + DONE],
    ['text in the finish', OPEN + delta('{"content":"Hi"}', '"stop"') + USAGE + DONE],
    ['no usage', OPEN + FINISH + DONE],
    ['usage twice', OPEN + FINISH + USAGE + USAGE + DONE],
    ['usage before the finish', OPEN + USAGE + FINISH + DONE],
    ['a wrong total', OPEN + FINISH + USAGE.replace(':3}', ':4}') + DONE],
    ['another id', OPEN + FINISH.replace('"c"', '"d"') + USAGE + DONE],
    ['arguments without a call', OPEN + MORE + FINISH + USAGE + DONE],
    ['a call that begins twice', OPEN + CALL + CALL + FINISH + USAGE + DONE],
    ['a call without an id', OPEN + CALL.replace('"id":"call_1",', '') + FINISH + USAGE + DONE],
    ['a call out of order', OPEN + CALL.replace('"index":0,"id"', '"index":1,"id"') + FINISH + USAGE + DONE],
    ['an error before [DONE]', `${OPEN}data: {"error":{"message":"m","type":"t"}}\n\n${DONE}`],
  ])('refuses %s', (_, stream) => {
    expect(() => checkOpenAIStream(stream, { usage: true })).toThrow()
  })

  test('refuses usage that nobody asked for', () => {
    expect(() => checkOpenAIStream(OPEN + FINISH + USAGE + DONE, { usage: false })).toThrow(/nobody asked/)
  })

  test('takes an error as the end', () => {
    checkOpenAIStream(`${OPEN}data: {"error":{"message":"m","type":"t"}}\n\n`, { usage: true })
  })
})

const event = (type: string, fields = ''): string =>
  `event: ${type}\ndata: {"type":"${type}"${fields && `,${fields}`}}\n\n`
const START = event(
  'message_start',
  '"message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":0}}',
)
const begin = (index: number, block: string): string =>
  event('content_block_start', `"index":${index},"content_block":${block}`)
const grow = (index: number, json: string): string => event('content_block_delta', `"index":${index},"delta":${json}`)
const stop = (index: number): string => event('content_block_stop', `"index":${index}`)
const TEXT = begin(0, '{"type":"text","text":""}') + grow(0, '{"type":"text_delta","text":"Hi"}') + stop(0)
const TOOL = begin(0, '{"type":"tool_use","id":"t","name":"f","input":{}}')
const end = (reason: string): string =>
  event('message_delta', `"delta":{"stop_reason":"${reason}","stop_sequence":null},"usage":{"output_tokens":1}`)
const STOP = event('message_stop')

describe('the checker of Anthropic streams', () => {
  test('takes a plain one', () => {
    checkAnthropicStream(START + TEXT + event('ping') + end('end_turn') + STOP)
  })

  test.each([
    ['no start', TEXT + end('end_turn') + STOP],
    ['two starts', START + START + TEXT + end('end_turn') + STOP],
    ['no message_stop', START + TEXT + end('end_turn')],
    ['no message_delta', START + TEXT + STOP],
    ['two message_deltas', START + TEXT + end('end_turn') + end('end_turn') + STOP],
    ['[DONE]', START + TEXT + end('end_turn') + STOP + DONE],
    ['a ping behind the end', START + TEXT + end('end_turn') + STOP + event('ping')],
    ['an event of another name', START.replace('event: message_start', 'event: start') + TEXT + end('end_turn') + STOP],
    ['an unknown event', START + event('text') + end('end_turn') + STOP],
    ['a block that stays open', START + TEXT.replace(stop(0), '') + end('end_turn') + STOP],
    ['a block in a block', START + TEXT.replace(stop(0), TEXT.replaceAll(':0', ':1')) + end('end_turn') + STOP],
    ['a wrong index', START + TEXT.replaceAll('"index":0', '"index":1') + end('end_turn') + STOP],
    ['a delta outside', START + TEXT + grow(0, '{"type":"text_delta","text":"Hi"}') + end('end_turn') + STOP],
    ['a delta of another kind', START + TEXT.replace('text_delta', 'thinking_delta') + end('end_turn') + STOP],
    ['a call without tool_use', START + TOOL + stop(0) + end('end_turn') + STOP],
    ['tool_use without a call', START + TEXT + end('tool_use') + STOP],
    [
      'half the arguments',
      START + TOOL + grow(0, '{"type":"input_json_delta","partial_json":"{"}') + stop(0) + end('tool_use') + STOP,
    ],
    ['an unknown stop_reason', START + TEXT + end('stop') + STOP],
    ['a stop_sequence without its reason', START + TEXT + end('end_turn').replace(':null}', ':"END"}') + STOP],
    ['no counts', START + TEXT + end('end_turn').replace('"output_tokens":1', '') + STOP],
    ['something behind an error', START + event('error', '"error":{"type":"t","message":"m"}') + STOP],
  ])('refuses %s', (_, stream) => {
    expect(() => checkAnthropicStream(stream)).toThrow()
  })

  test('takes an error as the end', () => {
    checkAnthropicStream(START + event('error', '"error":{"type":"t","message":"m"}'))
  })
})
