import { crc32 } from 'node:zlib'
import { writeHeaders } from './headers.ts'
import { OVERHEAD, PRELUDE } from './message.ts'

/** Writes messages of one kind, whose headers are always the same. */
export type MessageWriter = (json: string) => Buffer

export function eventWriter(type: string): MessageWriter {
  return messageWriter({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' })
}

export function exceptionWriter(type: string): MessageWriter {
  return messageWriter({ ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' })
}

function messageWriter(fields: { readonly [name: string]: string }): MessageWriter {
  const headers = writeHeaders(fields)
  return (json) => {
    const total = OVERHEAD + headers.length + Buffer.byteLength(json)
    const message = Buffer.allocUnsafe(total)
    message.writeUInt32BE(total, 0)
    message.writeUInt32BE(headers.length, 4)
    message.writeUInt32BE(crc32(message.subarray(0, 8)), 8)
    headers.copy(message, PRELUDE)
    message.write(json, PRELUDE + headers.length)
    message.writeUInt32BE(crc32(message.subarray(0, total - 4)), total - 4)
    return message
  }
}
