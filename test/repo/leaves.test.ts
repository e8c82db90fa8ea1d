import { expect, test } from 'vitest'
import { added, includes, leavesOf } from './translation/leaves.ts'
import { places } from './translation/marks.ts'

test('leaves are what a value says, by path, wherever it stands in a list', () => {
  expect(leavesOf({ a: [{ b: 1 }, { b: null, c: {} }], d: undefined, e: [] })).toEqual([
    { path: 'a[].b', value: 1 },
    { path: 'a[].b', value: null },
    { path: 'a[].c', value: {} },
    { path: 'e', value: [] },
  ])
})

test('what changes from run to run is no leaf', () => {
  expect(leavesOf({ created: 1, response: { created_at: 2, completed_at: 3 }, sequence_number: 4, id: 5 })).toEqual([
    { path: 'id', value: 5 },
  ])
})

test('only what the other value does not say as often is added', () => {
  const base = { messages: [{ role: 'user', text: 'Hi' }] }
  const value = {
    messages: [
      { role: 'system', text: 'Hi' },
      { role: 'user', text: 'Hi' },
    ],
  }
  expect(added(value, base)).toEqual([
    { path: 'messages[].role', value: 'system' },
    { path: 'messages[].text', value: 'Hi' },
  ])
  expect(added(base, value)).toEqual([])
  expect(includes(leavesOf(value), leavesOf(base))).toBe(true)
  expect(includes(leavesOf(base), leavesOf(value))).toBe(false)
})

test('a place is the path of a mark, also within a text and in base64, or else all that is said', () => {
  const leaves = leavesOf({
    url: 'data:image/png;base64,AAAA',
    sealed: Buffer.from('{"x":"AAAA"}').toString('base64'),
    n: 2,
  })
  expect(places(leaves, ['AAAA'])).toEqual(['url', 'sealed'])
  expect(places(leaves, [2])).toEqual(['n'])
  expect(places(leavesOf({ type: 'any' }), [])).toEqual(['type: "any"'])
  expect(places(leavesOf({ type: 'any' }), ['nowhere'])).toEqual(['type: "any"'])
})
