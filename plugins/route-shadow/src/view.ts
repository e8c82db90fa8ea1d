/** Rows as operators see them. */
import type { JsonObject } from '@sluice/core'
import type { Row } from '@sluice/store-kit'
import { dollars } from '@sluice/usage-kit'
import type { Comparison } from './comparison.ts'

/** Fields that only sums need. */
const INNER = new Set(['measured', 'timed', 'counted', 'priced', 'compared', 'judged', 'unjudged'])

/** Similarity from 0 to 1, money in dollars. */
export function comparisonView(data: Comparison): JsonObject {
  return Object.fromEntries(
    Object.entries(data).flatMap(([field, value]): [string, unknown][] => {
      if (INNER.has(field) || field.endsWith('Bin')) return []
      if (field === 'similarity') return [[field, Number(value) / 1000]]
      if (/costNanoUsd$/i.test(field)) return [[field.replace('NanoUsd', 'Usd'), dollars(Number(value))]]
      return [[field, value]]
    }),
  )
}

export function rowView({ id, time, data }: Row): JsonObject {
  return { id, time: new Date(time).toISOString(), ...comparisonView(data) }
}
