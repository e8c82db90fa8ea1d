/** What is used up of one key, and how that comes back. */
import type { Claim, Level } from './counters.ts'
import { multiplyDivide, multiplyModulo } from './exact.ts'

export interface Meter {
  readonly kind: Claim['kind']
  readonly key: string
  /** Units that are taken; more than the limit if it is overdrawn. */
  used: number
  /** Those of them that open leases took. */
  held: number
  /** Of a bucket: parts of a unit that have come back already; `period` parts are a unit. */
  credit: number
  period: number
  /** When it was looked at last. */
  at: number
  /** When nothing is used of it any more; Infinity if that cannot be told. */
  until: number
}

/** Milliseconds after which a slot may be free: nobody knows. */
const SLOT_WAIT = 1000

export const meterOf = ({ kind, key }: Claim, at: number): Meter => {
  return { kind, key, used: 0, held: 0, credit: 0, period: 1, at, until: Infinity }
}

/** Gives back what time gives back. A clock that was set back gives nothing, and runs on from there. */
export function refill(meter: Meter, claim: Claim, now: number): void {
  const elapsed = now - meter.at
  meter.at = now
  if (claim.kind === 'window') {
    if (meter.until <= now) meter.used = 0
  } else if (claim.kind === 'bucket') {
    const { limit, period } = claim
    if (meter.period !== period) {
      meter.period = period
      meter.credit = 0
    }
    if (elapsed <= 0) return
    const back = multiplyDivide(elapsed, limit, meter.credit, period)
    if (back >= meter.used) meter.used = 0
    else {
      meter.credit = multiplyModulo(elapsed, limit, meter.credit, period)
      meter.used -= back
    }
  }
}

/** Changes what is used by so much. */
export function charge(meter: Meter, claim: Claim, units: number): void {
  meter.used = Math.min(Math.max(0, meter.used + units), Number.MAX_SAFE_INTEGER)
  if (claim.kind === 'window') meter.until = claim.until
  else if (claim.kind === 'bucket') meter.until = meter.at + (meter.used === 0 ? 0 : waitForUse(meter, claim, 0))
}

/** Milliseconds until a claim fits: 0 if it does, Infinity if it never will. */
export function waitFor(meter: Meter, claim: Claim): number {
  const { amount, limit } = claim
  if (amount > limit) return Infinity
  return meter.used + amount <= limit ? 0 : waitForUse(meter, claim, limit - amount)
}

/** Of a meter that has just been refilled; undefined is one of which nothing is used. */
export function levelOf(meter: Meter | undefined, claim: Claim): Level {
  if (!meter || meter.used === 0) return { remaining: claim.limit, reset: 0 }
  return { remaining: Math.max(0, claim.limit - meter.used), reset: waitForUse(meter, claim, 0) }
}

/** Milliseconds until no more than `rest` units are used, of which there are more. */
function waitForUse(meter: Meter, claim: Claim, rest: number): number {
  if (claim.kind === 'slots') return SLOT_WAIT
  if (claim.kind === 'window') return meter.until - meter.at
  const { limit, period } = claim
  // Rounded up: a part of a unit is none.
  return limit === 0 ? Infinity : multiplyDivide(meter.used - rest, period, limit - 1 - meter.credit, limit)
}

/** @throws TypeError if a claim cannot be counted with */
export function assertClaim(claim: Claim): void {
  assertAmount(claim.amount)
  if (!Number.isSafeInteger(claim.limit) || claim.limit < 0) refuse('limit', claim.limit)
  if (claim.kind === 'bucket' && !(Number.isSafeInteger(claim.period) && claim.period > 0))
    refuse('period', claim.period)
  if (claim.kind === 'window' && Number.isNaN(claim.until)) refuse('until', claim.until)
}

/** @throws TypeError unless it is a whole number that is not negative */
export function assertAmount(amount: number | undefined): void {
  if (!Number.isInteger(amount) || amount! < 0) refuse('amount', amount)
}

function refuse(name: string, value: unknown): never {
  throw new TypeError(`The ${name} of a claim cannot be ${String(value)}: use a whole number from 0 (a period from 1).`)
}
