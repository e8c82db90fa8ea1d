/** So many per span of time, as people write it: `1000/min`, `100k/h`, `5/s`, `1m/day`. */
import { didYouMean, invalidRequest, Type } from '@sluice/core'

const SCALES: { [suffix: string]: number } = { '': 1, k: 1_000, m: 1_000_000 }
/** Milliseconds and full names of spans, by the ways in which they are written. */
const SPANS: { [unit: string]: readonly [ms: number, name: string] } = {
  s: [1_000, 'second'],
  sec: [1_000, 'second'],
  second: [1_000, 'second'],
  m: [60_000, 'minute'],
  min: [60_000, 'minute'],
  minute: [60_000, 'minute'],
  h: [3_600_000, 'hour'],
  hour: [3_600_000, 'hour'],
  d: [86_400_000, 'day'],
  day: [86_400_000, 'day'],
}
const UNITS = Object.keys(SPANS)
const FORM = new RegExp(`^([1-9]\\d{0,11}(?:\\.\\d+)?)([km]?)/([1-9]\\d{0,3})?(${UNITS.join('|')})$`)
/** What the parts of a misspelt rate may have been meant as. */
const LOOSE = /^\s*(\d[\d.,_ ]*?)\s*([km]?)(?:\s*(?:\/|per)\s*(\d*)\s*([a-z]+))?\s*$/i

/** `limit` units in `period` milliseconds; `span` says the period in words, e.g. `minute`, `10 seconds`. */
export interface Rate {
  limit: number
  period: number
  span: string
}

/** Schema of a rate: an amount (`k` thousands, `m` millions), `/`, a span (`s`, `min`, `h`, `day`, `10s`). */
export function RateText(description: string) {
  return Type.Unsafe<string>({
    type: 'string',
    pattern: FORM.source,
    examples: ['1000/min', '100k/h', '5/s', '1m/day'],
    description,
  })
}

/** @throws GatewayError `invalid_request` that says the form, and what may have been meant */
export function parseRate(text: string): Rate {
  const [, amount, scale = '', count = '1', unit = ''] = FORM.exec(text) ?? []
  if (amount === undefined) {
    throw invalidRequest(
      `"${text.slice(0, 40)}" is no rate. Write an amount and a span of time, as "1000/min", "100k/h", "5/s" or "1m/day".${meant(text)}`,
    )
  }
  const [ms, name] = SPANS[unit]!
  return {
    limit: Math.min(Math.floor(Number(amount) * SCALES[scale]!), Number.MAX_SAFE_INTEGER),
    period: Number(count) * ms,
    span: count === '1' ? name : `${count} ${name}s`,
  }
}

function meant(text: string): string {
  const [, amount, scale = '', count = '', unit = ''] = LOOSE.exec(text.slice(0, 40)) ?? []
  if (amount === undefined) return ''
  const word = unit.toLowerCase()
  const near = word === '' ? 'min' : /"(.*)"/.exec(didYouMean(word, UNITS))?.[1]
  const guess = `${amount.replace(/[,_ ]/g, '')}${scale.toLowerCase()}/${count}${near}`
  return near !== undefined && FORM.test(guess) ? ` Did you mean "${guess}"?` : ''
}
