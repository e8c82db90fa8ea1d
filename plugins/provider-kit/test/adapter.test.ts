import type { JsonObject } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { adapter, THOUGHT_FIELDS } from '../src/index.ts'
import type { Quirks } from '../src/index.ts'

function adapted(quirks: Quirks, body: JsonObject): { body: JsonObject; dropped: string[] } {
  const before = JSON.stringify(body)
  const dropped: string[] = []
  const after = adapter(quirks)(body, (param) => dropped.push(param))
  expect(JSON.stringify(body), 'what came in is left as it was').toBe(before)
  return { body: after, dropped }
}

describe('a body is as its upstream wants it', () => {
  const cases: [what: string, quirks: Quirks, body: JsonObject, expected: JsonObject, dropped: string[]][] = [
    [
      'renamed',
      { rename: { max_completion_tokens: 'max_tokens' } },
      { n: 1, max_completion_tokens: 5 },
      { n: 1, max_tokens: 5 },
      [],
    ],
    ['renamed, null and all', { rename: { a: 'b' } }, { a: null }, { b: null }, []],
    [
      'without what is unsupported',
      { unsupported: ['seed', 'user'] },
      { n: 1, seed: 7, user: 'u' },
      { n: 1 },
      ['seed', 'user'],
    ],
    ['without unsupported nulls, which are no loss', { unsupported: ['seed'] }, { n: 1, seed: null }, { n: 1 }, []],
    ['without what is unsupported under its new name', { rename: { a: 'b' }, unsupported: ['b'] }, { a: 1 }, {}, ['b']],
    [
      'with other roles',
      { roles: { developer: 'system' } },
      {
        messages: [
          { role: 'developer', content: 'a' },
          { role: 'user', content: 'b' },
        ],
      },
      {
        messages: [
          { role: 'system', content: 'a' },
          { role: 'user', content: 'b' },
        ],
      },
      [],
    ],
    [
      'without unsupported fields of messages',
      { unsupportedInMessages: ['name', 'reasoning'] },
      {
        messages: [
          { role: 'user', name: 'x' },
          { role: 'assistant', reasoning: null, content: 'b' },
        ],
      },
      { messages: [{ role: 'user' }, { role: 'assistant', content: 'b' }] },
      ['messages.name'],
    ],
    [
      'without earlier thoughts',
      { unsupportedInMessages: THOUGHT_FIELDS },
      { messages: [{ role: 'assistant', reasoning_content: 'hm', reasoning_details: [], content: 'b' }] },
      { messages: [{ role: 'assistant', content: 'b' }] },
      ['messages.reasoning_content', 'messages.reasoning_details'],
    ],
    [
      'with all of it at once',
      { rename: { a: 'b' }, unsupported: ['c'], roles: { developer: 'system' }, unsupportedInMessages: ['name'] },
      { a: 1, c: 2, d: 3, messages: [{ role: 'developer', name: 'x' }, 'odd', null] },
      { b: 1, d: 3, messages: [{ role: 'system' }, 'odd', null] },
      ['messages.name', 'c'],
    ],
  ]
  test.each(cases)('%s', (_what, quirks, body, expected, dropped) => {
    expect(adapted(quirks, body)).toEqual({ body: expected, dropped })
  })

  test('with its other messages as they were', () => {
    const plain = { role: 'user', content: 'b' }
    const { body } = adapted({ roles: { developer: 'system' } }, { messages: [{ role: 'developer' }, plain] })
    expect((body['messages'] as unknown[])[1]).toBe(plain)
  })
})

describe('a body that no quirk touches is the same object', () => {
  const quirks: Quirks = {
    rename: { a: 'b' },
    unsupported: ['c'],
    roles: { developer: 'system' },
    unsupportedInMessages: ['name'],
  }
  const bodies: JsonObject[] = [
    {},
    { b: 1, name: 'x', role: 'developer' },
    { messages: [{ role: 'user', content: 'a', c: 1 }] },
    { messages: [null, 'text', 7, ['developer'], {}] },
    { messages: 'none' },
  ]
  test.each(bodies.map((body) => [JSON.stringify(body), body] as const))('%s', (_json, body) => {
    expect(adapter(quirks)(body, () => expect.unreachable())).toBe(body)
  })

  test('nor is any by no quirks', () => {
    const body = { messages: [{ role: 'developer' }] }
    expect(adapter({})(body, () => expect.unreachable())).toBe(body)
  })
})
