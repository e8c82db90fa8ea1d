/** AWS event streams in both directions: binary messages with headers and two checksums each. */
import type { Framing } from '@sluice/dialect-kit'
import { MessageCutter } from './cutter.ts'
import { CONTENT_TYPE } from './message.ts'
import { MessageReader } from './reader.ts'

export { EXCEPTION } from './reader.ts'
export { eventWriter, exceptionWriter } from './writer.ts'
export type { MessageWriter } from './writer.ts'

/** There is nothing in the format that clients would ignore, and so no heartbeat. */
export const eventStream: Framing = {
  contentType: CONTENT_TYPE,
  reader: () => new MessageReader(),
  cutter: () => new MessageCutter(),
  firstEnd: (bytes) => endOf(bytes, 0),
  startBefore(bytes, at) {
    let start = 0
    for (let end = endOf(bytes, 0); end <= at && end < bytes.length; end = endOf(bytes, start)) start = end
    return start
  },
}

/** Where the message that starts at `start` ends, by its own word; the length of `bytes` if it does not. */
function endOf(bytes: Buffer, start: number): number {
  const length = bytes.length - start < 4 ? 0 : bytes.readUInt32BE(start)
  return length === 0 ? bytes.length : Math.min(bytes.length, start + length)
}
