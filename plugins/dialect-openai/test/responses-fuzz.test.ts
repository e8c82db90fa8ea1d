/** Nothing a network can deliver raises anything but a GatewayError, and whatever is said is written in good order. */
import type { StreamPart } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { survives } from '@sluice/dialect-kit/testing'
import { describe } from 'vitest'
import { responses } from '../src/responses/index.ts'
import { ResponsesStreamDecoder } from '../src/responses/decode-stream.ts'
import { decodeError, encodeError, encodeStreamError } from '../src/responses/errors.ts'
import { probe } from '../src/responses/probe.ts'
import { fc, jsonOf, test } from './property.ts'
import { encodeAnswer, encodeFor, encodeStream, frameOf, streamText } from './responses-support.ts'

const FIELDS =
  'model input role content type text image_url file_id file_data file_url filename input_audio data format refusal annotations logprobs id call_id name arguments output status summary encrypted_content tools tool_choice instructions reasoning effort verbosity strict schema metadata stream include usage input_tokens output_tokens total_tokens error code message response item part delta output_index content_index summary_index item_id annotation incomplete_details reason created_at phase __proto__ constructor toString'.split(
    ' ',
  )
const WORDS =
  'message reasoning function_call function_call_output custom_tool_call custom_tool_call_output item_reference web_search_call input_text output_text input_image input_file input_audio refusal summary_text reasoning_text user assistant system function json_schema completed incomplete failed max_output_tokens data:a;base64,QQ== sluice:{"from":"anthropic","signature":"s"} sluice:{"from":"gemini","signature":"s","call":"c"} sluice:{"from":"openai-responses","redacted":"r","id":"rs"} sluice: {} null'.split(
    ' ',
  )
const EVENTS =
  'response.created response.in_progress response.queued response.completed response.incomplete response.failed error response.output_item.added response.output_item.done response.content_part.added response.output_text.delta response.output_text.done response.output_text.annotation.added response.refusal.delta response.function_call_arguments.delta response.custom_tool_call_input.delta response.reasoning_summary_text.delta response.reasoning_text.delta response.web_search_call.searching keepalive'.split(
    ' ',
  )

const json = jsonOf(FIELDS, WORDS)

const item = fc.record({
  type: fc.constantFrom<unknown>(...WORDS.slice(0, 8), undefined),
  role: fc.constantFrom('user', 'assistant', 'system', undefined),
  id: fc.constantFrom('a', 'b', undefined),
  call_id: fc.constantFrom('c', 'd'),
  name: fc.constant('f'),
  content: json.value,
  summary: json.value,
  output: json.value,
  arguments: json.value,
  input: json.value,
  encrypted_content: json.value,
})

describe('whatever comes', () => {
  test(
    'requests',
    fc.oneof(
      json.object,
      fc.record({ model: fc.constant('m'), input: fc.array(item, { maxLength: 4 }), tools: json.value }),
    ),
    (body) => {
      survives(() => responses.inspect(body, Buffer.from(JSON.stringify(body)), PLACE))
      survives(() => encodeFor(responses.decodeRequest(body)))
    },
  )

  test(
    'responses',
    fc.oneof(
      json.object,
      fc.record({ id: json.value, output: fc.array(item, { maxLength: 3 }), usage: json.value, status: json.value }),
    ),
    (body) => {
      survives(() => encodeAnswer(responses.decodeResponse(body)))
    },
  )

  test(
    'streams',
    fc.array(
      fc.oneof(
        json.object,
        fc.record({
          type: fc.constantFrom(...EVENTS),
          output_index: fc.constantFrom<unknown>(0, 1, 2, undefined, 'x', -1),
          content_index: fc.constantFrom<unknown>(0, 1, undefined, null),
          summary_index: fc.constantFrom<unknown>(0, 1, undefined),
          item_id: json.value,
          item,
          delta: json.value,
          text: json.value,
          annotation: json.value,
          response: json.object,
        }),
      ),
      { maxLength: 8 },
    ),
    (events) => {
      const decoder = new ResponsesStreamDecoder()
      const parts: StreamPart[] = []
      survives(() => {
        for (const event of events) {
          probe(frameOf(event))
          decoder.push(frameOf(event), parts)
        }
      })
      decoder.end()
      survives(() => streamText(parts.filter(({ type }) => type !== 'error')))
    },
  )

  test('errors', fc.tuple(fc.integer({ min: 200, max: 599 }), json.value), ([status, body]) => {
    const error = decodeError(status, { 'retry-after': 'x' }, body)
    encodeError(error)
    encodeStreamError(error, 'r')
  })
})

const block = fc.integer({ min: 0, max: 4 })
const piece = fc.constantFrom('', 'a', '{"a":', '1}', '{}', '\n\n')
const partOf = (type: string, fields: { [field: string]: fc.Arbitrary<unknown> }): fc.Arbitrary<StreamPart> =>
  fc.record({ type: fc.constant(type), block, ...fields }) as unknown as fc.Arbitrary<StreamPart>
const part = fc.oneof(
  partOf('text-delta', { text: piece }),
  partOf('reasoning-delta', { text: piece, summary: fc.boolean() }),
  partOf('reasoning-signature', { signature: piece }),
  partOf('reasoning-redacted', { data: piece }),
  partOf('refusal-delta', { text: piece }),
  partOf('audio-delta', { transcript: piece }),
  partOf('tool-call-start', {
    id: fc.constantFrom('c', 'd'),
    name: fc.constant('f'),
    kind: fc.constantFrom('function', 'custom'),
    signature: fc.constantFrom(undefined, 's'),
  }),
  partOf('tool-call-delta', { arguments: piece }),
  partOf('finish', { finish: fc.record({ unified: fc.constantFrom('stop', 'length', 'content-filter', 'error') }) }),
  partOf('start', { extensions: fc.constantFrom({}, { anthropic: {} }, { 'openai-responses': {} }) }),
)

test('parts in any order make a stream in good order', fc.array(part, { maxLength: 14 }), (parts) => {
  // Two calls never have the same id in one answer.
  const ids = new Set<string>()
  encodeStream(parts.filter((each) => each.type !== 'tool-call-start' || (!ids.has(each.id) && ids.add(each.id))))
})
