/**
 * AWS's event stream, read and written the plain way: two lengths and their CRC, headers of text, a payload of
 * JSON, the CRC of it all (https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html).
 */
import { crc32 } from 'node:zlib'
import type { Json } from './oracle/json.ts'

export interface EventMessage {
  /** `:event-type`, `:message-type`, …: all are texts. */
  headers: { readonly [name: string]: string }
  payload: Json
}

const PRELUDE = 12
const CRC = 4
/** Type of a header's value, the only one in these streams. */
const TEXT = 7

/** @throws Error if a frame is cut off, a CRC is wrong, or a header is no text */
export function parseEventStream(bytes: Buffer): EventMessage[] {
  const messages: EventMessage[] = []
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.length - at
    if (rest < PRELUDE + CRC || rest < bytes.readUInt32BE(at)) throw new Error('the event stream ends within a frame')
    const frame = bytes.subarray(at, at + bytes.readUInt32BE(at))
    messages.push(parseFrame(frame))
    at += frame.length
  }
  return messages
}

function parseFrame(frame: Buffer): EventMessage {
  const end = frame.length - CRC
  if (crc32(frame.subarray(0, PRELUDE - CRC)) !== frame.readUInt32BE(PRELUDE - CRC))
    throw new Error('the CRC of a prelude is wrong')
  if (crc32(frame.subarray(0, end)) !== frame.readUInt32BE(end)) throw new Error('the CRC of a frame is wrong')
  const body = PRELUDE + frame.readUInt32BE(4)
  if (body > end) throw new Error('the headers are longer than their frame')
  return {
    headers: parseHeaders(frame.subarray(PRELUDE, body)),
    payload: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(frame.subarray(body, end))) as Json,
  }
}

function parseHeaders(bytes: Buffer): { [name: string]: string } {
  const headers: { [name: string]: string } = {}
  for (let at = 0; at < bytes.length;) {
    const name = bytes.toString('utf8', at + 1, at + 1 + bytes.readUInt8(at))
    at += 1 + bytes.readUInt8(at)
    if (bytes.readUInt8(at) !== TEXT) throw new Error(`the header ${name} is no text`)
    const length = bytes.readUInt16BE(at + 1)
    headers[name] = bytes.toString('utf8', at + 3, at + 3 + length)
    at += 3 + length
  }
  return headers
}

/** One frame. */
export function eventMessage(headers: EventMessage['headers'], payload: Json): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)))
  const body = Buffer.from(JSON.stringify(payload))
  const prelude = Buffer.alloc(PRELUDE)
  prelude.writeUInt32BE(PRELUDE + head.length + body.length + CRC, 0)
  prelude.writeUInt32BE(head.length, 4)
  prelude.writeUInt32BE(crc32(prelude.subarray(0, PRELUDE - CRC)), PRELUDE - CRC)
  const frame = Buffer.concat([prelude, head, body])
  return Buffer.concat([frame, uint32(crc32(frame))])
}

/** A frame of the kind that Bedrock's streams consist of. */
export function bedrockEvent(type: string, payload: Json): Buffer {
  return eventMessage({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, payload)
}

function header(name: string, value: string): Buffer {
  const length = Buffer.alloc(3)
  length.writeUInt8(TEXT, 0)
  length.writeUInt16BE(Buffer.byteLength(value), 1)
  return Buffer.concat([Buffer.from([Buffer.byteLength(name)]), Buffer.from(name), length, Buffer.from(value)])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
