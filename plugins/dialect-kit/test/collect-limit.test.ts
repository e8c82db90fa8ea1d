import type { StreamPart } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { Collector } from '../src/index.ts'

/** Whether `parts` are more than a hundred characters. */
function isTooMuch(parts: readonly StreamPart[]): boolean {
  const collector = new Collector(100)
  for (const part of parts) collector.push(part)
  return collector.response() === undefined
}

describe('what has no text of its own counts towards the limit', () => {
  const long = 'x'.repeat(40)
  test.each<StreamPart>([
    { type: 'text-delta', block: 0, text: '', logprobs: [long] },
    { type: 'reasoning-signature', block: 0, signature: long },
    { type: 'tool-call-start', block: 0, id: long, name: 'f' },
    { type: 'citation', block: 0, citation: { quote: long } },
    { type: 'raw', dialect: 'somebody', value: { long } },
  ])('$type', (part) => {
    expect(isTooMuch([part])).toBe(false)
    expect(isTooMuch([part, part, part])).toBe(true)
  })
})

test('endless empty parts are too much', () => {
  const parts = (count: number): StreamPart[] =>
    Array.from({ length: count }, (_, block) => ({ type: 'text-delta', block, text: '' }))
  expect(isTooMuch(parts(100))).toBe(false)
  expect(isTooMuch(parts(101))).toBe(true)
})

test('endless choices are too much', () => {
  const parts = Array.from({ length: 101 }, (_, choice): StreamPart => ({
    type: 'finish',
    choice,
    finish: { unified: 'stop' },
  }))
  expect(isTooMuch(parts)).toBe(true)
})
