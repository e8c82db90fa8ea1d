/** Rows and sums as operators see them. */
import type { JsonObject } from '@sluice/core'
import type { Row, Sum } from '@sluice/store-kit'
import { dollars } from '@sluice/usage-kit'

/** Fields that are summed up. */
export const TOKENS = [
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'audioTokens',
  'imageTokens',
  'outputTokens',
  'reasoningTokens',
  'outputAudioTokens',
  'outputImageTokens',
] as const
export const COST = 'costNanoUsd'

export function rowView({ id, time, data }: Row): JsonObject {
  const cost = data[COST]
  return { id, time: new Date(time).toISOString(), ...data, costUsd: typeof cost === 'number' ? dollars(cost) : null }
}

/** @param unpriced how many of the rows have no known cost */
export function sumView({ group, time, count, sums }: Sum, unpriced: number): JsonObject {
  const cost = sums[COST] ?? 0
  return {
    group,
    ...(time !== undefined && { time: new Date(time).toISOString() }),
    requests: count,
    unpriced,
    ...Object.fromEntries(TOKENS.map((field) => [field, sums[field] ?? 0])),
    costNanoUsd: cost,
    costUsd: dollars(cost),
  }
}
