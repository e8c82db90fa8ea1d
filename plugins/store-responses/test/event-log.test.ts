import type { StreamConsumer } from '@sluice/core'
import { expect, test } from 'vitest'
import { EventLog } from '../src/event-log.ts'

/** What a reader has got; `END` at the end. */
function reader(): StreamConsumer & { got: string } {
  return {
    got: '',
    onChunk(chunk) {
      this.got += chunk.toString().trim()
    },
    onEnd() {
      this.got += ' END'
    },
    onError: (error) => expect.unreachable(error.message),
  }
}

const frames = (...texts: string[]): string => texts.map((text) => `${text}\n\n`).join('')

test('readers get what they missed, what comes, and the end', () => {
  const log = new EventLog()
  log.append(frames('a', 'b'))
  const [early, late] = [reader(), reader()]
  log.read(0).attach(early)
  log.read(2).attach(late)
  log.append(frames('c'))
  expect([early.got, late.got]).toEqual(['abc', 'c'])
  log.end(frames('d', 'e'))
  expect([early.got, late.got]).toEqual(['abcde END', 'cde END'])
  expect(log.next).toBe(5)
})

test.each([
  [0, 'abc END'],
  [2, 'c END'],
  [99, 'c END'],
])('from event %i on, a log that has ended gives "%s"', (from, expected) => {
  const log = new EventLog()
  log.end(frames('a', 'b', 'c'))
  const one = reader()
  log.read(from).attach(one)
  expect(one.got).toBe(expected)
})

test('a slow reader gets all, when it can', () => {
  const log = new EventLog()
  const slow = reader()
  const stream = log.read(0)
  stream.attach({ ...slow, onChunk: (chunk) => (slow.onChunk(chunk), stream.pause()), onEnd: () => slow.onEnd() })
  log.append(frames('a', 'b'))
  log.end(frames('c'))
  expect(slow.got).toBe('a')
  for (let turn = 0; turn < 3; turn++) stream.resume()
  expect(slow.got).toBe('abc END')
})

test('whoever has gone gets nothing', () => {
  const log = new EventLog()
  const gone = reader()
  const stream = log.read(0)
  stream.attach(gone)
  stream.abort()
  log.end(frames('a'))
  expect(gone.got).toBe('')
})

test('when there is too much, the oldest go, and who reads along misses nothing', () => {
  const log = new EventLog(9)
  const [along, late] = [reader(), reader()]
  log.read(0).attach(along)
  log.append(frames('a', 'b', 'c', 'd', 'e'))
  log.read(0).attach(late)
  log.end(frames('f'))
  expect([along.got, late.got]).toEqual(['abcdef END', 'cdef END'])
})
