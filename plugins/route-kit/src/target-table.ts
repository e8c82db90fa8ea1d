import type { Target } from '@sluice/core'

type Pair = Pick<Target, 'provider' | 'model'>

/** Milliseconds between two looks for what nobody uses any more. */
const SWEEP_INTERVAL = 60_000

/**
 * What is remembered of targets, each made at its first use. Found without making a name, as by every exchange.
 * Clients may name any model of a provider: what has not been used for `life` is forgotten, and so is all, if it
 * becomes more than `most`.
 */
export class TargetTable<T> {
  readonly #make: (target: Pair) => T
  readonly #life: number
  readonly #most: number
  /** By provider, then by model. */
  readonly #entries = new Map<string, Map<string, { value: T; usedAt: number }>>()
  #size = 0
  #generation = 0
  #sweepAt = -Infinity

  /** @param life milliseconds */
  constructor(make: (target: Pair) => T, { life = 3_600_000, most = 20_000 }: { life?: number; most?: number } = {}) {
    this.#make = make
    this.#life = life
    this.#most = most
  }

  get size(): number {
    return this.#size
  }

  /** Another number whenever something was forgotten: until then, what was found may be kept and used. */
  get generation(): number {
    return this.#generation
  }

  /** @param now on the clock of `RouteClock` */
  get(target: Pair, now: number): T {
    const entry = this.#entries.get(target.provider)?.get(target.model)
    if (!entry) return this.#add(target, now)
    entry.usedAt = now
    return entry.value
  }

  /** Without making it, and without its counting as used. */
  peek({ provider, model }: Pair): T | undefined {
    return this.#entries.get(provider)?.get(model)?.value
  }

  #add(target: Pair, now: number): T {
    if (now >= this.#sweepAt || this.#sweepAt - now > SWEEP_INTERVAL) this.#sweep(now)
    if (this.#size >= this.#most) {
      this.#entries.clear()
      this.#size = 0
      this.#generation++
    }
    const { provider, model } = target
    const models = this.#entries.get(provider) ?? new Map<string, { value: T; usedAt: number }>()
    this.#entries.set(provider, models)
    const value = this.#make({ provider, model })
    models.set(model, { value, usedAt: now })
    this.#size++
    return value
  }

  /** Also whatever was used in a future, before the clock was set back. */
  #sweep(now: number): void {
    this.#sweepAt = now + SWEEP_INTERVAL
    for (const [provider, models] of this.#entries) {
      for (const [model, { usedAt }] of models) {
        if (Math.abs(now - usedAt) <= this.#life) continue
        models.delete(model)
        this.#size--
        this.#generation++
      }
      if (models.size === 0) this.#entries.delete(provider)
    }
  }
}
