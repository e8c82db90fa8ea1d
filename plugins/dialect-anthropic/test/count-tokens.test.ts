import type { CountTokensRequest, JsonObject } from '@sluice/core'
import { PLACE, recordedCases } from '@sluice/core/testing'
import { plain, reply, requestOf, says, survives } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anthropic } from '../src/index.ts'
import { base, BODIES } from './bodies.ts'

const count = anthropic.codecs['count-tokens']!
const bytesOf = (body: JsonObject): Buffer => Buffer.from(JSON.stringify(body))

function encodeFor(model: string, request: CountTokensRequest): { body: JsonObject; dropped: string[] } {
  const dropped: string[] = []
  const body = plain(count.encodeRequest(request, { model, drop: (param) => dropped.push(param) }))
  return { body, dropped }
}

function roundTrip(body: JsonObject): JsonObject {
  const request = count.decodeRequest(body)
  const { body: back, dropped } = encodeFor(request.model, request)
  expect(dropped).toEqual([])
  return back
}

const context = { ...reply, request: asked({}) }

/** A canonical request that no dialect wrote. */
function asked(more: Partial<CountTokensRequest>): CountTokensRequest {
  return { ...requestOf([says('user', 'Hi')]), ...more, operation: 'count-tokens' }
}

test.each(recordedCases({ endpoints: ['messages.count_tokens'] }).map((each) => [each.name, each] as const))(
  '%s goes out as it came, in both directions',
  (_, { request, requestBytes, response }) => {
    expect(count.inspect(request!, requestBytes!, PLACE)).toEqual({ model: request!.model, stream: false })
    expect(roundTrip(request!)).toEqual(request)
    const answer = count.decodeResponse(response!)
    expect(answer.inputTokens).toBe(response!.input_tokens)
    expect(count.encodeResponse(answer, context)).toEqual(response)
  },
)

describe('a body to count goes out as it came', () => {
  for (const [what, body] of Object.entries(BODIES)) {
    const { max_tokens: _, ...unlimited } = body
    test(what, () => expect(roundTrip(unlimited)).toEqual(unlimited))
  }

  test('also with a limit of tokens, and with the name of the target', () => {
    expect(roundTrip(base)).toEqual(base)
    const { body } = encodeFor('claude-opus-5', count.decodeRequest(base))
    expect(body).toEqual({ ...base, model: 'claude-opus-5' })
    expect(JSON.parse(count.withModel(bytesOf(base), 'claude-opus-5').toString())).toEqual(body)
  })
})

describe('a body to count', () => {
  test('is never answered by a stream', () => {
    const body = { ...base, stream: true }
    expect(count.inspect(body, bytesOf(body), PLACE)).toEqual({ model: base.model, stream: false })
  })

  test.each([
    ['no model', { messages: base.messages }, 'model'],
    ['no messages', { model: 'm', messages: [] }, 'messages'],
  ])('with %s is refused', (_, body, param) => {
    expect(() => count.inspect(body, bytesOf(body), PLACE)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    )
  })

  test('of a conversation that Anthropic holds is nothing without it', () => {
    expect(count.vital).toContain('thread')
  })
})

describe('a body of another dialect', () => {
  test('has what counts, and nothing that says how to answer; that is no loss', () => {
    const request = asked({
      messages: [says('system', 'Be brief.'), says('user', 'Hi'), says('user', 'You there?')],
      tools: [{ type: 'function', name: 'f', parameters: {} }],
      toolChoice: { type: 'required' },
      maxTokens: 10,
      temperature: 2,
      seed: 7,
      stop: [' '],
    })
    expect(encodeFor('claude-sonnet-4-5', request)).toEqual({
      body: {
        model: 'claude-sonnet-4-5',
        system: 'Be brief.',
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Hi' },
              { type: 'text', text: 'You there?' },
            ],
          },
        ],
        tools: [{ name: 'f', input_schema: { type: 'object' } }],
        tool_choice: { type: 'any' },
      },
      dropped: [],
    })
  })

  test('says how much to think in the form that the model takes', () => {
    expect(encodeFor('claude-sonnet-4-5', asked({ reasoning: { effort: 'low' } })).body).toEqual({
      model: 'claude-sonnet-4-5',
      messages: [{ role: 'user', content: 'Hi' }],
      thinking: { type: 'enabled', budget_tokens: 1024 },
    })
  })

  test('is reported where it cannot be counted', () => {
    const request = asked({ extensions: { gemini: { cachedContent: 'x' } }, responseFormat: { type: 'json' } })
    expect(encodeFor('claude-opus-5', request).dropped.sort()).toEqual(['cachedContent', 'response_format'])
  })
})

describe('a count', () => {
  test('keeps what else came with it', () => {
    const body = { input_tokens: 7, context_management: { original_input_tokens: 9 } }
    expect(count.encodeResponse(count.decodeResponse(body), context)).toEqual(body)
  })

  test('that the gateway estimated says so', () => {
    const answer = { operation: 'count-tokens' as const, inputTokens: 12, estimated: true, extensions: {} }
    const body = count.encodeResponse(answer, context)
    expect(body).toEqual({ input_tokens: 12, estimated: true })
    expect(count.decodeResponse(body)).toMatchObject({ inputTokens: 12, estimated: true })
  })

  test('inside an error is that error; none at all is the upstream’s', () => {
    const error = { type: 'error', error: { type: 'rate_limit_error', message: 'Slow' } }
    expect(() => count.decodeResponse(error)).toThrow(expect.objectContaining({ code: 'rate_limit_exceeded' }))
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('input_tokens', 'type', 'error', 'estimated'), fc.jsonValue()),
        (body) => {
          survives(() => expect(count.decodeResponse(body).inputTokens).toBe(body.input_tokens))
        },
      ),
    )
  })
})
