/** Numbers and texts that fit a JSON Schema. */
import type { JsonObject } from '@sluice/core'

/** Characters of a text at most, whatever the schema wants. */
const MAX_LENGTH = 1_000

const FORMATS: { readonly [format: string]: string } = {
  date: '2025-01-01',
  'date-time': '2025-01-01T00:00:00Z',
  time: '00:00:00Z',
  duration: 'P1D',
  email: 'user@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
}

/** `text`, repeated or cut to the wanted length; of a format, an example of it. */
export function stringFor({ format, minLength, maxLength }: JsonObject): string {
  if (typeof format === 'string' && Object.hasOwn(FORMATS, format)) return FORMATS[format]!
  const atLeast = Math.min(numeric(minLength) ?? 0, MAX_LENGTH)
  const length = Math.max(0, Math.min(Math.max(4, atLeast), numeric(maxLength) ?? MAX_LENGTH))
  return 'text'.repeat(MAX_LENGTH / 4).slice(0, length)
}

/** 1, or the number nearest to it that the bounds allow: a multiple of the step, or else what lies between the bounds. */
export function numberFor({ multipleOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonObject): number {
  const step = Math.abs(numeric(multipleOf) ?? 0) || 1
  const least = numeric(minimum) ?? Number.NEGATIVE_INFINITY
  const most = numeric(maximum) ?? Number.POSITIVE_INFINITY
  const above = numeric(exclusiveMinimum) ?? Number.NEGATIVE_INFINITY
  const below = numeric(exclusiveMaximum) ?? Number.POSITIVE_INFINITY
  const low = Math.max(Math.ceil(least / step), Math.floor(above / step) + 1) * step
  const high = Math.min(Math.floor(most / step), Math.ceil(below / step) - 1) * step
  if (low > high) return (Math.max(least, above) + Math.min(most, below)) / 2
  return Math.min(Math.max(Math.ceil(1 / step) * step, low), high)
}

function numeric(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
