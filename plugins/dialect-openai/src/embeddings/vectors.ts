/** Vectors as numbers, and as the base64 of their little-endian float32, which is a third of the size. */
import { GatewayError } from '@sluice/core'

const BYTES = 4

/** @throws GatewayError `upstream_error` if it cannot be float32 */
export function toFloats(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length % BYTES !== 0)
    throw new GatewayError('upstream_error', 'The upstream sent an embedding whose base64 is no list of float32.')
  return Array.from({ length: bytes.length / BYTES }, (_, index) => bytes.readFloatLE(index * BYTES))
}

export function toBase64(floats: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(floats.length * BYTES)
  for (const [index, value] of floats.entries()) bytes.writeFloatLE(Number(value), index * BYTES)
  return bytes.toString('base64')
}
