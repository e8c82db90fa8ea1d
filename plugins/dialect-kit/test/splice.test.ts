import { GatewayError } from '@sluice/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRepeated, spliceString } from '../src/index.ts'

const spliced = (json: string, value = 'new'): string => spliceString(Buffer.from(json), 'model', value).toString()

describe('a spliced text', () => {
  test.each([
    ['{"model":"old"}', '{"model":"new"}'],
    [' { "model" :\t"old" ,\r\n "a" : 1 } ', ' { "model" :\t"new" ,\r\n "a" : 1 } '],
    ['{"a":1.0e2,"model":"old","b":12345678901234567890}', '{"a":1.0e2,"model":"new","b":12345678901234567890}'],
    ['{"a":{"model":"x"},"model":"old"}', '{"a":{"model":"x"},"model":"new"}'],
    [
      '{"a":[{"model":"x"},["model"]],"model":"old","model2":"y"}',
      '{"a":[{"model":"x"},["model"]],"model":"new","model2":"y"}',
    ],
    [String.raw`{"a":"\"model\":\"x\"","model":"o\"l\\d"}`, String.raw`{"a":"\"model\":\"x\"","model":"new"}`],
    [String.raw`{"\u006dodel":"old"}`, String.raw`{"\u006dodel":"new"}`],
    ['{"a":"model","model":"old"}', '{"a":"model","model":"new"}'],
    ['{"é世🌡️":"é世🌡️","model":"世","z":"é"}', '{"é世🌡️":"é世🌡️","model":"new","z":"é"}'],
    ['{"a":"]}{[","model":"}"}', '{"a":"]}{[","model":"new"}'],
  ])('differs in nothing but that value: %s', (json, expected) => {
    expect(spliced(json)).toBe(expected)
  })

  test('holds any text', () => {
    const value = 'q"uo\\te\n世\u2028🌡️'
    expect(JSON.parse(spliced('{"model":"old","a":1}', value))).toEqual({ model: value, a: 1 })
  })

  test.each([
    ['{"model":"a","model":"b"}'],
    [String.raw`{"model":"a","mod\u0065l":"b"}`],
    [String.raw`{"\u006dodel":"a","\u006Dodel":"b"}`],
    ['{"model":"a","x":{"model":"c"},"model":"b"}'],
    ['{"a":"b"}'],
    ['{"a":{"model":"b"}}'],
    ['{}'],
  ])('is refused if the key does not stand there exactly once: %s', (json) => {
    const refusal = expect.objectContaining({ code: 'invalid_request', param: 'model' })
    expect(() => spliced(json)).toThrow(refusal)
  })
})

/** Keys and texts that could be taken for the field, or for the structure around it. */
const tricky = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('model', '"model"', '"model":', '\\', '\\"', '{', '}', '[', ',', ':', 'mod\\u0065l'),
)
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    tricky,
    fc.constantFrom(null, true, false, 0, -1.5e300),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(tricky, tie('any'), { maxKeys: 4 }),
  ),
})).any

/** JSON text, with blanks and escapes where JSON allows them. */
const written = (object: object, indent: string, escaped: boolean): string => {
  const text = JSON.stringify(object, undefined, indent)
  return escaped ? text.replace(/[a-z](?=[^"\\]*")/, (letter) => escapeOf(letter)) : text
}
const escapeOf = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`

describe('for every object', () => {
  const others = fc.dictionary(
    tricky.filter((key) => key !== 'model' && key !== '__proto__'),
    value,
    { maxKeys: 5 },
  )

  test('only the value of the field changes, and where it stands does not matter', () => {
    fc.assert(
      fc.property(
        others,
        others,
        tricky,
        tricky,
        fc.constantFrom('', ' ', '\n\t'),
        (before, after, old, wanted, indent) => {
          const object = { ...before, model: old, ...after }
          const bytes = Buffer.from(JSON.stringify(object, undefined, indent))
          const result = spliceString(bytes, 'model', wanted).toString()
          expect(JSON.parse(result)).toEqual(JSON.parse(JSON.stringify({ ...object, model: wanted })))
          expect(result).toBe(JSON.stringify({ ...object, model: wanted }, undefined, indent))
          expect(isRepeated(bytes, 'model')).toBe(false)
        },
      ),
    )
  })

  test('a second field of that name is found, wherever it stands and however it is written', () => {
    fc.assert(
      fc.property(
        others,
        others,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom('', ' '),
        (before, after, first, second, indent) => {
          const part = (object: object, isEscaped: boolean): string => {
            const text = written({ model: 'x' }, indent, false).slice(1, -1)
            const field = isEscaped ? text.replace('model', `mo${escapeOf('d')}el`) : text
            return [field, JSON.stringify(object).slice(1, -1)].filter((piece) => piece !== '').join(',')
          }
          const json = `{${part(before, first)},${part(after, second)}}`
          expect(JSON.parse(json)).toHaveProperty('model', 'x')
          expect(isRepeated(Buffer.from(json), 'model')).toBe(true)
          expect(() => spliced(json)).toThrow(GatewayError)
        },
      ),
    )
  })
})
