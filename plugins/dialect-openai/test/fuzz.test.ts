/** Nothing a network can deliver raises anything but a GatewayError. */
import type { StreamPart } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { survives } from '@sluice/dialect-kit/testing'
import { describe } from 'vitest'
import { ChatStreamDecoder } from '../src/chat/decode-stream.ts'
import { chat } from '../src/chat/index.ts'
import { probe } from '../src/chat/probe.ts'
import { decodeError, encodeError, encodeStreamError } from '../src/chat/errors.ts'
import { fc, jsonOf, test } from './property.ts'
import { encodeFor, encodeParts, encodeResponse, frameOf } from './support.ts'

const FIELDS =
  'model messages role content type text image_url url file file_data input_audio data format refusal tool_calls id index function custom name arguments input tool_call_id choices delta message finish_reason logprobs usage prompt_tokens completion_tokens total_tokens error code status_code detail object created stop tools tool_choice response_format json_schema schema metadata stream stream_options include_usage max_tokens reasoning_content reasoning reasoning_details signature summary thinking annotations url_citation audio transcript images extra_content cache_control x_groq __proto__ constructor toString'.split(
    ' ',
  )
const WORDS =
  'text image_url file input_audio refusal thinking function custom user assistant tool system stop tool_calls json_schema data:a;base64,QQ== url_citation reasoning.text reasoning.encrypted null {} 401'.split(
    ' ',
  )

const json = jsonOf(FIELDS, WORDS)

const message = fc.record({
  role: fc.constantFrom('user', 'assistant', 'tool', 'system'),
  content: json.value,
  tool_calls: json.value,
  tool_call_id: fc.constant('a'),
})
const choice = fc.record({
  index: fc.constantFrom(0, 1, undefined, 'x'),
  delta: json.object,
  message: json.object,
  finish_reason: json.value,
  logprobs: json.value,
})

describe('whatever comes', () => {
  test(
    'requests',
    fc.oneof(
      json.object,
      fc.record({
        model: fc.constant('m'),
        messages: fc.array(message, { maxLength: 3 }),
        tools: json.value,
        stop: json.value,
      }),
    ),
    (body) => {
      survives(() => chat.inspect(body, Buffer.from(JSON.stringify(body)), PLACE))
      survives(() => encodeFor(chat.decodeRequest(body)))
    },
  )

  test(
    'responses',
    fc.oneof(
      json.object,
      fc.record({ id: json.value, choices: fc.array(choice, { maxLength: 3 }), usage: json.value }),
    ),
    (body) => {
      survives(() => encodeResponse(chat.decodeResponse(body)))
    },
  )

  test(
    'streams',
    fc.array(
      fc.oneof(
        json.object,
        fc.record({ id: json.value, choices: fc.array(choice, { maxLength: 2 }), usage: json.value }),
      ),
      { maxLength: 6 },
    ),
    (chunks) => {
      const decoder = new ChatStreamDecoder()
      const parts: StreamPart[] = []
      survives(() => {
        for (const chunk of chunks) {
          probe(frameOf(chunk))
          decoder.push(frameOf(chunk), parts)
        }
      })
      decoder.end(parts)
      encodeParts(parts.filter(({ type }) => type !== 'error'))
    },
  )

  test('errors', fc.tuple(fc.integer({ min: 200, max: 599 }), json.value), ([status, body]) => {
    const error = decodeError(status, { 'retry-after': 'x' }, body)
    encodeError(error)
    encodeStreamError(error)
  })
})
