/** Vectors as numbers, and as the base64 of their little-endian float32, which is a third of the size. */
import { GatewayError } from '@sluice/core'

/** Bytes of a float32. */
const SIZE = 4

/** @throws GatewayError `upstream_error` if the bytes are no float32 */
export function toFloats(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length % SIZE !== 0)
    throw new GatewayError('upstream_error', 'The upstream sent an embedding whose bytes are no list of float32.')
  return Array.from({ length: bytes.length / SIZE }, (_, index) => bytes.readFloatLE(index * SIZE))
}

/** The inverse of `toFloats`, as exact as float32 is. */
export function toBase64(floats: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(floats.length * SIZE)
  for (const [index, value] of floats.entries()) bytes.writeFloatLE(Number(value), index * SIZE)
  return bytes.toString('base64')
}
