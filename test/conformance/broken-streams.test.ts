/** The checkers of four dialects: they take what the vendors send and refuse what is broken. */
import { describe, expect, test } from 'vitest'
import { checkBedrockStream } from '../support/checkers/bedrock-stream.ts'
import { checkCohereStream } from '../support/checkers/cohere-stream.ts'
import { checkGeminiArray, checkGeminiStream } from '../support/checkers/gemini-stream.ts'
import { checkResponsesStream } from '../support/checkers/openai-responses-stream.ts'
import { binary, last, readable, renumbered, replaced, twice, without } from '../support/mutate.ts'
import { describeRecorded } from '../support/recordings.ts'
import { bedrockFrames } from '../support/say/bedrock.ts'
import { cohereStream } from '../support/say/cohere.ts'
import { geminiStream } from '../support/say/gemini.ts'
import { responsesStream } from '../support/say/openai-responses.ts'
import { answers, failures } from '../support/traffic.ts'
import { WIRES } from '../support/wires.ts'

/** Vendors that stray from the dialect, which the gateway must read and must not write. */
const STRAY: { readonly [name: string]: string } = {
  'openrouter/responses-stream-reasoning--openai-gpt-oss-20b': 'events have no names, and [DONE] follows',
  'xai/responses-stream--grok-3-mini': 'the recorder blanked the id, its first letters too',
  'vertex/stream-json-array-text--gemini-2-5-flash': 'numbers were asked for in place of words',
  'openai/responses-stream-reasoning-encrypted--gpt-5-6':
    'the recorder blanked what is encrypted in each place differently',
}
const DIALECTS = ['openai-responses', 'gemini', 'cohere', 'bedrock']
const streams = [...answers, ...failures].filter(({ stream, dialect }) => stream && DIALECTS.includes(dialect))

describeRecorded('what the vendors themselves stream', () => {
  test.each(streams.filter(({ name }) => !(name in STRAY)))('is in order: $name', ({ dialect, stream }) => {
    WIRES[dialect].checkStream(stream!, true)
  })

  test.each(streams.filter(({ name }) => name in STRAY))('strays: $name', ({ dialect, stream }) => {
    expect(() => WIRES[dialect].checkStream(stream!, true)).toThrow()
  })
})

const thought = 'They want the weather.'
const calls = [
  { id: 'call_1', name: 'weather', arguments: { city: 'Rome' } },
  { id: 'call_2', name: 'weather', arguments: { city: 'Zürich' } },
]

describe('the checker of Responses streams', () => {
  const stream = responsesStream({ thought, encrypted: 'ErUB', text: 'Let me see.', calls })

  test('takes a plain one', () => checkResponsesStream(stream))

  test.each([
    ['no beginning', without('event: response.created')],
    ['two beginnings', twice('event: response.created')],
    ['no progress', without('event: response.in_progress')],
    ['no end', without('event: response.completed')],
    ['something behind the end', last('output_text.delta')],
    ['[DONE]', (whole: string) => `${whole}data: [DONE]\n\n`],
    ['an item that was not added', without('output_item.added')],
    ['an item that is not done', without('output_item.done')],
    ['an item that is done twice', twice('output_item.done')],
    ['a part that was not added', without('content_part.added')],
    ['a part that is not done', without('content_part.done')],
    ['a text that is not done', without('output_text.done')],
    ['a text with a gap', without('output_text.delta')],
    ['a text with an echo', twice('output_text.delta')],
    ['a summary with a gap', without('reasoning_summary_text.delta')],
    ['arguments with a gap', without('function_call_arguments.delta')],
    ['other arguments when they are done', replaced('"arguments":"{\\"city\\":\\"Rome\\"}"', '"arguments":"{}"')],
    ['an unknown event', replaced('event: response.in_progress', 'event: response.started')],
    ['another item', replaced('"item_id":"msg_1"', '"item_id":"msg_2"')],
    ['an id of no type', (whole: string) => whole.replaceAll('"msg_1"', '"item_1"')],
    ['another id in the end', (whole: string) => whole.replace(/(response\.completed.*"id":")resp_1/, '$1resp_2')],
    [
      'another text in the end',
      (whole: string) => whole.replace(/(event: response\.completed.*)Let me see/s, '$1Let us see'),
    ],
    ['a wrong total', replaced('"total_tokens":30', '"total_tokens":31')],
  ])('refuses %s', (_, mutate) => {
    const broken = renumbered(mutate(stream))
    expect(broken).not.toBe(stream)
    expect(() => checkResponsesStream(broken)).toThrow()
  })

  test('refuses a number out of order', () => {
    expect(() => checkResponsesStream(stream.replace('"sequence_number":3', '"sequence_number":4'))).toThrow(/number/)
  })
})

describe('the checker of Gemini streams', () => {
  const stream = geminiStream({ thought, signature: 'EqRk', text: 'Let me see.', calls })

  test('takes a plain one, as events and as an array', () => {
    checkGeminiStream(stream)
    checkGeminiArray(`[${stream.match(/\{.*\}/g)!.join(',')}]`)
  })

  test.each([
    ['no finish', without('finishReason')],
    ['two finishes', twice('finishReason')],
    ['an unknown finish', replaced('"STOP"', '"stop"')],
    ['[DONE]', (whole: string) => `${whole}data: [DONE]\r\n\r\n`],
    ['a named event', (whole: string) => `event: x\r\n${whole}`],
    ['half a frame', (whole: string) => whole.trimEnd()],
    ['another id', replaced('"response-1"', '"response-2"')],
    ['no model', replaced('"modelVersion":"scripted"', '"modelVersion":""')],
    ['arguments as a text', replaced('"args":{"city":"Rome"}', '"args":"{}"')],
    ['a part of two kinds', replaced('"functionCall"', '"text":"","functionCall"')],
    ['an empty signature', replaced('"EqRk"', '""')],
    ['another role', replaced('"role":"model"', '"role":"assistant"')],
    ['no usage at the end', (whole: string) => whole.replaceAll(/"usageMetadata":\{.*?\},/g, '')],
    [
      'something behind an error',
      (whole: string) => `data: {"error":{"code":500,"message":"m","status":"INTERNAL"}}\r\n\r\n${whole}`,
    ],
  ])('refuses %s', (_, mutate) => {
    const broken = mutate(stream)
    expect(broken).not.toBe(stream)
    expect(() => checkGeminiStream(broken)).toThrow()
  })
})

describe('the checker of Cohere streams', () => {
  const texts = cohereStream({ thought, text: 'It is sunny.' })
  const tools = cohereStream({ thought, text: 'Let me see.', calls })

  test('takes plain ones', () => {
    checkCohereStream(texts)
    checkCohereStream(tools)
  })

  test.each([
    ['no start', texts, without('event: message-start')],
    ['two starts', texts, twice('event: message-start')],
    ['no end', texts, without('event: message-end')],
    ['two ends', texts, twice('event: message-end')],
    ['no [DONE]', texts, without('[DONE]')],
    ['something behind [DONE]', texts, last('content-delta')],
    ['a block that did not begin', texts, without('event: content-start')],
    ['a block that does not end', texts, without('event: content-end')],
    ['a block that ends twice', texts, twice('event: content-end')],
    ['a wrong index', texts, replaced('"index":1', '"index":2')],
    ['a text in a thought', texts, replaced('{"thinking":"They wa"}', '{"text":"They wa"}')],
    ['an event of another name', texts, replaced('event: content-start', 'event: content-begin')],
    ['an unknown finish', texts, replaced('"COMPLETE"', '"STOP"')],
    ['a finish that does not go with calls', tools, replaced('"TOOL_CALL"', '"COMPLETE"')],
    ['no usage', texts, replaced('"billed_units"', '"units"')],
    ['a list of calls', tools, (whole: string) => whole.replace(/"tool_calls":(\{"id".*?\}\})/, '"tool_calls":[$1]')],
    ['a call that did not begin', tools, without('event: tool-call-start')],
    ['a call that does not end', tools, without('event: tool-call-end')],
    ['arguments with a gap', tools, without('event: tool-call-delta')],
    [
      'a plan behind the calls',
      tools,
      (whole: string) => last('event: message-end')(last('event: tool-plan-delta')(whole)),
    ],
  ])('refuses %s', (_, stream, mutate) => {
    const broken = mutate(stream)
    expect(broken).not.toBe(stream)
    expect(() => checkCohereStream(broken)).toThrow()
  })
})

describe('the checker of Bedrock streams', () => {
  const stream = readable(bedrockFrames({ thought, signature: 'EqRk', text: 'Let me see.', calls }))

  test('takes a plain one, and an exception as the end', () => {
    checkBedrockStream(binary(stream))
    checkBedrockStream(binary('{"messageStart":{"role":"assistant"}}\n\n{"throttlingException":{"message":"m"}}'))
  })

  test.each([
    ['no start', without('messageStart')],
    ['two starts', twice('messageStart')],
    ['no stop', without('messageStop')],
    ['two stops', twice('messageStop')],
    ['no metadata', without('metadata')],
    ['something behind the end', last('{"contentBlockDelta":{"contentBlockIndex":1')],
    ['a call that did not begin', without('contentBlockStart')],
    ['a call that begins twice', twice('contentBlockStart')],
    ['a block that does not end', without('contentBlockStop')],
    ['a block that ends twice', twice('contentBlockStop')],
    ['a wrong index', (whole: string) => whole.replaceAll('"contentBlockIndex":1', '"contentBlockIndex":7')],
    ['input with a gap', without('{"toolUse":{"input"')],
    ['a thought behind its signature', (whole: string) => whole.replace(/(.*"signature".*\n\n)/, '$1$1')],
    ['an unknown stopReason', replaced('"tool_use"', '"tool_calls"')],
    ['a stopReason that does not go with calls', replaced('"tool_use"', '"end_turn"')],
    ['a wrong total', replaced('"totalTokens":30', '"totalTokens":31')],
    ['an unknown event', replaced('"messageStart"', '"messageBegin"')],
    ['an unknown exception', (whole: string) => `${whole}{"strangeException":{"message":"m"}}`],
  ])('refuses %s', (_, mutate) => {
    const broken = mutate(stream)
    expect(broken).not.toBe(stream)
    expect(() => checkBedrockStream(binary(broken))).toThrow()
  })

  test.each([0, 9, 20, 60, -1])('refuses a flipped bit at byte %i', (at) => {
    const bytes = binary(stream)
    const index = at < 0 ? bytes.length + at : at
    bytes[index] = bytes[index]! ^ 1
    expect(() => checkBedrockStream(bytes)).toThrow()
  })

  test('refuses half a frame', () => {
    expect(() => checkBedrockStream(binary(stream).subarray(0, -3))).toThrow(/within a frame/)
  })
})
