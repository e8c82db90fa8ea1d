/** Prices as integers, and sums of them without loss. */
import type { NanoUsd } from '@sluice/usage-kit'

/** What is priced apart. `audio` and `image` are input; `second` is of audio; `search` also of documents. */
export type Kind =
  | 'input'
  | 'cacheRead'
  | 'cacheWrite'
  | 'cacheWrite1h'
  | 'audio'
  | 'image'
  | 'output'
  | 'reasoning'
  | 'outputAudio'
  | 'outputImage'
  | 'request'
  | 'search'
  | 'second'

/** Nano-dollars for a million of each kind. */
export type Rates = { readonly [K in Kind]?: NanoUsd }

/** Whose tokens are charged as others where they have no price of their own. */
const CHARGED_AS: { readonly [K in Kind]?: Kind } = {
  cacheRead: 'input',
  cacheWrite: 'input',
  cacheWrite1h: 'cacheWrite',
  audio: 'input',
  image: 'input',
  reasoning: 'output',
  outputAudio: 'output',
  outputImage: 'output',
}

/** The same with a rate for each kind that is charged as another one. */
export function completed(rates: Rates): Rates {
  const whole: { [K in Kind]?: NanoUsd } = { ...rates }
  for (const [kind, other] of Object.entries(CHARGED_AS) as [Kind, Kind][]) {
    const rate = whole[kind] ?? whole[other]
    if (rate !== undefined) whole[kind] = rate
  }
  return whole
}

/** Every rate times `factor`. */
export function scaled(rates: Rates, factor: number): Rates {
  if (factor === 1) return rates
  const entries = Object.entries(rates) as [Kind, NanoUsd][]
  return Object.fromEntries(entries.map(([kind, rate]) => [kind, Math.round(rate * factor)]))
}

/** @param per of how many of a kind `dollars` is the price */
export function rateOf(dollars: number, per: number): NanoUsd {
  return Math.round((dollars * 1e15) / per)
}

const MILLION = 1_000_000

/** A sum of counts times rates, rounded once, half up. Products of both exceed what a number holds exactly: it is kept in two. */
export class Bill {
  /** Nano-dollars, and millionths of them. */
  #whole = 0
  #rest = 0
  /** Whether everything so far had a rate. */
  isKnown = true

  add(count: number, rate: NanoUsd | undefined): void {
    if (count === 0) return
    if (rate === undefined) {
      this.isKnown = false
      return
    }
    const rest = rate % MILLION
    const nano = count * ((rate - rest) / MILLION)
    const whole = Math.floor(nano)
    this.#whole += whole
    // Only counts of seconds have fractions.
    this.#rest += count * rest + (nano - whole) * MILLION
  }

  get nanoUsd(): NanoUsd {
    return this.#whole + Math.floor((this.#rest + MILLION / 2) / MILLION)
  }
}
