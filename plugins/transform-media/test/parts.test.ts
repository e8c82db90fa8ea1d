import type { MediaPart, Message, Part, Source } from '@sluice/core'
import { expect, test } from 'vitest'
import { mediaTypeOf } from '../src/media-type.ts'
import { addressedIn, withSources } from '../src/parts.ts'

const at = (type: MediaPart['type'], url = 'https://a.test/x', mediaType?: string): MediaPart => ({
  type,
  source: { kind: 'url', url, ...(mediaType !== undefined && { mediaType }) },
})
const bytes: Source = { kind: 'base64', mediaType: 'image/png', data: 'AA==' }

test('media of every kind are found with users and in results of tools, and nowhere else', () => {
  const inside = at('image')
  const given = [at('image'), at('audio', 'HTTP://a.test'), at('video'), at('file')]
  const result: Part = { type: 'tool-result', callId: '1', content: [{ type: 'text', text: 'here' }, inside] }
  const others: Part[] = [at('image', 's3://bucket/x'), { type: 'image', source: bytes }]
  const messages: Message[] = [
    { role: 'system', parts: [at('image')] },
    { role: 'user', parts: [...given, ...others] },
    { role: 'assistant', parts: [at('image')] },
    { role: 'tool', parts: [result] },
  ]
  const before = structuredClone(messages)
  const found = addressedIn(messages)
  expect(found).toEqual([...given, inside])
  const changed = withSources(messages, new Map(found.map((part) => [part, bytes])))
  expect(changed[1]!.parts).toEqual([...given.map(({ type }) => ({ type, source: bytes })), ...others])
  expect(changed[3]!.parts).toMatchObject([{ content: [{ text: 'here' }, { type: 'image', source: bytes }] }])
  expect([changed[0], changed[2]]).toEqual([before[0], before[2]])
  expect(messages).toEqual(before)
})

test.each([
  ['image', 'image/png', undefined, 'image/png'],
  ['image', 'IMAGE/PNG; q=1', undefined, 'image/png'],
  ['image', '', 'image/webp', 'image/webp'],
  ['image', 'application/octet-stream', 'image/webp', 'image/webp'],
  ['image', 'image/png', 'image/webp', 'image/png'],
  ['audio', 'audio/mpeg', undefined, 'audio/mpeg'],
  ['video', 'video/mp4', undefined, 'video/mp4'],
  ['file', 'application/pdf', undefined, 'application/pdf'],
  ['file', 'text/csv; charset=utf-8', undefined, 'text/csv'],
] as const)('%s with "%s", said to be %s, is %s', (type, contentType, declared, expected) => {
  expect(mediaTypeOf(at(type, undefined, declared), contentType)).toBe(expected)
})

test.each([
  ['image', 'application/pdf', undefined],
  ['image', 'text/html', 'image/png'],
  ['image', '', undefined],
  ['image', '', 'application/pdf'],
  ['audio', 'video/mp4', undefined],
  ['video', 'audio/mpeg', undefined],
  ['file', 'application/octet-stream', undefined],
  ['file', 'nonsense', undefined],
] as const)('%s with "%s", said to be %s, is refused', (type, contentType, declared) => {
  expect(() => mediaTypeOf(at(type, undefined, declared), contentType)).toThrow(/type/)
})
