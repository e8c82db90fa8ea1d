/** What the steps of a run used and cost, summed up as they end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { exchangeKey } from '@sluice/core'
import type { Exchange, Usage } from '@sluice/core'
import { costOf, stepsOf } from '@sluice/usage-kit'
import type { NanoUsd, Steps } from '@sluice/usage-kit'

/** Of a step's exchange: whom its end is told. */
export const ENDED = exchangeKey<(exchange: Exchange) => void>('route-chain/ended')

/** Milliseconds that a sum waits for exchanges whose answers are there: they may have ended in another generation. */
const PATIENCE = 1000

export class Spending implements Steps {
  usage: Usage = NO_USAGE
  nanoUsd: NanoUsd | null = 0
  readonly #open = new Set<Promise<void>>()

  /** Counts an exchange that is about to begin. */
  count(exchange: Exchange): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#open.add(promise)
    exchange.set(ENDED, (ended) => {
      this.#add(ended)
      this.#open.delete(promise)
      resolve()
    })
  }

  /** Waits until all is counted that has begun. */
  async settled(): Promise<void> {
    if (this.#open.size === 0) return
    const patience = new AbortController()
    await Promise.race([Promise.all(this.#open), sleep(PATIENCE, undefined, patience)])
    patience.abort()
    if (this.#open.size > 0) this.nanoUsd = null
  }

  #add(exchange: Exchange): void {
    const steps = stepsOf(exchange)
    const usage = steps?.usage ?? exchange.usage
    if (usage) this.usage = sumOf(this.usage, usage)
    const nanoUsd = steps ? steps.nanoUsd : ownCost(exchange)
    this.nanoUsd = nanoUsd === null || this.nanoUsd === null ? null : this.nanoUsd + nanoUsd
  }
}

/** What was not answered cost nothing. */
function ownCost(exchange: Exchange): NanoUsd | null {
  const cost = costOf(exchange)
  return cost ? cost.nanoUsd : exchange.answered ? null : 0
}

export const NO_USAGE: Usage = Object.freeze({
  input: Object.freeze({ total: 0, cacheRead: 0, cacheWrite: 0 }),
  output: Object.freeze({ total: 0, reasoning: 0 }),
})

function sumOf(a: Usage, b: Usage): Usage {
  return {
    input: {
      total: a.input.total + b.input.total,
      cacheRead: a.input.cacheRead + b.input.cacheRead,
      cacheWrite: a.input.cacheWrite + b.input.cacheWrite,
      ...media(a.input, b.input),
    },
    output: {
      total: a.output.total + b.output.total,
      reasoning: a.output.reasoning + b.output.reasoning,
      ...media(a.output, b.output),
    },
    ...((a.estimated || b.estimated) && { estimated: true }),
  }
}

type Media = { audio?: number; image?: number }

function media(a: Media, b: Media): Media {
  const audio = (a.audio ?? 0) + (b.audio ?? 0)
  const image = (a.image ?? 0) + (b.image ?? 0)
  return { ...(audio > 0 && { audio }), ...(image > 0 && { image }) }
}
