/** Nothing a network can deliver raises anything but a GatewayError, and what is written is always well-formed. */
import type { JsonObject, StreamPart } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { sseFrame } from '@sluice/dialect-kit'
import { encodeWith, reply, survives } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cohere } from '../src/index.ts'
import { chat, decodeStream, embed, encode, encodeStream, eventsOf, MODEL, rerank } from './support.ts'

const FIELDS =
  'model messages role content type text thinking image_url url detail document documents data id title tool_plan tool_calls function name arguments tool_call_id citations start end sources content_index index delta message finish_reason usage billed_units tokens input_tokens output_tokens image_tokens reasoning_tokens cached_tokens logprobs error error_type stream tools strict_tools tool_choice response_format json_schema schema token_budget stop_sequences p k sluice_proof signature redacted origin summary texts images inputs input_type embedding_types output_dimension truncate embeddings float int8 base64 meta search_units query top_n return_documents results relevance_score __proto__ constructor toString'.split(
    ' ',
  )
const WORDS =
  'text thinking image_url document function user assistant tool system developer json_object enabled disabled REQUIRED NONE COMPLETE TOOL_CALL ERROR null {} data:a;base64,QQ== START image search_query TEXT_CONTENT PLAN THINKING_CONTENT'.split(
    ' ',
  )
const EVENTS =
  'message-start content-start content-delta content-end tool-plan-delta tool-call-start tool-call-delta tool-call-end citation-start citation-end message-end error debug'.split(
    ' ',
  )

/** JSON built of this dialect's own words. */
const json = fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 0, 1, -1, 1e300, '', 'x', ...WORDS),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom(...FIELDS), tie('value'), { maxKeys: 7 }) as fc.Arbitrary<JsonObject>,
}))

const message = fc.record({
  role: fc.constantFrom('user', 'assistant', 'tool', 'system'),
  content: json.value,
  tool_calls: json.value,
  tool_call_id: fc.constant('a'),
  citations: json.value,
})
const event = fc.record({
  type: fc.constantFrom(...EVENTS, undefined),
  index: fc.constantFrom(0, 1, undefined, 'x'),
  delta: fc.oneof(json.value, fc.record({ message: json.object, finish_reason: json.value, usage: json.value })),
})

function check<T>(name: string, values: fc.Arbitrary<T>, holds: (value: T) => void): void {
  test(name, () => fc.assert(fc.property(values, holds), { numRuns: 1000 }))
}

describe('whatever comes', () => {
  const request = fc.record({
    model: fc.constant('m'),
    messages: fc.array(message, { maxLength: 3 }),
    documents: fc.option(json.value, { nil: undefined }),
    tools: json.value,
    thinking: json.value,
    response_format: json.value,
  })
  check('as a request is refused as the client’s mistake or taken', fc.oneof(json.object, request), (body) => {
    survives(() => chat.inspect(body, Buffer.from(JSON.stringify(body)), PLACE))
    const decoded = survives(() => chat.decodeRequest(body))
    if (decoded) survives(() => encode(decoded))
  })

  check('as something to embed is the same', json.object, (input) => {
    const body: JsonObject = { texts: ['a'], ...input, model: 'm' }
    survives(() => embed.inspect(body, Buffer.from(JSON.stringify(body)), PLACE))
    const decoded = survives(() => embed.decodeRequest(body))
    if (decoded) {
      survives(() => encodeWith(embed, MODEL, decoded))
      survives(() => encodeWith(embed, MODEL, { ...decoded, extensions: {} }))
    }
    const vectors = survives(() => embed.decodeResponse(input))
    const request = decoded ?? embed.decodeRequest({ model: 'm', texts: ['a'] })
    if (vectors) embed.encodeResponse(vectors, { ...reply, request })
    if (vectors) survives(() => embed.encodeResponse({ ...vectors, extensions: {} }, { ...reply, request }))
  })

  check('as something to rank is the same', json.object, (input) => {
    const body: JsonObject = { query: 'q', documents: ['a'], ...input, model: 'm' }
    survives(() => rerank.inspect(body, Buffer.from(JSON.stringify(body)), PLACE))
    const decoded = survives(() => rerank.decodeRequest(body))
    if (decoded) encodeWith(rerank, MODEL, decoded)
    if (decoded) encodeWith(rerank, MODEL, { ...decoded, extensions: {} })
    const ranking = survives(() => rerank.decodeResponse(input))
    const request = decoded ?? rerank.decodeRequest({ model: 'm', query: 'q', documents: ['a'] })
    if (ranking) rerank.encodeResponse(ranking, { ...reply, request })
    if (ranking) rerank.encodeResponse({ ...ranking, extensions: {} }, { ...reply, request })
  })

  const answer = fc.record({ id: json.value, message: fc.oneof(json.object, message), usage: json.value })
  check('as an answer is an upstream’s error or taken', fc.oneof(json.object, answer), (body) => {
    const decoded = survives(() => chat.decodeResponse(body))
    if (decoded) chat.encodeResponse(decoded, reply)
  })

  check(
    'as events is an upstream’s error or taken',
    fc.array(fc.oneof(json.object, event), { maxLength: 8 }),
    (events) => {
      const frames = events.map((each) => sseFrame(JSON.stringify(each)))
      for (const frame of frames) survives(() => chat.stream.prober()(Buffer.from(frame)))
      const read = survives(() => decodeStream(frames.join('')))
      if (read) survives(() => encodeStream(read.parts.filter(({ type }) => type !== 'error')))
    },
  )

  check('as an error is one', fc.tuple(fc.integer({ min: 200, max: 599 }), json.value), ([status, body]) => {
    const error = cohere.decodeError(status, { 'retry-after': 'x' }, body)
    cohere.encodeError(error, 'x1')
    cohere.encodeStreamError(error, 'x1')
  })
})

const block = fc.integer({ min: 0, max: 3 })
const text = fc.string({ maxLength: 5 })
const part: fc.Arbitrary<StreamPart> = fc.oneof(
  fc.record({ type: fc.constant('text-delta' as const), block, text }),
  fc.record({ type: fc.constant('reasoning-delta' as const), block, text }),
  fc.record({ type: fc.constant('refusal-delta' as const), block, text }),
  fc.record({ type: fc.constant('tool-call-start' as const), block, id: text, name: text }),
  fc.record({ type: fc.constant('tool-call-delta' as const), block, arguments: text }),
  fc.record({ type: fc.constant('citation' as const), block, citation: fc.record({ url: text }) }),
  fc.record({ type: fc.constant('finish' as const), finish: fc.constant({ unified: 'stop' as const }) }),
)

describe('whatever order parts come in', () => {
  check('each content and each call is opened, said and closed in turn', fc.array(part, { maxLength: 20 }), (parts) => {
    const stream = survives(() => encodeStream(parts))
    if (stream === undefined) return
    let open: string | undefined
    const numbers = { content: 0, 'tool-call': 0, citation: 0 }
    for (const { type, index } of eventsOf(stream).slice(1, -1)) {
      const [, kind, step] = /^(content|tool-call|citation)-(start|delta|end)$/.exec(String(type)) ?? []
      const counted = kind as keyof typeof numbers
      if (counted === 'citation') {
        expect(index).toBe(step === 'start' ? numbers.citation++ : numbers.citation - 1)
        continue
      }
      if (step === 'start') {
        expect(open).toBeUndefined()
        expect(index).toBe(numbers[counted]++)
        open = `${kind} ${String(index)}`
      }
      expect(open).toBe(`${kind} ${String(index)}`)
      if (step === 'end') open = undefined
    }
    expect(open).toBeUndefined()
  })

  check('its texts arrive in full', fc.array(part, { maxLength: 20 }), (parts) => {
    const stream = survives(() => encodeStream(parts))
    if (stream === undefined) return
    const all = (list: StreamPart[]): string =>
      list.map((each) => (each.type === 'text-delta' || each.type === 'refusal-delta' ? each.text : '')).join('')
    expect(all(decodeStream(stream).parts)).toBe(all(parts))
  })
})
