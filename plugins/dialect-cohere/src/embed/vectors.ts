/** One vector in the form a client asked for, where the provider gave another that says the same. */
import { GatewayError } from '@sluice/core'
import type { Embedding } from '@sluice/core'

/** Bytes of a float32. */
const SIZE = 4

/**
 * `float` and `base64` are made from one another; the smaller forms are not made from anything, since
 * each provider rounds by rules of its own.
 * @returns undefined if the embedding cannot be had in this form
 * @throws GatewayError `upstream_error` if its bytes are no floats
 */
export function vectorAs({ values }: Embedding, format: string): number[] | string | undefined {
  const given = values[format]
  if (given !== undefined) return given
  const { float, base64 } = values
  if (format === 'base64' && Array.isArray(float)) return bytesOf(float)
  if (format === 'float' && typeof base64 === 'string') return floatsIn(base64)
  return undefined
}

function bytesOf(floats: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(floats.length * SIZE)
  for (let i = 0; i < floats.length; i++) bytes.writeFloatLE(floats[i]!, i * SIZE)
  return bytes.toString('base64')
}

function floatsIn(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length % SIZE !== 0)
    throw new GatewayError('upstream_error', 'The upstream sent an embedding whose bytes are no floats.')
  return Array.from({ length: bytes.length / SIZE }, (_, i) => bytes.readFloatLE(i * SIZE))
}
