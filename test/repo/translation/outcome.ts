/** What becomes of something that a client asks for. */
import { GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { added } from './leaves.ts'
import { places } from './marks.ts'
import type { Marks } from './marks.ts'
import { sent } from './sending.ts'
import type { Dropped, Pair } from './sending.ts'

export type Outcome =
  | { kind: 'carried'; places: readonly string[]; dropped: readonly Dropped[] }
  /** Said by saying less than without it. */
  | { kind: 'removed'; paths: readonly string[] }
  | { kind: 'dropped'; dropped: readonly Dropped[] }
  | { kind: 'refused'; message: string }
  /** Nothing is said, and nothing is reported. */
  | { kind: 'silent' }

export interface RequestRow {
  name: string
  /** How the client says it. */
  said: readonly string[]
  outcome: Outcome
  /** Whether nothing is lost where nothing is said. */
  isDispensable: boolean
}

/** A client's request with and without a feature. */
export interface Bodies {
  body: JsonObject
  base: JsonObject
}

/** Sends both, and compares what arrives. */
export function outcomeOf({ body, base }: Bodies, pair: Pair, marks: Marks): Outcome {
  try {
    const [plain, { wire, dropped }] = [sent(base, pair), sent(body, pair)]
    const found = places(added(wire, plain.wire), marks)
    const known = new Set(plain.dropped.map(({ param }) => param))
    const lost = dropped.filter(({ param }) => !known.has(param))
    if (found.length > 0) return { kind: 'carried', places: found, dropped: lost }
    const removed = added(plain.wire, wire)
    if (removed.length > 0 && lost.length === 0) return { kind: 'removed', paths: removed.map(({ path }) => path) }
    // Some clients cannot but say a thing, only in another way: then it is lost with and without the feature.
    return dropped.length > 0 ? { kind: 'dropped', dropped: lost.length > 0 ? lost : dropped } : { kind: 'silent' }
  } catch (error) {
    if (GatewayError.is(error) && error.status < 500) return { kind: 'refused', message: error.message }
    throw error
  }
}
