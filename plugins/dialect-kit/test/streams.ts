/** Event streams of every shape, and ways to cut them. */
import fc from 'fast-check'

const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
  fc.constantFrom('data:{"a":1}', 'data', 'event: delta', ': comment', 'id: 7', 'retry: 5', 'other: x', ''),
)

/** Text of a stream whose line ends are mixed and which may stop anywhere. */
export const eventStream: fc.Arbitrary<string> = fc
  .array(fc.tuple(line, lineEnd), { maxLength: 30 })
  .map((lines) => lines.flat().join(''))

/** `bytes` cut into pieces of the sizes that `sizes` gives; empty ones among them. */
export function pieces(bytes: Buffer, sizes: Iterator<number>): Buffer[] {
  const cut: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const size = sizes.next().value as number
    cut.push(bytes.subarray(at, at + size))
    at += size
  }
  return cut
}
