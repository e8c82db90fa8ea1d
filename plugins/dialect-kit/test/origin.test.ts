import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holdsMark, mark, unmark } from '../src/index.ts'
import type { Proof } from '../src/index.ts'

const text = fc.string({ unit: 'grapheme' })
const proofs: fc.Arbitrary<Proof> = fc.record(
  { origin: text, signature: text, redacted: text, id: text, call: text },
  { requiredKeys: ['origin'] },
)

describe('a marked proof', () => {
  test('is unmarked what it was, also by clients that write the other alphabet of base64', () => {
    fc.assert(
      fc.property(proofs, (proof) => {
        expect(unmark(mark(proof))).toEqual(proof)
        expect(unmark(Buffer.from(mark(proof), 'base64').toString('base64url'))).toEqual(proof)
      }),
    )
  })

  test('is bytes in base64, for clients that decode it', () => {
    fc.assert(
      fc.property(proofs, (proof) => {
        const marked = mark(proof)
        expect(Buffer.from(marked, 'base64').toString('base64')).toBe(marked)
      }),
    )
  })

  test('is found in the body that it stands in', () => {
    fc.assert(
      fc.property(proofs, text, (proof, before) => {
        expect(holdsMark(Buffer.from(JSON.stringify({ before, signature: mark(proof) })))).toBe(true)
      }),
    )
  })

  test('can hold another gateway’s', () => {
    const inner = mark({ origin: 'anthropic', signature: 'c2ln' })
    expect(unmark(mark({ origin: 'openai-chat', signature: inner }))).toEqual({
      origin: 'openai-chat',
      signature: inner,
    })
  })
})

const encoded = (marked: string): string => Buffer.from(marked).toString('base64')

test.each([
  ['nothing', undefined],
  ['an empty text', ''],
  ['a provider’s own', 'EqRkc2ln+/8='],
  ['a mark in plain letters', 'sluice:{"origin":"anthropic"}'],
  ['a mark that was cut off', mark({ origin: 'anthropic', signature: 'c2ln' }).slice(0, -8)],
  ['a mark around no object', encoded('sluice:{"" ]')],
])('%s is no mark', (_, given) => {
  expect(unmark(given)).toBeUndefined()
})

test('a mark that somebody forged is read as far as its fields are texts', () => {
  expect(unmark(encoded('sluice:{"origin":7,"signature":["a"],"redacted":"b","text":"c"}'))).toEqual({
    origin: 'unknown',
    redacted: 'b',
  })
})

test('a body without marks holds none', () => {
  expect(holdsMark(Buffer.from('{"signature":"EqRkc2ln+/8=","text":"sluice:{"}'))).toBe(false)
})
