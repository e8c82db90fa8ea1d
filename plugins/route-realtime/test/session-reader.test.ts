import { GatewayError } from '@sluice/core'
import type { StreamPart } from '@sluice/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SessionReader } from '../src/session-reader.ts'
import { CLOSE, cut, fragments, frame } from './support/frames.ts'

const MB = 1024 * 1024
const done = (tokens: number, more: object = {}): string => {
  const usage = { total_tokens: 2 * tokens, input_tokens: tokens, output_tokens: tokens }
  return JSON.stringify({ type: 'response.done', event_id: 'e', response: { id: 'r', ...more, usage } })
}
const PING = frame('are you there?', { opcode: 9 })

/** Input tokens after each part that is told. */
function counted(pieces: readonly Buffer[], reader = new SessionReader(false)): number[] {
  const parts: StreamPart[] = []
  for (const piece of pieces) reader.push(piece, parts)
  return parts.map((part) => (part.type === 'usage' ? part.usage.input.total : -1))
}

describe('what counts', () => {
  const name = '"type":"response.done"'
  const long = done(7, { output: 'x'.repeat(100_000) })
  test.each<[what: string, bytes: Buffer]>([
    ['an answer', frame(done(7))],
    ['a long one', frame(long)],
    ['one in fragments', fragments([done(7).slice(0, 5), done(7).slice(5, 60), '', done(7).slice(60)])],
    ['one with pings between its fragments', fragments([long.slice(0, 300), long.slice(300)], PING)],
    [
      'one whose type is not its first field',
      frame(done(7).replace(`${name},"event_id":"e"`, `"event_id":"e",${name}`)),
    ],
    ['one with blanks', frame(JSON.stringify(JSON.parse(done(7)), undefined, 2))],
    [
      'one after other messages',
      Buffer.concat([frame('{"type":"x"}'), frame(Buffer.alloc(1000), { opcode: 2 }), frame(done(7))]),
    ],
    [
      'one after a message that only names it',
      Buffer.concat([frame(`{"type":"x","a":"response.done"}`), frame(done(7))]),
    ],
    [
      'one after one that counts nothing',
      Buffer.concat([frame('{"type":"response.done","response":{"usage":null}}'), frame(done(7))]),
    ],
  ])('%s', (_, bytes) => {
    expect(counted([bytes])).toEqual([7])
    expect(counted(cut(bytes, [1, 2, 3, 50, 260, 300, 302, 303, bytes.length - 1]))).toEqual([7])
  })

  test('wherever the bytes are cut', () => {
    const texts = fc.constantFrom(
      frame(done(1)),
      fragments([done(1).slice(0, 9), done(1).slice(9)], PING),
      frame('{}'),
      PING,
    )
    fc.assert(
      fc.property(fc.array(texts), fc.array(fc.nat(3000)), (frames, at) => {
        const expected = frames.filter((each) => each.length > 100).length
        expect(counted(cut(Buffer.concat(frames), at)).at(-1) ?? 0).toBe(expected)
      }),
    )
  })

  test('adds up, also what comes in one piece', () => {
    expect(counted([frame(done(1)), Buffer.concat([frame(done(2)), frame(done(3))]), frame(done(4))])).toEqual([
      1, 6, 10,
    ])
  })

  test('is kept in the form of the upstream, too, without what it does not have', () => {
    const usage = {
      input_tokens: 5,
      input_token_details: { audio_tokens: 3, cached_tokens: 2, cached_tokens_details: { audio_tokens: 1 }, odd: 9 },
      output_token_details: { audio_tokens: 4, reasoning_tokens: 6 },
      output_tokens: 'many',
      ['__proto__']: { total_tokens: 1 },
      odd: { deep: 1 },
    }
    const reader = new SessionReader(false)
    const parts: StreamPart[] = []
    for (let turn = 0; turn < 2; turn++)
      reader.push(frame(JSON.stringify({ type: 'response.done', response: { usage } })), parts)
    expect(parts[1]).toEqual({
      type: 'usage',
      usage: {
        input: { total: 10, cacheRead: 4, cacheWrite: 0, audio: 6, image: 0 },
        output: { total: 0, reasoning: 12, audio: 8 },
        raw: {
          total_tokens: 0,
          input_tokens: 10,
          output_tokens: 0,
          input_token_details: {
            text_tokens: 0,
            audio_tokens: 6,
            image_tokens: 0,
            cached_tokens: 4,
            cached_tokens_details: { text_tokens: 0, audio_tokens: 2, image_tokens: 0 },
          },
          output_token_details: { text_tokens: 0, audio_tokens: 8, reasoning_tokens: 12 },
        },
      },
    })
    expect(parts[0]).toMatchObject({ usage: { input: { total: 5 } } })
  })

  test('in a session that transcribes is a transcript', () => {
    const type = 'conversation.item.input_audio_transcription.completed'
    const transcript = (usage: object): Buffer => frame(JSON.stringify({ type, transcript: 'Hey', usage }))
    const bytes = [
      transcript({ type: 'tokens', input_tokens: 13, output_tokens: 9, total_tokens: 22 }),
      transcript({ type: 'duration', seconds: 3 }),
      frame(done(7)),
    ]
    expect(counted(bytes, new SessionReader(true)).at(-1)).toBe(13)
    expect(counted(bytes)).toEqual([7])
  })
})

describe('what does not count', () => {
  test.each<[what: string, bytes: Buffer]>([
    ['another event', frame('{"type":"response.created","response":{"usage":{"input_tokens":1}}}')],
    [
      'an event that only names it',
      frame('{"type":"x","name":"response.done","response":{"usage":{"input_tokens":1}}}'),
    ],
    ['bytes', frame(done(1), { opcode: 2 })],
    ['what is compressed', frame(done(1), { reserved: 4 })],
    ['what is masked, as only clients do', frame(done(1), { masked: true })],
    ['a fragment without a beginning', frame(done(1), { opcode: 0 })],
    ['a ping', frame(done(1).slice(0, 100), { opcode: 9 })],
    ['what is no JSON', frame('{"type":"response.done",')],
    ['what is no object', frame('["response.done"]')],
    ['an answer of more than 4 MB', frame(done(1, { output: 'x'.repeat(5 * MB) }))],
    ['one that is not over', fragments([done(1), 'x']).subarray(0, -3)],
  ])('%s', (_, bytes) => {
    expect(counted([bytes])).toEqual([])
    expect(counted([...cut(bytes, [1, 7, 70, 270])])).toEqual([])
  })

  test('does no harm, whatever it is', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)))
    fc.assert(fc.property(pieces, (bytes) => counted(bytes).length === 0))
    expect(counted([frame(`{"type":"response.done","response":${'['.repeat(100_000)}`)])).toEqual([])
  })

  test('hinders nothing that does, later', () => {
    const large = frame(done(1, { output: 'x'.repeat(5 * MB) }))
    expect(
      counted([frame('{"type":"response.done",'), large, frame(done(2), { reserved: 4 }), frame(done(3))]),
    ).toEqual([3])
  })
})

describe('the end', () => {
  test('is good once the upstream has said so', () => {
    const reader = new SessionReader(false)
    expect([reader.isOver, reader.end()]).toEqual([false, false])
    counted([frame('{}'), CLOSE.subarray(0, 3)], reader)
    expect(reader.isOver).toBe(false)
    counted([CLOSE.subarray(3)], reader)
    expect([reader.isOver, reader.end()]).toEqual([true, true])
  })

  const farewell = (bytes: Buffer, error = new GatewayError('shutting_down', 'Bye.')): unknown => {
    const reader = new SessionReader(false)
    counted([bytes], reader)
    return reader.farewell(error)
  }
  const reason = (code: number, text: string): Buffer => {
    const codeBytes = Buffer.from([code >> 8, code & 0xff])
    return frame(Buffer.concat([codeBytes, Buffer.from(text)]), { opcode: 8 })
  }

  test.each<[what: string, bytes: Buffer]>([
    ['at the beginning', Buffer.alloc(0)],
    ['between messages', frame('{}')],
    ['between fragments', frame('{', { final: false })],
  ])('can be said %s', (_, bytes) => {
    expect(farewell(bytes)).toEqual(reason(1012, 'Bye.'))
  })

  test.each<[what: string, bytes: Buffer]>([
    ['within a head', Buffer.from([0x81])],
    ['within a frame', frame('{}').subarray(0, -1)],
  ])('cannot be said %s', (_, bytes) => {
    expect(farewell(bytes)).toBeUndefined()
  })

  test.each([
    ['shutting_down', 1012],
    ['overloaded', 1013],
    ['upstream_timeout', 1001],
    ['upstream_error', 1011],
    ['plugin_error', 1011],
  ] as const)('for %s is said with %i', (code, expected) => {
    expect(farewell(Buffer.alloc(0), new GatewayError(code, 'So.'))).toEqual(reason(expected, 'So.'))
  })

  test('is said in no more than a frame holds, and in whole characters', () => {
    const said = farewell(Buffer.alloc(0), new GatewayError('upstream_error', 'ß'.repeat(200)))
    expect(said).toEqual(reason(1011, 'ß'.repeat(61)))
  })
})
