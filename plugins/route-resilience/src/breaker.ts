/** The circuit breaker of one target: closed → open → half-open → closed, or open again for longer. */
import type { HealthState } from '@sluice/route-kit'
import { SlidingWindow } from './sliding-window.ts'

/** Milliseconds, but for counts and the rate. */
export interface BreakerSettings {
  consecutive: number
  errorRate: number
  minimum: number
  window: number
  open: number
  longest: number
}

/** `coolFor`: milliseconds for which the upstream asked to be left alone. */
export type Failure = { reason: string; isCertain: boolean; coolFor: number }

/** Who wants it open: whoever saw failures, the upstream that asks to be left alone, or an operator. */
export type Opener = 'failures' | 'upstream' | 'operator'

/** Milliseconds after which a probe of which nothing is heard no longer keeps others from being the next. */
const PROBE_LEASE = 30_000
/** However long an upstream asks to be left alone, it is asked again after so many milliseconds. */
const LONGEST_COOLING = 3_600_000
const CLOSED: HealthState = Object.freeze({ open: false })

export class Breaker {
  readonly #settings: BreakerSettings
  readonly #onChange: () => void
  readonly #window: SlidingWindow
  #consecutive = 0
  /** While it is not closed. */
  #opened: (HealthState & { reason: string; until: number; at: number; by: Opener }) | undefined
  /** Until when a probe is taken to be under way. */
  #probeUntil = 0
  /** How long it was open last, and since when it is closed again. */
  #duration = 0
  #closedAt = 0

  /** @param onChange runs when it has opened, opened again or closed */
  constructor(settings: BreakerSettings, onChange: () => void) {
    this.#settings = settings
    this.#onChange = onChange
    this.#window = new SlidingWindow(settings.window)
  }

  get isClosed(): boolean {
    return this.#opened === undefined
  }

  /** Whether it is open because the upstream asked for it: then waiting helps. */
  get isCooling(): boolean {
    return this.#opened?.by === 'upstream'
  }

  /** Why and until when it is open; until it is closed. */
  get opened(): { reason: string; until: number; by: Opener } | undefined {
    return this.#opened
  }

  phase(now: number): 'closed' | 'open' | 'half-open' {
    if (!this.#opened) return 'closed'
    return now < this.#opened.until ? 'open' : 'half-open'
  }

  /** Whether nobody should call now. */
  isOpen(now: number): boolean {
    return this.#opened !== undefined && (now < this.#opened.until || now < this.#probeUntil)
  }

  state(now: number): HealthState {
    return this.isOpen(now) ? this.#opened! : CLOSED
  }

  errorRate(now: number): number {
    return this.#window.errorRate(now)
  }

  calls(now: number): number {
    return this.#window.calls(now)
  }

  /** Whether to call. Of those who ask while it is half-open, one is let through at a time. */
  claim(now: number): boolean {
    if (this.isOpen(now)) return false
    if (this.#opened) this.#probeUntil = now + PROBE_LEASE
    return true
  }

  /** Nothing came of a probe. */
  release(): void {
    this.#probeUntil = 0
  }

  /** An answer of a call that began then has begun. What an operator has taken out stays out, however well it does. */
  alive(startedAt: number, now: number): void {
    if (this.#isOrdered(now)) return
    // What began before it opened says nothing of how it is now.
    if (this.#opened && startedAt >= this.#opened.at) this.close(now)
  }

  success(startedAt: number, now: number): void {
    this.alive(startedAt, now)
    if (this.#opened) return
    this.#consecutive = 0
    this.#window.add(false, now)
  }

  failure({ reason, isCertain, coolFor }: Failure, startedAt: number, now: number): void {
    const { consecutive, errorRate, minimum } = this.#settings
    this.#window.add(true, now)
    this.#consecutive++
    if (coolFor > 0) return this.#cool(reason, coolFor, now)
    if (this.#opened) {
      if (startedAt >= this.#opened.until) this.#trip(reason, now)
      return
    }
    const isBad = this.#window.calls(now) >= minimum && this.#window.isWorseThan(errorRate, now)
    if (isCertain || isBad || this.#consecutive >= consecutive) this.#trip(reason, now)
  }

  /** Opens it for so long: another process has seen it, or an operator wants it, whose word goes before all others. */
  open(reason: string, duration: number, now: number, by: Opener = 'failures'): void {
    if (by === 'operator' || !this.#isOrdered(now)) this.#set(reason, duration, by, now)
  }

  close(now: number): void {
    if (!this.#opened) return
    this.#opened = undefined
    this.#closedAt = now
    this.#consecutive = 0
    this.#probeUntil = 0
    this.#window.clear()
    this.#onChange()
  }

  #cool(reason: string, coolFor: number, now: number): void {
    const duration = Math.min(coolFor, LONGEST_COOLING)
    if (this.#isOrdered(now) || (this.#opened && now + duration <= this.#opened.until)) return
    this.#set(reason, duration, 'upstream', now)
  }

  /** For twice as long as last time, if that was not long ago. */
  #trip(reason: string, now: number): void {
    const { open, longest } = this.#settings
    const isRelapse = this.#opened !== undefined || now - this.#closedAt < 2 * this.#duration
    this.#duration = isRelapse ? Math.min(longest, Math.max(open, this.#duration * 2)) : open
    this.#set(reason, this.#duration, 'failures', now)
  }

  /** Whether an operator wants it open still. */
  #isOrdered(now: number): boolean {
    return this.#opened?.by === 'operator' && now < this.#opened.until
  }

  #set(reason: string, duration: number, by: Opener, now: number): void {
    this.#opened = Object.freeze({ open: true, reason, until: now + duration, at: now, by })
    this.#probeUntil = 0
    this.#onChange()
  }
}
