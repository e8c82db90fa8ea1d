/** Calls of a codec as the kernel makes them. */
import { GatewayError } from '@sluice/core'
import type { Codec, ErrorCode, JsonObject, RequestContext, StreamPart } from '@sluice/core'
import { sseFrame } from '../sse.ts'
import type { Frame, Framing } from '../stream-codec.ts'
import { reply } from './canonical.ts'

/** What goes up for a request. */
export interface Encoded {
  body: JsonObject
  /** What was reported, with the reasons. */
  dropped: { [param: string]: string }
}

/** A request of any operation, encoded for a model. */
export function encodeWith<Q>(
  codec: { encodeRequest: (request: Q, context: RequestContext) => JsonObject },
  model: string,
  request: Q,
): Encoded {
  const dropped: { [param: string]: string } = {}
  const drop = (param: string, why: string): void => {
    dropped[param] = why
  }
  return { body: plain(codec.encodeRequest(request, { model, drop })), dropped }
}

/** As it is once it has been sent. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

/** What a stream says, and whether its reader takes it for whole. */
export function readStream({ stream }: Codec, bytes: string | Buffer): { parts: StreamPart[]; whole: boolean } {
  const reader = stream.reader()
  const parts: StreamPart[] = []
  reader.push(Buffer.from(bytes), parts)
  return { whole: reader.end(parts), parts }
}

/** The bytes of a stream that says `parts`. */
export function writeStream({ stream }: Codec, parts: readonly StreamPart[]): Buffer {
  const writer = stream.writer(reply)
  const frames = [...parts.map((part) => writer.push(part)), writer.end()]
  return Buffer.concat(frames.map((frame) => Buffer.from(frame as string)))
}

/** The frames of a stream. */
export function framesOf(framing: Framing, bytes: string | Buffer): Frame[] {
  const frames: Frame[] = []
  const reader = framing.reader()
  reader.push(Buffer.from(bytes), frames)
  reader.end(frames)
  return frames
}

/** An event of a dialect whose frames are named by the `type` of the event in them. */
export function typedFrame(event: JsonObject): string {
  return sseFrame(JSON.stringify(event), String(event.type))
}

/** The event in such a frame. @throws Error if the frame has another name */
export function typedEvent({ event, data }: Frame): JsonObject {
  const value = JSON.parse(data) as JsonObject
  if (value.type !== event) throw new Error(`a frame named ${event} holds ${data}`)
  return value
}

/** Runs what may refuse with a GatewayError, of `code` if one is given. @throws what else it threw */
export function survives<T>(run: () => T, code?: ErrorCode): T | undefined {
  try {
    return run()
  } catch (error) {
    if (!GatewayError.is(error) || (code ?? error.code) !== error.code) throw error
    return undefined
  }
}
