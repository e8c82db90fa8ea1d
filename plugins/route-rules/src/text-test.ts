import { globs, Type } from '@sluice/core'
import type { Static } from '@sluice/core'

const Pattern = Type.String({ maxLength: 500 })

/** Schema of what a header or a field is compared with. */
export const TextPattern = Type.Union([Type.Boolean(), Pattern, Type.Array(Pattern, { minItems: 1, maxItems: 100 })])
export type TextPattern = Static<typeof TextPattern>

/**
 * `true` asks for any value, `false` for none; of texts one must be the value, where `*` stands for any run of
 * characters. Numbers and booleans are compared as texts; of a list, one element must fit.
 */
export function compileText(pattern: TextPattern): (value: unknown) => boolean {
  if (typeof pattern === 'boolean') return (value) => isThere(value) === pattern
  const fits = globs(typeof pattern === 'string' ? [pattern] : pattern)
  const fitsOne = (value: unknown): boolean =>
    typeof value === 'string' ? fits(value) : isScalar(value) && fits(String(value))
  return (value) => (Array.isArray(value) ? value.some(fitsOne) : fitsOne(value))
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}

function isScalar(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}
