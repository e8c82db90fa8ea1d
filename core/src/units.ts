/** Durations and sizes as people write them in a config. */
import { Type } from 'typebox'

const MS: { [unit: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const BYTES: { [unit: string]: number } = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

const quantity = (units: object, examples: string[]) => (description: string, fallback?: string) =>
  Type.Unsafe<string | number>({
    type: ['string', 'number'],
    pattern: `^\\d+(\\.\\d+)?(${Object.keys(units).join('|')})$`,
    minimum: 0,
    examples,
    description,
    ...(fallback === undefined ? {} : { default: fallback }),
  })

/** Schema of a duration: `150ms`, `30s`, `10m`, `2h`, `1d`, or milliseconds. */
export const Duration = quantity(MS, ['150ms', '30s', '10m'])
/** Schema of a size: `64kb`, `32mb`, or bytes. */
export const Size = quantity(BYTES, ['64kb', '32mb'])

const scaled = (units: { [unit: string]: number }) => (value: string | number) => {
  if (typeof value === 'number') return value
  const [, amount, unit = ''] = /^([\d.]+)(\w+)$/.exec(value) ?? []
  return Math.floor(Number(amount) * units[unit]!)
}

/** Milliseconds of a valid duration. */
export const milliseconds = scaled(MS)
/** Bytes of a valid size. */
export const bytes = scaled(BYTES)
