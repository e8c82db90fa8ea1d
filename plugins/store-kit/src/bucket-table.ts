/** `Counters` in the memory of one process, where a call is over before the next begins. */
import type { Claim, Level, Reservation } from './counters.ts'
import { assertAmount, assertClaim, charge, levelOf, meterOf, refill, waitFor } from './meter.ts'
import type { Meter } from './meter.ts'
import type { RemoteCounters, Rest } from './remote-counters.ts'
import { ShortLived } from './short-lived.ts'

/** What is to be kept of a key, without what open leases hold; to be forgotten if nothing is `used`. */
export type MeterState = Pick<Meter, 'key' | 'used' | 'credit' | 'period' | 'at' | 'until'> & {
  kind: 'bucket' | 'window'
}

type Lease = { readonly peer: string; readonly claims: readonly Claim[]; readonly meters: readonly Meter[] }

/** Meters of one kind, and those of them that are looked at next when memory is swept. */
type Shelf = { readonly meters: Map<string, Meter>; sweep: MapIterator<Meter> }

const shelf = (): Shelf => {
  const meters = new Map<string, Meter>()
  return { meters, sweep: meters.values() }
}

/**
 * Exact: units are whole, and what a bucket has refilled is kept to the fraction. What a lease did not need goes back
 * to where it came from: not to a key that was reset, nor to one that has been whole since. A call takes the same time
 * however many keys and leases there are; a key of which nothing is used takes no memory.
 */
export class BucketTable implements RemoteCounters {
  readonly #now: () => number
  readonly #shelves = { bucket: shelf(), window: shelf(), slots: shelf() }
  readonly #leases = new ShortLived<string, Lease>()
  #dirty: Set<Meter> | undefined

  /** @param now milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /**
   * @param peer who holds the lease
   * @throws TypeError if the lease is held already, or a claim has a number that cannot be counted with
   */
  reserve(lease: string, claims: readonly Claim[], peer = ''): Reservation {
    if (this.#leases.has(lease)) throw new TypeError(`The lease ${JSON.stringify(lease)} is held already.`)
    for (const claim of claims) assertClaim(claim)
    const now = this.#time()
    const meters: Meter[] = []
    let short = -1
    let retryAfter = 0
    let taken = 0
    for (const claim of claims) {
      const meter = this.#meter(claim, now)
      const wait = waitFor(meter, claim)
      if (wait > retryAfter) {
        short = meters.length
        retryAfter = wait
      }
      meters.push(meter)
      if (short >= 0) continue
      meter.held += claim.amount
      charge(meter, claim, claim.amount)
      taken++
    }
    const granted = short < 0
    if (granted) this.#leases.set(lease, { peer, claims, meters })
    else this.#giveBack(claims, meters, taken)
    const levels: Level[] = []
    for (let i = 0; i < claims.length; i++) {
      this.#forgetIfUnused(meters[i]!, now)
      levels.push(levelOf(meters[i], claims[i]!))
    }
    return { granted, levels, short, retryAfter }
  }

  /** The claims are those of the reservation. @throws TypeError if an amount cannot be counted with */
  settle(lease: string, _claims: readonly Claim[], amounts: readonly number[], rest?: Rest): void {
    const held = this.#leases.get(lease)
    if (!held) return
    for (let i = 0; i < held.claims.length; i++) assertAmount(amounts[i])
    const { peer, claims, meters } = held
    const kept = rest && !this.#leases.has(rest.lease) ? claims.map((claim, i) => keep(claim, rest.amounts[i])) : []
    this.#end(lease, held, amounts, kept)
    if (rest && kept.length > 0) this.#leases.set(rest.lease, { peer, claims: kept, meters })
  }

  read(claims: readonly Claim[]): Level[] {
    const now = this.#time()
    return claims.map((claim) => levelOf(this.#find(claim, now), claim))
  }

  reset(key: string): void {
    for (const { meters } of Object.values(this.#shelves)) {
      const meter = meters.get(key)
      if (meter) this.#forget(meter)
    }
  }

  /** Gives back whatever the leases of a peer hold. */
  dropPeer(peer: string): void {
    for (const [lease, held] of this.#leases) if (held.peer === peer) this.#end(lease, held, [], [])
  }

  /** Takes up what was kept; from now on `dirty` tells what is to be. */
  load(states: Iterable<MeterState>): void {
    for (const state of states) this.#shelves[state.kind].meters.set(state.key, { ...state, held: 0 })
    this.#dirty = new Set()
  }

  /** What is to be kept of the keys that changed since `load`, or since this was last asked. */
  dirty(): MeterState[] {
    const changed = [...(this.#dirty ?? [])]
    this.#dirty?.clear()
    return changed.map(({ kind, key, used, held, credit, period, at, until }) => {
      return { kind: kind as MeterState['kind'], key, used: Math.max(0, used - held), credit, period, at, until }
    })
  }

  #time(): number {
    return Math.floor(this.#now())
  }

  /** Takes back what the first claims took a moment ago. */
  #giveBack(claims: readonly Claim[], meters: readonly Meter[], count: number): void {
    for (let i = 0; i < count; i++) {
      meters[i]!.held -= claims[i]!.amount
      charge(meters[i]!, claims[i]!, -claims[i]!.amount)
    }
  }

  /** @param kept what is held on of the claims */
  #end(lease: string, { claims, meters }: Lease, amounts: readonly number[], kept: readonly Claim[]): void {
    this.#leases.delete(lease)
    const now = this.#time()
    for (let i = 0; i < claims.length; i++) {
      const claim = claims[i]!
      const source = meters[i]!
      const rest = kept[i]?.amount ?? 0
      const more = (claim.kind === 'slots' ? 0 : (amounts[i] ?? 0)) + rest - claim.amount
      source.held += rest - claim.amount
      const current = this.#find(claim, now)
      if (current !== source && more <= 0) continue
      const meter = current ?? this.#meter(claim, now)
      charge(meter, claim, more)
      this.#mark(meter)
      this.#forgetIfUnused(meter, now)
    }
  }

  /** One of which something is used, refilled. */
  #find(claim: Claim, now: number): Meter | undefined {
    const meter = this.#shelves[claim.kind].meters.get(claim.key)
    if (!meter) return undefined
    refill(meter, claim, now)
    if (meter.used > 0) return meter
    this.#forget(meter)
    return undefined
  }

  #meter(claim: Claim, now: number): Meter {
    // A claim of nothing, or one that is named twice, finds a meter that is not used yet.
    const found = this.#find(claim, now)
    if (found) return found
    this.#sweep(this.#shelves[claim.kind], now)
    const meter = meterOf(claim, now)
    this.#shelves[claim.kind].meters.set(claim.key, meter)
    return meter
  }

  #forgetIfUnused(meter: Meter, now: number): void {
    if (meter.used === 0 || meter.until <= now) this.#forget(meter)
  }

  #forget(meter: Meter): void {
    const { meters } = this.#shelves[meter.kind]
    if (meters.get(meter.key) === meter) meters.delete(meter.key)
    meter.used = 0
    this.#mark(meter)
  }

  #mark(meter: Meter): void {
    if (meter.kind !== 'slots') this.#dirty?.add(meter)
  }

  /** Every new key pays for a look at two old ones, so that there are never many more than are in use. */
  #sweep(shelf: Shelf, now: number): void {
    for (let i = 0; i < 2; i++) {
      const next = shelf.sweep.next()
      if (next.done) shelf.sweep = shelf.meters.values()
      else if (next.value.until <= now) this.#forget(next.value)
    }
  }
}

function keep(claim: Claim, amount: number | undefined): Claim {
  assertAmount(amount)
  return { ...claim, amount: amount! }
}
