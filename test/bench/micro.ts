/** `pnpm bench --micro`: what single pieces of the gateway cost, each alone in this process. */
import { routingRows } from '../../plugins/route-balance/test/bench/route.ts'
import type { JsonObject, StreamPart, StreamReader } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { FrameCutter, isRepeated, spliceString, SseReader } from '@sluice/dialect-kit'
import type { Frame } from '@sluice/dialect-kit'
import { Hook } from '../../core/src/tap.ts'
import { CODECS } from '../support/codecs.ts'
import { table } from './markdown.ts'
import { nanoseconds, nanosecondsAwaited } from './timing.ts'
import { replyBody, replyFrames, requestBody } from './traffic.ts'
import { MODELS, WIRES } from './wires.ts'
import type { Wire } from './wires.ts'

const microseconds = (time: number) => (time / 1000).toFixed(2)

/** A sealed series hook with `taps` handlers. */
function hook(taps: number, handler: (exchange: object) => void | Promise<void>): Hook<[object], void, void> {
  const environment = { timeout: 30_000, report: () => undefined }
  const made = new Hook<[object], void, void>('authorize', { kind: 'series', exchange: 0 }, environment)
  for (let order = 0; order < taps; order++) made.add({ id: `p${order}`, order }, 'bench', handler)
  made.seal()
  return made
}

async function hooks(): Promise<string> {
  const exchange = {}
  const nothing = () => undefined
  const synchronous = [0, 1, 10].map((taps) => {
    const tapped = hook(taps, nothing)
    return [`${taps} synchronous taps`, nanoseconds(() => tapped.call(exchange)).toFixed(0)]
  })
  const awaited = hook(1, async () => undefined)
  const time = await nanosecondsAwaited(() => awaited.call(exchange) as Promise<void>)
  return table('Hooks', ['call', 'ns'], [...synchronous, ['1 asynchronous tap, awaited', time.toFixed(0)]])
}

/** Megabytes per second through a reader that gets the stream in chunks of `size` bytes. */
function framing(size: number): string[] {
  const stream = Buffer.from(replyFrames('openai-chat', 'burst').join('').repeat(16))
  const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, i) =>
    stream.subarray(i * size, (i + 1) * size),
  )
  const speed = (time: number) => ((stream.length / time) * 1000).toFixed(0)
  const read = nanoseconds(() => {
    const reader = new SseReader()
    const frames: Frame[] = []
    for (const chunk of chunks) reader.push(chunk, frames)
    return frames
  })
  const cut = nanoseconds(() => {
    const cutter = new FrameCutter()
    for (const chunk of chunks) cutter.push(chunk)
    return cutter
  })
  return [`${size} B`, speed(read), speed(cut)]
}

function codecRows(wire: Wire): string[][] {
  const codec = CODECS[wire]
  const context = { model: MODELS[wire], drop: () => undefined }
  const smallBytes = Buffer.from(requestBody(wire, MODELS[wire], 'small', true))
  const largeBytes = Buffer.from(requestBody(wire, MODELS[wire], 'large', true))
  const small = JSON.parse(smallBytes.toString()) as JsonObject
  const large = JSON.parse(largeBytes.toString()) as JsonObject
  const reply = JSON.parse(replyBody(wire, 'json')) as JsonObject
  const request = codec.decodeRequest(small)
  const largeRequest = codec.decodeRequest(large)
  const response = codec.decodeResponse(reply)
  const replyContext = { id: 'exchange', model: MODELS[wire], request }

  // One network chunk per event, as providers send them.
  const chunks = replyFrames(wire, 'burst').map((frame) => Buffer.from(frame))
  const read = (reader: StreamReader): StreamPart[] => {
    const parts: StreamPart[] = []
    for (const chunk of chunks) reader.push(chunk, parts)
    reader.end(parts)
    return parts
  }
  const parts = read(codec.stream.reader())
  const write = () => {
    const writer = codec.stream.writer(replyContext)
    let size = 0
    for (const part of parts) size += writer.push(part).length
    return size + writer.end().length
  }
  const events = chunks.map((chunk) => /\{.*\}/.exec(chunk.toString())?.[0] ?? '0')
  const parse = () => events.map((event) => JSON.parse(event) as unknown)
  const row = (what: string, operation: () => unknown, per = 1) => [
    `${wire}: ${what}`,
    microseconds(nanoseconds(operation) / per),
  ]
  return [
    row('inspect a request', () => codec.inspect(small, smallBytes, PLACE)),
    row('inspect a request of 100 KB', () => codec.inspect(large, largeBytes, PLACE)),
    row('decode a request', () => codec.decodeRequest(small)),
    row('decode a request of 100 KB', () => codec.decodeRequest(large)),
    row('encode a request', () => codec.encodeRequest(request, context)),
    row('encode a request of 100 KB', () => codec.encodeRequest(largeRequest, context)),
    row('decode a reply', () => codec.decodeResponse(reply)),
    row('encode a reply', () => codec.encodeResponse(response, replyContext)),
    row('JSON.parse of a stream, per event', parse, events.length),
    row('read a stream, per event', () => read(codec.stream.reader()), events.length),
    row('skim a stream, per event', () => read(codec.stream.skimmer()), events.length),
    row('write a stream, per part', write, parts.length),
  ]
}

/** Changing the model in the client's bytes, beside parsing and writing them anew. */
function spliceRows(size: 'small' | 'large'): string[] {
  const bytes = Buffer.from(requestBody('openai-chat', 'an-alias', size, false))
  const anew = () =>
    Buffer.from(JSON.stringify({ ...(JSON.parse(bytes.toString()) as object), model: MODELS['openai-chat'] }))
  const times = [
    () => JSON.parse(bytes.toString()) as unknown,
    () => isRepeated(bytes, 'model'),
    () => spliceString(bytes, 'model', MODELS['openai-chat']),
    anew,
  ]
  return [`${(bytes.length / 1024).toFixed(1)} KB`, ...times.map((operation) => microseconds(nanoseconds(operation)))]
}

export async function micro(): Promise<void> {
  console.log(await hooks())
  console.log(
    table('Framing, MB/s', ['network chunk', 'SseReader', 'FrameCutter'], [64, 240, 1400, 16_384, 65_536].map(framing)),
  )
  console.log(table('Codecs', ['step', 'µs'], WIRES.flatMap(codecRows)))
  const splices = [spliceRows('small'), spliceRows('large')]
  console.log(
    table(
      'Another model name in a request, µs',
      ['body', 'parse', 'look for a second one', 'splice', 'parse and write anew'],
      splices,
    ),
  )
  console.log(table('Routing, µs', ['strategy', '1 model', '1,000 models'], routingRows(nanoseconds)))
}
