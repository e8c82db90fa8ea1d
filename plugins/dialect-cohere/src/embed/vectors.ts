/** One vector in the form a client asked for, where the provider gave another that says the same. */
import type { Embedding } from '@sluice/core'
import { toBase64, toFloats } from '@sluice/dialect-kit'

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
  if (format === 'base64' && Array.isArray(float)) return toBase64(float)
  if (format === 'float' && typeof base64 === 'string') return toFloats(base64)
  return undefined
}
