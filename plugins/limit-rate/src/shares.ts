/**
 * Limits that are divided among classes. Each class has a counter of its own share, and what is not shared out has
 * one for all; together they are the limit, so that it holds whatever is borrowed. A request takes from its own share
 * first, then from what is for all, then borrows from the other classes, the least urgent first, of each only until
 * the part `saturation` of its share is in use. So a class that asks for no more than (1 - saturation) of its share at
 * once, and its share per period in the long run, is never refused because of another one.
 */
import { PRIORITIES } from '@sluice/limit-kit'
import type { Priority } from '@sluice/limit-kit'
import type { Claim, Level, Reservation } from '@sluice/store-kit'
import { claimOn } from './count.ts'
import type { Count } from './count.ts'
import type { Demand } from './demand.ts'
import type { Of } from './used.ts'

/** A counter that a class may take from: `keep` units must be left in it. */
type Source = { claim: Claim; keep: number }
/** Claims in portions, or why there are none. In both cases how the limits of the demand stand then. */
export type Portions = { claims: Claim[]; of: Of[]; reservation: Reservation }

/** Milliseconds after which a place among those served at once may be free. */
const SLOT_WAIT = 1000

/** What a request of a class asks of limits of which some are divided. */
export class DividedDemand {
  readonly #demand: Demand
  /** Of each claim; none if its limit is not divided. */
  readonly #sources: readonly (readonly Source[])[]

  constructor(demand: Demand, priority: Priority) {
    this.#demand = demand
    this.#sources = demand.claims.map(({ key }, index) => sourcesOf(demand.counts[index]!, key, priority))
  }

  /** Whose levels `portions` must know, in this order. */
  get read(): Claim[] {
    return this.#sources.flatMap((sources) => sources.map(({ claim }) => claim))
  }

  /** Divides what is asked for, as the levels are. */
  portions(levels: readonly Level[]): Portions {
    const { claims, counts } = this.#demand
    const result: Portions = {
      claims: [],
      of: [],
      reservation: { granted: true, levels: [], short: -1, retryAfter: 0 },
    }
    let at = 0
    claims.forEach((claim, index) => {
      const count = counts[index]!
      const sources = this.#sources[index]!
      if (sources.length === 0) {
        result.claims.push(claim)
        result.of.push(count)
        result.reservation.levels.push({ remaining: claim.limit, reset: 0 })
        return
      }
      const { portions, wait, left, reset } = divide(
        count,
        sources,
        levels.slice(at, at + sources.length),
        claim.amount,
      )
      at += sources.length
      portions.forEach((portion, place) => {
        result.claims.push(portion)
        result.of.push(place === 0 ? count : undefined)
      })
      result.reservation.levels.push({ remaining: wait > 0 ? left : left - claim.amount, reset })
      if (wait > result.reservation.retryAfter)
        result.reservation = { ...result.reservation, granted: false, short: index, retryAfter: wait }
    })
    return result
  }

  /** What was said of the portions, in terms of the demand. */
  answer({ of, reservation }: Portions, said: Reservation): Reservation {
    const levels = [...reservation.levels]
    let index = -1
    let short = -1
    of.forEach((count, place) => {
      if (count) index++
      if (count && !count.rule.shares) levels[index] = said.levels[place]!
      if (place === said.short) short = index
    })
    return { granted: said.granted, levels, short, retryAfter: said.retryAfter }
  }
}

/** The counters of a divided limit in the order in which a class takes from them. */
function sourcesOf(count: Count, key: string, priority: Priority): Source[] {
  const { shares } = count.rule
  if (!shares) return []
  // A product of binary fractions may come to a little less than it is.
  const size = (name: Priority): number => Math.floor(count.limit * shares.of[name] + 1e-6)
  const rest = count.limit - PRIORITIES.reduce((sum, name) => sum + size(name), 0)
  const source = (name: string, limit: number, keep = 0): Source => {
    return { claim: claimOn({ ...count, limit }, `${key}|${name}`, 0), keep }
  }
  const others = PRIORITIES.filter((name) => name !== priority).reverse()
  return [
    source(priority, size(priority)),
    source('all', rest),
    ...others.map((name) => source(name, size(name), Math.ceil(size(name) * (1 - shares.saturation) - 1e-6))),
  ].filter(({ claim }) => claim.limit > 0)
}

/** `wait`: milliseconds, 0 if all is there, Infinity if never. `left`: what is there. */
type Division = { portions: Claim[]; wait: number; left: number; reset: number }

function divide(count: Count, sources: readonly Source[], levels: readonly Level[], amount: number): Division {
  const division: Division = { portions: [], wait: 0, left: 0, reset: 0 }
  let missing = amount
  let most = 0
  sources.forEach(({ claim, keep }, index) => {
    const { remaining, reset } = levels[index]!
    const free = Math.max(0, remaining - keep)
    const portion = Math.min(free, missing)
    if (portion > 0) division.portions.push({ ...claim, amount: portion })
    missing -= portion
    most += claim.limit - keep
    division.left += free
    division.reset = Math.max(division.reset, reset)
  })
  if (missing > 0) division.wait = amount > most ? Infinity : waitFor(count, missing)
  return division
}

function waitFor({ limit, period }: Count, missing: number): number {
  return period === 0 ? SLOT_WAIT : Math.max(1, Math.ceil((missing * period) / limit))
}
