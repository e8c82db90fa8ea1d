import type { StreamPart, StreamReader } from '@sluice/core'
import { GatewayError } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { parseUpstreamObject, sse, sseFrame, streamCodec } from '../src/index.ts'
import type { Frame, FrameDecoder, Framing, StreamCodecParts } from '../src/index.ts'

/** Of a dialect whose frames hold canonical parts; `read` tells which ones were looked at. */
class Decoder implements FrameDecoder {
  readonly #read: StreamPart['type'][]
  #finished = false

  constructor(read: StreamPart['type'][]) {
    this.#read = read
  }

  push({ data }: Frame, out: StreamPart[]): void {
    const part = parseUpstreamObject(data, 'an event') as StreamPart
    this.#read.push(part.type)
    if (part.type === 'finish') this.#finished = true
    out.push(part)
  }

  end(): boolean {
    return this.#finished
  }
}

const refusal = new GatewayError('rate_limit_exceeded', 'Slower.')
const read: StreamPart['type'][] = []
const dialect: StreamCodecParts = {
  framing: sse,
  decoder: () => new Decoder(read),
  writer: () => ({ push: () => '', end: () => '' }),
  probe: ({ event }) => (event === 'ping' ? 'more' : event === 'error' ? refusal : 'ok'),
}
const codec = streamCodec(dialect)

const usage: StreamPart = {
  type: 'usage',
  usage: { input: { total: 5, cacheRead: 0, cacheWrite: 0 }, output: { total: 1000, reasoning: 0 } },
}
const finish: StreamPart = { type: 'finish', finish: { unified: 'stop' } }
const start: StreamPart = { type: 'start', id: 'r1' }
const delta: StreamPart = { type: 'text-delta', block: 0, text: 'word ' }
const frame = (part: StreamPart): Buffer => Buffer.from(sseFrame(JSON.stringify(part)))

function run(reader: StreamReader, chunks: readonly Buffer[]): { parts: StreamPart[]; complete: boolean } {
  read.length = 0
  const parts: StreamPart[] = []
  for (const chunk of chunks) reader.push(chunk, parts)
  return { complete: reader.end(parts), parts }
}

describe('a reader', () => {
  test('tells every part, however the bytes are cut', () => {
    const bytes = Buffer.concat([start, delta, delta, finish, usage].map(frame))
    const chunks = Array.from(bytes, (byte) => Buffer.of(byte))
    expect(run(codec.reader(), chunks)).toEqual({ parts: [start, delta, delta, finish, usage], complete: true })
  })

  test('tells that an answer was cut off', () => {
    expect(run(codec.reader(), [frame(start), frame(delta)])).toEqual({ parts: [start, delta], complete: false })
  })

  test('refuses what is not of the dialect', () => {
    expect(() => run(codec.reader(), [Buffer.from('data: <html>\n\n')])).toThrow(
      expect.objectContaining({ code: 'upstream_error' }),
    )
  })
})

describe('a skimmer', () => {
  const long = [start, ...Array.from({ length: 1000 }, () => delta), finish, usage].map(frame)
  const layouts: [what: string, chunks: Buffer[]][] = [
    ['a frame a chunk', long],
    ['one chunk', [Buffer.concat(long)]],
    ['a large last chunk', [long[0]!, Buffer.concat(long.slice(1))]],
    ['a large first chunk', [Buffer.concat(long.slice(0, -1)), long.at(-1)!]],
  ]
  test.each(layouts)('finds the ends of a long stream without its middle: %s', (_what, chunks) => {
    const skimmer = codec.skimmer()
    const { parts, complete } = run(skimmer, chunks)
    expect(complete).toBe(true)
    expect(parts[0]).toEqual(start)
    expect(parts.slice(-2)).toEqual([finish, usage])
    expect(read.filter((type) => type === 'start')).toHaveLength(1)
    expect(read.length).toBeLessThan(60)
    expect(skimmer.share).toBeLessThan(0.05)
  })

  test('reads a short stream whole, each frame once', () => {
    const skimmer = codec.skimmer()
    const { parts } = run(skimmer, [start, delta, finish, usage].map(frame))
    expect(parts).toEqual([start, delta, finish, usage])
    expect(skimmer.share).toBe(1)
  })

  test('reads a last frame that is larger than what it keeps', () => {
    const large: StreamPart = { type: 'raw', dialect: 'x', value: { text: 'x'.repeat(5000) } }
    expect(run(codec.skimmer(), [start, delta, large].map(frame)).parts.at(-1)).toEqual(large)
  })

  test('reads only the first and the last frames of a long stream that tells usage and finish', () => {
    run(codec.skimmer(), long)
    expect(read).toEqual(['start', 'text-delta', 'finish', 'usage'])
  })

  test('tells what came before a frame that was broken off, where that is a fault', () => {
    const framing: Framing = {
      ...sse,
      reader: () => {
        const reader = sse.reader()
        return {
          push: (chunk, out) => reader.push(chunk, out),
          end: () => {
            throw new GatewayError('upstream_error', 'broken off')
          },
        }
      },
    }
    const parts: StreamPart[] = []
    const skimmer = streamCodec({ ...dialect, framing }).skimmer()
    for (const chunk of [start, usage].map(frame)) skimmer.push(chunk, parts)
    expect(() => skimmer.end(parts)).toThrow('broken off')
    expect(parts).toEqual([start, usage])
  })

  test('reads all of a long stream’s end if usage is missing', () => {
    const skimmer = codec.skimmer()
    const { parts } = run(skimmer, long.slice(0, -1))
    expect(parts.filter(({ type }) => type === 'text-delta').length).toBeGreaterThan(20)
    const bytes = Buffer.concat(long.slice(0, -1)).length
    expect(skimmer.share).toBeGreaterThanOrEqual(2048 / bytes)
    expect(skimmer.share).toBeLessThan(2400 / bytes)
  })

  test('tells that a long stream was cut off', () => {
    expect(run(codec.skimmer(), long.slice(0, -2)).complete).toBe(false)
  })

  test('has looked at all of nothing', () => {
    const skimmer = codec.skimmer()
    expect(run(skimmer, [])).toEqual({ parts: [], complete: false })
    expect(skimmer.share).toBe(1)
  })
})

describe('a prober', () => {
  const cases: [what: string, chunks: string[], verdict: 'ok' | 'more' | GatewayError][] = [
    ['waits for a whole frame', ['data: {}\n'], 'more'],
    ['is content with the first frame', ['data: {}', '\n\n'], 'ok'],
    ['waits behind frames that say nothing', ['event: ping\ndata: {}\n\n'], 'more'],
    ['judges the next one then', ['event: ping\ndata: {}\n\n', 'event: error\ndata: {}\n\n'], refusal],
    ['stops at the first that says something', ['data: {}\n\nevent: error\ndata: {}\n\n'], 'ok'],
  ]
  test.each(cases)('%s', (_what, chunks, verdict) => {
    const probe = codec.prober()
    expect(chunks.map((chunk) => probe(Buffer.from(chunk))).at(-1)).toBe(verdict)
  })
})

test('content type and heartbeat are those of the framing', () => {
  expect([codec.contentType, codec.heartbeat]).toEqual(['text/event-stream', ': keep-alive\n\n'])
  const { heartbeat: _, ...silent } = sse
  const parts = {
    decoder: () => new Decoder(read),
    writer: () => ({ push: () => '', end: () => '' }),
    probe: () => 'ok' as const,
  }
  expect('heartbeat' in streamCodec({ framing: silent, ...parts })).toBe(false)
})
