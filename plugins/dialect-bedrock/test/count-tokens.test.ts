import type { CountTokensRequest, JsonObject } from '@sluice/core'
import { mark } from '@sluice/dialect-kit'
import { plain, reply, requestOf, says, survives } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bedrock } from '../src/index.ts'
import { BODIES, base } from './bodies.ts'

const count = bedrock.codecs['count-tokens']!
const CLAUDE = 'anthropic.claude-sonnet-4-5-v1:0'
const PLACE = { path: '/model/x/count-tokens', params: { model: 'x' } }

function encodeFor(model: string, request: CountTokensRequest): { body: JsonObject; dropped: string[] } {
  const dropped: string[] = []
  const body = plain(count.encodeRequest(request, { model, drop: (param) => dropped.push(param) }))
  return { body, dropped }
}

const roundTrip = (body: JsonObject) => encodeFor(CLAUDE, count.decodeRequest(body))
const inspect = (body: JsonObject, params = PLACE.params) => count.inspect(body, Buffer.alloc(0), { ...PLACE, params })

test('proofs of other providers are not counted', () => {
  const marked = mark({ origin: 'gemini', signature: 's' })
  const thought = { reasoningContent: { reasoningText: { text: 'Hm.', signature: marked } } }
  const said = (...content: object[]) => [{ role: 'assistant', content: [...content, { text: 'Hi' }] }]
  const body = { input: { converse: { messages: said(thought) } } }
  expect(count.inspect(body, Buffer.from(JSON.stringify(body)), PLACE)).toHaveProperty('transformed', true)
  expect(inspect(body)).not.toHaveProperty('transformed')
  expect(roundTrip(body)).toEqual({
    body: { input: { converse: { messages: said() } } },
    dropped: ['messages.reasoning'],
  })
})

/** A canonical request that no dialect wrote. */
function asked(more: Partial<CountTokensRequest>): CountTokensRequest {
  return { ...requestOf([says('user', 'Hi')]), ...more, operation: 'count-tokens' }
}
const context = { ...reply, request: asked({}) }

describe('a body to count goes out as it came', () => {
  for (const [what, converse] of Object.entries(BODIES)) {
    test(what, () => {
      const body = { input: { converse } }
      expect(roundTrip(body)).toEqual({ body, dropped: [] })
    })
  }

  test.each([
    ['a body of InvokeModel', { input: { invokeModel: { body: 'eyJ9' } } }],
    ['an input of a kind to come', { input: { other: {} } }],
    ['two inputs', { input: { converse: base, other: {} } }],
    ['fields beside the input', { input: { converse: { ...base, note: 1 } }, dryRun: true, x: null }],
  ])('%s', (_, body) => expect(roundTrip(body)).toEqual({ body, dropped: [] }))

  test('and is refused where it is none', () => {
    expect(inspect({ input: {} })).toEqual({ model: 'x', stream: false })
    for (const [body, params] of [
      [{}, PLACE.params],
      [{ input: 'Hi' }, PLACE.params],
      [{ input: {} }, { model: '' }],
    ] as const)
      expect(() => inspect(body, params)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })

  test('unless it goes elsewhere: a body of InvokeModel is then all that there is', () => {
    const { extensions, messages } = count.decodeRequest({ input: { invokeModel: { body: 'eyJ9' } } })
    expect([Object.keys(extensions.bedrock!), messages]).toEqual([['input'], []])
    expect(count.vital).toEqual(expect.arrayContaining(['input', 'guardrailConfig']))
  })
})

describe('a body of another dialect', () => {
  test('has what counts, and nothing that says how to answer; that is no loss', () => {
    const request = asked({
      messages: [says('system', 'Be brief.'), says('user', 'Hi')],
      tools: [{ type: 'function', name: 'f', parameters: {} }],
      toolChoice: { type: 'required' },
      reasoning: { adaptive: true, effort: 'low' },
      maxTokens: 10,
      temperature: 2,
      seed: 7,
      user: 'u',
      metadata: { a: 'b' },
      serviceTier: 'odd',
    })
    const { body, dropped } = encodeFor('anthropic.claude-opus-5', { ...request, toolChoice: { type: 'auto' } })
    expect(body).toEqual({
      input: {
        converse: {
          messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
          system: [{ text: 'Be brief.' }],
          toolConfig: {
            tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }],
            toolChoice: { auto: {} },
          },
          additionalModelRequestFields: { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
        },
      },
    })
    expect(dropped).toEqual([])
  })

  test('is reported where it cannot be counted', () => {
    const responseFormat = { type: 'json-schema', schema: {} } as const
    const request = asked({ extensions: { anthropic: { context_management: {} } }, responseFormat })
    expect(encodeFor(CLAUDE, request)).toEqual({
      body: { input: { converse: base } },
      dropped: ['response_format', 'context_management'],
    })
    expect(encodeFor(CLAUDE, asked({ responseFormat: { type: 'text' } })).dropped).toEqual([])
  })
})

describe('a count', () => {
  test('goes out as it came, and says so if the gateway estimated it', () => {
    const body = { inputTokens: 7, note: 'x' }
    expect(count.encodeResponse(count.decodeResponse(body), context)).toEqual(body)
    const answer = { operation: 'count-tokens' as const, inputTokens: 12, estimated: true, extensions: {} }
    expect(count.encodeResponse(answer, context)).toEqual({ inputTokens: 12, estimated: true })
    expect(count.decodeResponse({ inputTokens: 12, estimated: true })).toMatchObject({ estimated: true })
  })

  test('that is none is the upstream’s error', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('inputTokens', 'estimated', 'message'), fc.jsonValue()), (body) => {
        survives(() => expect(count.decodeResponse(body).inputTokens).toBe(body.inputTokens), 'upstream_error')
      }),
    )
  })
})
