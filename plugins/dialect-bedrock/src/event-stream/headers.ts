/** Headers of a message: length and text of the name, a type, a value. */
import { broken } from './message.ts'

const TEXT = 7
/** Bytes of a value by its type: true, false, byte, short, int, long, bytes, text, time, UUID. -1: its length comes first. */
const SIZES = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16]

/** Name and text of the headers that hold text; others are passed over. @throws GatewayError `upstream_error` */
export function readHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>()
  let at = 0
  const advance = (count: number): number => {
    const start = at
    at += count
    if (at > bytes.length) throw broken('whose headers are longer than they say')
    return start
  }
  while (at < bytes.length) {
    const nameLength = bytes[advance(1)]!
    const nameStart = advance(nameLength)
    const type = bytes[advance(1)]!
    const size = SIZES[type]
    if (size === undefined) throw broken(`with a header of the unknown type ${type}`)
    const length = size === -1 ? bytes.readUInt16BE(advance(2)) : size
    const start = advance(length)
    if (type === TEXT)
      headers.set(bytes.toString('utf8', nameStart, nameStart + nameLength), bytes.toString('utf8', start, at))
  }
  return headers
}

/** Headers that hold text, as bytes. @param headers names of up to 255 bytes, texts of up to 65535 */
export function writeHeaders(headers: { readonly [name: string]: string }): Buffer {
  return Buffer.concat(
    Object.entries(headers).flatMap(([name, value]) => {
      const length = Buffer.byteLength(value)
      const head = Buffer.from([Buffer.byteLength(name), ...Buffer.from(name), TEXT, length >> 8, length & 255])
      return [head, Buffer.from(value)]
    }),
  )
}
