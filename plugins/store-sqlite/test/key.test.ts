import { expect, test } from 'vitest'
import { keyOf, textOf } from '../src/key.ts'

const UNITS = [0, 0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xd000, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff]
/** All texts of up to three of these code units, valid Unicode or not. */
const TEXTS = [''].concat(...[1, 2, 3].map((length) => textsOf(length)))

function textsOf(length: number): string[] {
  if (length === 0) return ['']
  return textsOf(length - 1).flatMap((text) => UNITS.map((unit) => text + String.fromCharCode(unit)))
}

test('every text is told by its key', () => {
  for (const text of TEXTS) expect(textOf(keyOf(text))).toBe(text)
})

test('keys order as the code units of their texts', () => {
  const sorted = TEXTS.toSorted((a, b) => Buffer.compare(keyOf(a), keyOf(b)))
  expect(sorted).toEqual(TEXTS.toSorted())
})

test('the key of a text is what it looks like in UTF-8, where that can be', () => {
  expect(keyOf('gw_ünï').toString()).toBe('gw_ünï')
})
