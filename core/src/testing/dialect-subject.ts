/** What the parts of `testDialect` share: what is tested, and how to call it. */
import type { Codec, Dialect, ReplyContext, RequestContext, RequestPlace } from '../dialect.ts'
import { GatewayError } from '../errors.ts'
import type { ChatRequest, JsonObject, StreamPart } from '../model.ts'
import { plain } from './json.ts'
import type { RecordedCase } from './recorded.ts'
import { SAMPLE_REQUESTS } from './samples.ts'

/** `test` of vitest or node:test. */
export type TestFunction = (name: string, run: () => void | Promise<void>) => unknown

export interface DialectSubject {
  test: TestFunction
  dialect: Dialect
  codec: Codec
  cases: readonly RecordedCase[]
  /** The sample requests that the dialect has no form for. */
  refuses: readonly string[]
}

export const REPLY_CONTEXT: ReplyContext = {
  id: 'exchange-1',
  model: 'sample-model',
  request: SAMPLE_REQUESTS.stream,
}

/** Where a request stands that no recording placed. */
export const PLACE: RequestPlace = { path: '/', params: { model: 'sample-model' } }

/** The context of a recorded reply. */
export function replyContext(codec: Codec, { meta, request, status }: RecordedCase): ReplyContext {
  const canonical: ChatRequest = request && status < 400 ? codec.decodeRequest(request) : SAMPLE_REQUESTS.stream
  return { id: 'exchange-1', model: meta.model, request: canonical }
}

/** A client's body through the codec and back, for a target of the same dialect that the client named itself. */
export function encodeForItself(
  codec: Codec,
  body: JsonObject,
  drop: RequestContext['drop'],
  place = PLACE,
): JsonObject {
  const { model } = codec.inspect(body, Buffer.from(JSON.stringify(body)), place)
  return plain(codec.encodeRequest(codec.decodeRequest(body), { model, drop }))
}

/** Runs what may refuse with a GatewayError, which it returns, and with nothing else. */
export function survives(what: string, run: () => unknown): GatewayError | undefined {
  try {
    run()
  } catch (error) {
    if (GatewayError.is(error)) return error
    throw new Error(`${what}: not a GatewayError but ${String(error)}`, { cause: error })
  }
  return undefined
}

/** What a stream said, and whether its reader takes it for whole. */
export type Read = { parts: StreamPart[]; whole: boolean }

/** Reads a stream that arrives in `pieces`. */
export function read(codec: Codec, ...pieces: readonly Buffer[]): Read {
  const reader = codec.stream.reader()
  const parts: StreamPart[] = []
  for (const piece of pieces) reader.push(piece, parts)
  const whole = reader.end(parts)
  return { parts, whole }
}

/** The bytes of a stream that says `parts`. */
export function write(codec: Codec, parts: readonly StreamPart[], context: ReplyContext): Buffer {
  const writer = codec.stream.writer(context)
  const frames = [...parts.map((part) => writer.push(part)), writer.end()]
  return Buffer.concat(frames.map((frame) => Buffer.from(frame as string)))
}

/** The frames of a stream, one after the other. */
export function framesOf(codec: Codec, stream: Buffer): Buffer[] {
  const cutter = codec.stream.cutter()
  const frames: Buffer[] = []
  for (const piece of byteByByte(stream)) {
    const frame = cutter.push(piece)
    if (frame) frames.push(frame)
  }
  const rest = cutter.end()
  return rest ? [...frames, rest] : frames
}

export function byteByByte(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (_, index) => bytes.subarray(index, index + 1))
}
