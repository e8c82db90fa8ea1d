/** When a key's text should be replaced, and when it ends. Milliseconds since the epoch; Infinity for never. */
import { milliseconds } from '@sluice/core'
import type { KeyRecord } from './record.ts'

/** How long an old text works if nobody says otherwise. */
export const DEFAULT_GRACE = '24h'

/** The longest duration that counts, so that what comes after it is still a date. */
const CENTURY = 100 * 365 * 24 * 3_600_000

type Times = Pick<KeyRecord, 'expiresAt' | 'disabled' | 'rotation' | 'rotatedAt' | 'previous'>

export function graceOf({ rotation }: Times): number {
  return span(rotation?.grace ?? DEFAULT_GRACE)
}

/** Milliseconds of a duration. */
export function span(duration: string | number): number {
  return Math.min(milliseconds(duration), CENTURY)
}

/** When the owner should fetch a new text. */
export function dueAt({ rotation, rotatedAt }: Times): number {
  return rotation?.every === undefined ? Infinity : Date.parse(rotatedAt) + span(rotation.every)
}

/** When the current text ends: when the key does, or when nobody has rotated it in time. 0 if it is disabled. */
export function endOf(times: Times): number {
  if (times.disabled === true) return 0
  return Math.min(at(times.expiresAt), dueAt(times) + graceOf(times))
}

/** When the text before ends. 0 if there is none. */
export function endOfPrevious(times: Times): number {
  return times.previous ? Math.min(endOf(times), at(times.previous.until)) : 0
}

/** What is the matter with a key, in one word. */
export function statusOf(times: Times, now: number): 'active' | 'rotation-due' | 'disabled' | 'expired' | 'overdue' {
  if (times.disabled === true) return 'disabled'
  if (at(times.expiresAt) <= now) return 'expired'
  if (endOf(times) <= now) return 'overdue'
  return dueAt(times) <= now ? 'rotation-due' : 'active'
}

function at(moment: string | undefined): number {
  return moment === undefined ? Infinity : Date.parse(moment)
}
