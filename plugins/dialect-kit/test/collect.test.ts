import type { ChatResponse, Choice, Part, StreamPart } from '@sluice/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Collector, estimateUsage, partsOf } from '../src/index.ts'

function collect(parts: Iterable<StreamPart>, limit = Number.POSITIVE_INFINITY): ChatResponse | undefined {
  const collector = new Collector(limit)
  for (const part of parts) collector.push(part)
  return collector.response()
}

const text = fc.string({ unit: 'binary' })
const maybe = <T, K extends string>(key: K, value: fc.Arbitrary<T>): fc.Arbitrary<{ [Key in K]?: T }> =>
  fc.option(
    value.map((given) => ({ [key]: given }) as { [Key in K]: T }),
    { nil: {} },
  )
const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(text, fc.integer()))

const part: fc.Arbitrary<Part> = fc.oneof(
  fc
    .tuple(text, maybe('citations', fc.array(fc.record({ url: text, title: text }), { minLength: 1, maxLength: 3 })))
    .map(([said, more]) => ({
      type: 'text' as const,
      text: said,
      ...more,
    })),
  fc.tuple(text, maybe('summary', fc.constant(true))).map(([thought, summary]) => ({
    type: 'reasoning' as const,
    text: thought,
    ...summary,
  })),
  fc
    .tuple(text, fc.constantFrom('signature' as const, 'redacted' as const), text, maybe('origin', text))
    .map(([thought, form, proof, origin]) => ({ type: 'reasoning' as const, text: thought, [form]: proof, ...origin })),
  text.map((said) => ({ type: 'refusal' as const, text: said })),
  fc
    .tuple(
      text,
      text,
      text,
      maybe('kind', fc.constantFrom('function' as const, 'custom' as const)),
      maybe('signature', text),
      maybe('origin', text),
    )
    .map(([id, name, given, kind, signature, origin]) => ({
      type: 'tool-call' as const,
      id,
      name,
      arguments: given || '{}',
      ...kind,
      ...signature,
      ...origin,
    })),
  fc.tuple(text, maybe('transcript', text)).map(([data, transcript]) => ({
    type: 'audio' as const,
    source: { kind: 'base64' as const, data, mediaType: '' },
    ...transcript,
  })),
  object.map((value) => ({ type: 'raw' as const, dialect: 'somebody', value })),
)
const choices: fc.Arbitrary<Choice[]> = fc
  .array(
    fc.tuple(
      fc.array(part, { maxLength: 6 }),
      fc.constantFrom('stop' as const, 'length' as const, 'tool-calls' as const),
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((list) => list.map(([parts, unified], index) => ({ index, parts, finish: { unified } })))
const response: fc.Arbitrary<ChatResponse> = fc
  .tuple(
    choices,
    maybe('id', text),
    maybe('model', text),
    maybe('created', fc.nat()),
    maybe('usage', fc.constant(estimateUsage(9, 9))),
    object,
  )
  .map(([list, id, model, created, usage, extension]) => ({
    operation: 'chat' as const,
    choices: list,
    extensions: { somebody: extension },
    ...id,
    ...model,
    ...created,
    ...usage,
  }))

describe('an answer', () => {
  test('that is streamed and collected again is what it was', () => {
    fc.assert(
      fc.property(response, (answer) => {
        expect(collect(partsOf(answer))).toEqual(answer)
      }),
    )
  })

  test('is the same in however many pieces its texts and arguments come', () => {
    const split = (piece: StreamPart): StreamPart[] => {
      if (piece.type === 'text-delta' || piece.type === 'reasoning-delta' || piece.type === 'refusal-delta') {
        return Array.from(piece.text, (letter) => ({ ...piece, text: letter }))
      }
      if (piece.type === 'tool-call-delta')
        return Array.from(piece.arguments, (letter) => ({ ...piece, arguments: letter }))
      return [piece]
    }
    fc.assert(
      fc.property(response, (answer) => {
        const parts = [...partsOf(answer)]
        const pieces = parts.flatMap((piece) => (split(piece).length === 0 ? [piece] : split(piece)))
        expect(collect(pieces)).toEqual(answer)
      }),
    )
  })

  test('is the same if its choices come interleaved', () => {
    const words = (choice: number): StreamPart[] => [
      { type: 'text-delta', block: 0, choice, text: `a${choice}` },
      { type: 'tool-call-start', block: 1, choice, id: `call${choice}`, name: 'f' },
      { type: 'tool-call-delta', block: 1, choice, arguments: '{}' },
      { type: 'finish', choice, finish: { unified: 'tool-calls' } },
    ]
    const [first, second] = [words(1), words(0)]
    const collected = collect(first.flatMap((piece, index) => [piece, second[index]!]))
    expect(collected).toEqual(collect([...second, ...first]))
    expect(collected?.choices.map(({ index }) => index)).toEqual([0, 1])
  })

  test('that was cut off is what came of it', () => {
    const parts: StreamPart[] = [
      { type: 'start', id: '1', model: 'm' },
      { type: 'tool-call-start', block: 0, id: 'c', name: 'f' },
      { type: 'text-delta', block: 1, text: 'Once ' },
      { type: 'error', error: new Error('cut') as never },
    ]
    expect(collect(parts)).toEqual({
      operation: 'chat',
      id: '1',
      model: 'm',
      extensions: {},
      choices: [
        {
          index: 0,
          parts: [
            { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' },
            { type: 'text', text: 'Once ' },
          ],
          finish: { unified: 'other' },
        },
      ],
    })
  })

  test('keeps the log probabilities of its pieces', () => {
    const said = (logprobs: unknown): StreamPart => ({ type: 'text-delta', block: 0, text: 'a', logprobs })
    expect(collect([said([1])])?.choices).toMatchObject([{ logprobs: [1] }])
    expect(collect([said([1]), said([2])])?.choices).toMatchObject([{ logprobs: [[1], [2]] }])
  })

  test('that is streamed has its log probabilities with its first text', () => {
    const parts: Part[] = [
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]
    const choices = [{ index: 0, parts, finish: { unified: 'stop' as const }, logprobs: { content: [1] } }]
    const answer: ChatResponse = { operation: 'chat', choices, extensions: {} }
    const streamed = [...partsOf(answer)].filter(({ type }) => type === 'text-delta')
    expect(streamed).toEqual([
      { type: 'text-delta', block: 1, text: 'a', logprobs: { content: [1] } },
      { type: 'text-delta', block: 2, text: 'b' },
    ])
    expect(collect(partsOf(answer))).toEqual(answer)
  })

  test.each<StreamPart>([
    { type: 'text-delta', block: 0, text: 'x'.repeat(60) },
    { type: 'reasoning-delta', block: 0, text: 'x'.repeat(60) },
    { type: 'refusal-delta', block: 0, text: 'x'.repeat(60) },
    { type: 'reasoning-redacted', block: 0, data: 'x'.repeat(60) },
    { type: 'tool-call-delta', block: 0, arguments: 'x'.repeat(60) },
    { type: 'audio-delta', block: 0, data: 'x'.repeat(30), transcript: 'x'.repeat(30) },
  ])('that is larger than allowed is not collected: $type', (piece) => {
    expect(collect([piece], 100)).toBeDefined()
    expect(collect([piece, piece], 100)).toBeUndefined()
  })

  test.each<StreamPart>([
    { type: 'text-delta', block: 0, text: '' },
    { type: 'finish', finish: { unified: 'stop' } },
    { type: 'citation', block: 0, citation: { url: '' } },
    { type: 'raw', dialect: 'x', value: {} },
  ])('of endless parts that say nothing is not collected either: $type', (piece) => {
    expect(
      collect(
        Array.from({ length: 200 }, () => piece),
        100,
      ),
    ).toBeUndefined()
  })

  test('with a picture in it cannot be streamed', () => {
    const picture: Part = { type: 'image', source: { kind: 'url', url: 'https://example.com/cat.png' } }
    const answer: ChatResponse = {
      operation: 'chat',
      choices: [{ index: 0, parts: [picture], finish: { unified: 'stop' } }],
      extensions: {},
    }
    expect(() => [...partsOf(answer)]).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })
})

test('estimated usage counts four characters a token and says that it is estimated', () => {
  expect(estimateUsage(401, 0)).toEqual({
    input: { total: 101, cacheRead: 0, cacheWrite: 0 },
    output: { total: 0, reasoning: 0 },
    estimated: true,
  })
})
