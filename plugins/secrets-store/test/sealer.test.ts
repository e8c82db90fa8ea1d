import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Sealer } from '../src/sealer.ts'

const KEY = 'a master key of at least 32 characters'
const OTHER = 'another master key, of as many characters'
const sealer = new Sealer('tests', [KEY])

describe('a sealed text', () => {
  test('is what was sealed, and sealed differently each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, name) => {
        const [one, two] = [sealer.seal(name, text), sealer.seal(name, text)]
        expect(sealer.unseal(name, one)).toBe(text)
        expect(one.nonce).not.toBe(two.nonce)
      }),
    )
  })

  test('opens under no other name, for no other purpose, and not if a bit of it was changed', () => {
    const sealed = sealer.seal('name', 'a text to be kept')
    expect(() => sealer.unseal('other', sealed)).toThrow('changed')
    expect(() => new Sealer('others', [KEY]).unseal('name', sealed)).toThrow('changed')
    for (const field of ['nonce', 'text', 'tag'] as const) {
      const bytes = Buffer.from(sealed[field], 'base64')
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = Buffer.from(bytes)
        changed[bit >> 3]! ^= 1 << (bit & 7)
        expect(() => sealer.unseal('name', { ...sealed, [field]: changed.toString('base64') })).toThrow('changed')
      }
    }
    expect(() => sealer.unseal('name', { ...sealed, tag: sealed.tag.slice(0, 8) })).toThrow('changed')
  })

  test('of an earlier master key opens as long as that is given', () => {
    const sealed = sealer.seal('name', 'text')
    expect(new Sealer('tests', [OTHER, KEY]).unseal('name', sealed)).toBe('text')
    expect(() => new Sealer('tests', [OTHER]).unseal('name', sealed)).toThrow('another master key')
  })
})
