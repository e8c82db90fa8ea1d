import { gunzipSync } from 'node:zlib'
import { request as call } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  errorInStream,
  gzippedJson,
  html,
  htmlErrorPage,
  hugeFrame,
  invalidUtf8,
  json,
  mockUpstream,
  rateLimited,
  sse,
} from '../../src/testing/index.ts'
import type { MockUpstream } from '../../src/testing/index.ts'

let upstream: MockUpstream
beforeEach(async () => {
  upstream = await mockUpstream()
})
afterEach(async () => upstream.close())

async function fetchOnce(): Promise<{ status: number; headers: { [name: string]: unknown }; bytes: Buffer }> {
  const { statusCode, headers, body } = await call(upstream.url)
  return { status: statusCode, headers, bytes: Buffer.from(await body.arrayBuffer()) }
}

/** Events, as their lines; good enough for streams this simple. */
const eventsIn = (bytes: Buffer): string[] => bytes.toString().split('\n\n').slice(0, -1)

test.each([
  ['JSON', json({ a: 1 }), 200, 'application/json', '{"a":1}'],
  [
    'JSON with another status and a header',
    json({}, { status: 201, headers: { 'x-a': 'b' } }),
    201,
    'application/json',
    '{}',
  ],
  ['HTML', html('<p>'), 200, 'text/html; charset=utf-8', '<p>'],
  ['an event stream', sse('data: 1\n\n'), 200, 'text/event-stream; charset=utf-8', 'data: 1\n\n'],
  [
    'a wrong content type',
    sse('data: 1\n\n', { headers: { 'content-type': 'text/plain' } }),
    200,
    'text/plain',
    'data: 1\n\n',
  ],
])('%s arrives as it was put', async (_name, reply, status, contentType, bytes) => {
  upstream.reply(reply)
  const answer = await fetchOnce()
  expect([answer.status, answer.headers['content-type'], answer.bytes.toString()]).toEqual([status, contentType, bytes])
})

test('a rate limit says how long to wait', async () => {
  upstream.reply(rateLimited(7))
  expect(await fetchOnce()).toMatchObject({ status: 429, headers: { 'retry-after': '7' } })
})

test('an error page is HTML', async () => {
  upstream.reply(htmlErrorPage(503))
  expect(await fetchOnce()).toMatchObject({ status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } })
})

test('an error in a stream hides in a 200', async () => {
  upstream.reply(errorInStream({ message: 'full' }))
  const { status, bytes } = await fetchOnce()
  expect([status, eventsIn(bytes)]).toEqual([200, ['event: error\ndata: {"message":"full"}']])
})

test('invalid UTF-8 is one event that does not decode cleanly', async () => {
  upstream.reply(invalidUtf8())
  const { bytes } = await fetchOnce()
  expect(eventsIn(bytes)).toHaveLength(1)
  expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toThrow()
})

test('a huge frame is one event of the size asked for', async () => {
  upstream.reply(hugeFrame(100_000))
  const { bytes } = await fetchOnce()
  expect([bytes.length, eventsIn(bytes).length]).toEqual([100_000, 1])
})

test('gzipped JSON is gzipped', async () => {
  upstream.reply(gzippedJson({ a: 1 }))
  const { headers, bytes } = await fetchOnce()
  expect([headers['content-encoding'], gunzipSync(bytes).toString()]).toEqual(['gzip', '{"a":1}'])
})
