import type { GatewayError, StreamPart } from '@sluice/core'
import { survives } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventWriter, exceptionWriter } from '../src/event-stream/index.ts'
import { called, closed, decode, delta, input, opened, started, stopped, told, typesOf, USAGE } from './events.ts'
import { chat, decodeStream, wire } from './support.ts'

describe('reading a stream', () => {
  test('its finish waits for what the end has to say of it, its counts come once', () => {
    const { parts, whole } = decode(
      started,
      stopped('end_turn', { additionalModelResponseFields: { stop_sequence: 'X' } }),
      stopped('max_tokens'),
      told,
      told,
    )
    expect(whole).toBe(true)
    expect(parts).toEqual([
      { type: 'start', extensions: { bedrock: {} } },
      {
        type: 'finish',
        finish: { unified: 'stop', raw: 'end_turn', stopSequence: 'X' },
        extensions: {
          bedrock: {
            additionalModelResponseFields: { stop_sequence: 'X' },
            metadata: { metrics: { latencyMs: 9 } },
          },
        },
      },
      {
        type: 'usage',
        usage: { input: { total: 15, cacheRead: 5, cacheWrite: 0 }, output: { total: 7, reasoning: 0 }, raw: USAGE },
      },
    ])
  })

  test('is whole with its stop or its counts, and cut off before', () => {
    expect(decode(started, stopped('end_turn'))).toMatchObject({ whole: true, parts: [{}, { type: 'finish' }] })
    expect(decode(started, told)).toMatchObject({ whole: true, parts: [{}, { type: 'usage' }] })
    expect(decode(started, delta(0, { text: 'A' })).whole).toBe(false)
    expect(decode().whole).toBe(false)
  })

  test('a call without arguments has empty ones, whether or not its block is closed', () => {
    const argumentsOf = (...pieces: string[]) =>
      decode(started, called(0), ...pieces.map((piece) => input(0, piece)), closed(0), stopped('tool_use'))
        .parts.filter((part) => part.type === 'tool-call-delta')
        .map((part) => part.arguments)
    expect(argumentsOf()).toEqual(['{}'])
    expect(argumentsOf('')).toEqual(['{}'])
    expect(argumentsOf('', '{"b":', '2}')).toEqual(['{"b":', '2}'])
    for (const end of [[stopped('tool_use')], [told], []])
      expect(typesOf(decode(started, called(0), ...end).parts).slice(1, 3)).toEqual([
        'tool-call-start',
        'tool-call-delta',
      ])
  })

  test('calls may come interleaved', () => {
    const { parts } = decode(
      started,
      called(0, 'a'),
      called(1, 'b'),
      input(0, '{"a":1}'),
      input(1, '{}'),
      closed(0),
      closed(1),
    )
    expect(parts.slice(1)).toEqual([
      { type: 'tool-call-start', block: 0, id: 'a', name: 'f' },
      { type: 'tool-call-start', block: 1, id: 'b', name: 'f' },
      { type: 'tool-call-delta', block: 0, arguments: '{"a":1}' },
      { type: 'tool-call-delta', block: 1, arguments: '{}' },
    ])
  })

  test('thinking, its signature and what is encrypted of it are told apart', () => {
    const thought = (reasoningContent: object) => delta(0, { reasoningContent })
    expect(
      decode(
        started,
        thought({ text: 'Hm' }),
        thought({ text: '' }),
        thought({ signature: 's' }),
        delta(1, { reasoningContent: { redactedContent: 'r' } }),
      ).parts.slice(1),
    ).toEqual([
      { type: 'reasoning-delta', block: 0, text: 'Hm' },
      { type: 'reasoning-signature', block: 0, signature: 's', origin: 'anthropic' },
      { type: 'reasoning-redacted', block: 1, data: 'r', origin: 'anthropic' },
    ])
  })

  test('what runs at the provider comes in whole blocks, not as a call for the client', () => {
    const { parts } = decode(
      started,
      opened(0, { toolUse: { toolUseId: 's', name: 'web', type: 'server_tool_use' } }),
      input(0, '{"q":'),
      input(0, '"x"}'),
      closed(0),
      opened(1, { toolResult: { toolUseId: 's', type: 'web_result', status: 'success' } }),
      delta(1, { toolResult: [{ text: 'a' }] }),
      delta(1, { toolResult: [{ json: {} }] }),
      closed(1),
      opened(2, { image: { format: 'png' } }),
      delta(2, { image: { source: { bytes: 'AA==' } } }),
      stopped('end_turn'),
    )
    expect(parts.slice(1, 4)).toEqual(
      [
        { toolUse: { toolUseId: 's', name: 'web', type: 'server_tool_use', input: { q: 'x' } } },
        {
          toolResult: { toolUseId: 's', type: 'web_result', status: 'success', content: [{ text: 'a' }, { json: {} }] },
        },
        { image: { format: 'png', source: { bytes: 'AA==' } } },
      ].map((value) => ({ type: 'raw', dialect: 'bedrock', value })),
    )
  })

  test('a block that is put together is bounded', () => {
    const reader = chat.stream.reader()
    const push = (bytes: Buffer) => reader.push(bytes, [])
    push(wire(opened(0, { toolResult: {} })))
    const big = wire(delta(0, { toolResult: [{ text: 'x'.repeat(1_000_000) }] }))
    expect(() => Array.from({ length: 10 }, () => push(big))).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    )
  })

  test.each<[string, Partial<GatewayError>]>([
    ['throttlingException', { code: 'rate_limit_exceeded', status: 429 }],
    ['modelStreamErrorException', { code: 'upstream_error', status: 424 }],
    ['validationException', { code: 'invalid_request', status: 400 }],
    ['serviceUnavailableException', { code: 'upstream_error', status: 503 }],
    ['modelTimeoutException', { code: 'upstream_timeout', status: 504 }],
    ['internalServerException', { code: 'upstream_error', status: 500 }],
    ['newException', { code: 'upstream_error', status: 500 }],
  ])('a %s inside it keeps the provider’s words', (name, expected) => {
    const bytes = Buffer.concat([
      wire(started, delta(0, { text: 'A' })),
      exceptionWriter(name)('{"message":"Slow down"}'),
    ])
    expect(decodeStream(bytes).parts.at(-1)).toMatchObject({
      type: 'error',
      error: {
        ...expected,
        message: 'Slow down',
        upstream: { dialect: 'bedrock', type: name[0]!.toUpperCase() + name.slice(1) },
      },
    })
  })

  test('an exception may say nothing', () => {
    expect(decodeStream(exceptionWriter('throttlingException')('')).parts).toMatchObject([
      { type: 'error', error: { code: 'rate_limit_exceeded' } },
    ])
  })

  test.each(['', 'null', '[]', '"x"', '<html>', '{'])('an event of %j is the upstream’s error', (payload) => {
    expect(() => decodeStream(eventWriter('contentBlockDelta')(payload))).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    )
  })

  test('an event without a type is the upstream’s error, one of a type that nobody knows is kept', () => {
    expect(() => decode(['', {}])).toThrow(expect.objectContaining({ code: 'upstream_error' }))
    expect(decode(['news', { a: 1 }]).parts).toEqual([
      { type: 'raw', dialect: 'bedrock', event: 'news', value: { a: 1 } },
    ])
  })

  test('a long trace at its end does not hide its end from who looks only there', () => {
    const trace = { guardrail: { modelOutput: ['x'.repeat(10_000)] } }
    const text = Array.from({ length: 50 }, () => delta(0, { text: 'word '.repeat(20) }))
    const skimmer = chat.stream.skimmer()
    const parts: StreamPart[] = []
    for (const event of [started, ...text, stopped('end_turn'), ['metadata', { usage: USAGE, trace }] as const])
      skimmer.push(wire(event), parts)
    expect(skimmer.end(parts)).toBe(true)
    expect(parts.findLast((part) => part.type === 'usage')).toMatchObject({ usage: { raw: USAGE } })
  })

  test('whatever the events hold, nothing but an error of the upstream is thrown', () => {
    const type = fc.constantFrom(
      'messageStart',
      'contentBlockStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
      'x',
    )
    const field = fc.constantFrom('contentBlockIndex', 'start', 'delta', 'usage', 'stopReason', 'toolUse', 'text', 'p')
    const value = fc.oneof(
      fc.jsonValue(),
      fc.nat(2),
      fc.dictionary(field, fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue()))),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(type, fc.dictionary(field, value)), { maxLength: 12 }), (events) => {
        survives(() => {
          const { parts } = decodeStream(wire(...events))
          for (const part of parts) if ('block' in part) expect(part.block).toBeTypeOf('number')
        }, 'upstream_error')
      }),
    )
  })
})

describe('judging the first events of a stream', () => {
  const probe = (bytes: Buffer) => chat.stream.prober()(bytes)

  test('content settles it, its start does not', () => {
    expect(probe(wire(started))).toBe('more')
    expect(probe(wire(delta(0, { text: 'A' })))).toBe('ok')
    expect(probe(wire(called(0)))).toBe('ok')
    expect(probe(wire(stopped('end_turn')))).toBe('ok')
  })

  test('an exception inside a 200 is one, also after the start', () => {
    const slow = exceptionWriter('throttlingException')('{"message":"Slow down"}')
    expect(probe(slow)).toMatchObject({ code: 'rate_limit_exceeded', message: 'Slow down' })
    expect(probe(Buffer.concat([wire(started), slow]))).toMatchObject({ code: 'rate_limit_exceeded' })
    expect(probe(eventWriter('messageStart')('<html>'))).toMatchObject({ code: 'upstream_error' })
    expect(() => probe(Buffer.from('<html><body>Bad gateway</body></html>'))).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    )
  })
})
