import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lastField } from '../src/index.ts'

const find = (text: string) => lastField(Buffer.from(text), 'usage')

describe('a field near the end', () => {
  test.each([
    ['{"a":1,"usage":{"n":2}}', { n: 2 }],
    ['{"usage":{"n":2},"tier":"default","x":null,"y":[1],"z":{}} \n', { n: 2 }],
    ['{"text":"\\"usage\\":{\\"n\\":1}","usage":{"n":2}}', { n: 2 }],
    ['{"usage":{"n":2,"text":"}"}}', { n: 2, text: '}' }],
  ])('of %s is found', (text, value) => {
    expect(find(text)).toEqual(value)
  })

  test.each([
    '{"input":{"usage":{"n":1}}}',
    '{"usage":{"n":2},"input":{"usage":{"n":1}}}',
    '{"usage":{"n":2},"list":[{"usage":{"n":1}}]}',
    '{"text":"\\"usage\\":{\\"n\\":1}}"}',
    '{"usage":null}',
    '{"usage":[1]}',
    '{"usage":3}',
    '{}',
    '',
    '{"usage":{"n":2}',
    '{"usage":{"n":2}}}',
    `{"usage":{"n":2},"pad":"${'x'.repeat(5000)}"}`,
  ])('of %s is not taken for it', (text) => {
    expect(find(text)).toBeUndefined()
  })

  test('is never another one', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('usage', 'a', 'b'), fc.jsonValue()), (value) => {
        const found = find(JSON.stringify(value))
        if (found) expect(found).toEqual(JSON.parse(JSON.stringify(value.usage)))
      }),
    )
  })
})
