import type { Bucket, Row, Scalar, Sum, Sums } from '@sluice/store-kit'
import { valueOf } from './filter.ts'

const MINUTE = 60_000
const SPANS = { minute: MINUTE, hour: 60 * MINUTE, day: 1440 * MINUTE }

type Group = { time: number | undefined; values: Scalar[]; count: number; totals: number[] }

/** One line a group of those rows that match. */
export function sumOf(rows: Iterable<Row>, matches: (data: Row['data']) => boolean, sums: Sums): Sum[] {
  const { by = [], bucket, fields } = sums
  const groups = new Map<string, Group>()
  for (const { time: at, data } of rows) {
    if (!matches(data)) continue
    const time = bucket && beginningOf(bucket, at)
    const values = by.map((field) => scalarOf(valueOf(data, field)))
    const key = JSON.stringify([time, values])
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { time, values, count: 0, totals: fields.map(() => 0) }))
    group.count++
    for (const [i, field] of fields.entries()) {
      const value = valueOf(data, field)
      if (typeof value === 'number') group.totals[i]! += value
    }
  }
  return [...groups.values()].sort(compare).map(({ time, values, count, totals }) => {
    return { group: paired(by, values), ...(time !== undefined && { time }), count, sums: paired(fields, totals) }
  })
}

/** In UTC. */
function beginningOf(bucket: Bucket, time: number): number {
  if (bucket !== 'month') return Math.floor(time / SPANS[bucket]) * SPANS[bucket]
  const date = new Date(time)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

const scalarOf = (value: Scalar | readonly string[]): Scalar => {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}

// The keys are the caller's: `__proto__` is one like any other here.
const paired = <T>(keys: readonly string[], values: readonly T[]): { [key: string]: T } => {
  return Object.fromEntries(keys.map((key, i) => [key, values[i]!]))
}

function compare(a: Group, b: Group): number {
  if (a.time !== b.time) return (a.time ?? 0) - (b.time ?? 0)
  for (const [i, value] of a.values.entries()) {
    const order = compareScalars(value, b.values[i]!)
    if (order !== 0) return order
  }
  return 0
}

const RANKS = ['object', 'boolean', 'number', 'string']

/** Null first, then booleans, numbers, strings. */
function compareScalars(a: Scalar, b: Scalar): number {
  if (a === b) return 0
  const rank = RANKS.indexOf(typeof a) - RANKS.indexOf(typeof b)
  return rank === 0 ? (a! < b! ? -1 : 1) : rank
}
