/** Looks at every rollout again and again, and takes the steps that are due. */
import type { Audit } from '@sluice/admin-kit'
import { describe, GatewayError } from '@sluice/core'
import type { Logger } from '@sluice/core'
import type { RouteClock } from '@sluice/route-kit'
import type { Book } from './book.ts'
import { noCounts } from './counts.ts'
import type { Counts } from './counts.ts'
import { decide } from './judge.ts'
import type { Decision, Evidence } from './judge.ts'
import type { Live } from './live.ts'
import type { Rollouts } from './rollouts.ts'
import { GATEWAY } from './state.ts'

/** Processes that look at a rollout once an interval; where there are more, each does so less often. */
const LOOKING = 4

export interface PilotSettings {
  rollouts: Rollouts
  book: Book
  audit: Audit | undefined
  log: Logger
  /** Milliseconds. */
  interval: number
  clock: RouteClock
}

export class Pilot {
  readonly #settings: PilotSettings
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> = Promise.resolve()
  #closed = false
  /** The log has been told once. */
  readonly #failing = new WeakSet<Live>()
  /** Of all processes, by what they have written down. */
  #processes = 1

  constructor(settings: PilotSettings) {
    this.#settings = settings
  }

  start(): void {
    const { interval, clock } = this.#settings
    const pause = interval * (0.5 + clock.random()) * Math.max(1, this.#processes / LOOKING)
    this.#timer = setTimeout(() => {
      this.#round = this.round().finally(() => {
        if (!this.#closed) this.start()
      })
    }, pause).unref()
  }

  /** Looks at each rollout once. Never rejects. */
  async round(): Promise<void> {
    const { rollouts, log } = this.#settings
    this.#processes = 1
    for (const live of rollouts.all()) {
      try {
        await this.#look(live)
        this.#failing.delete(live)
      } catch (error) {
        const level = this.#failing.has(live) ? 'debug' : 'warn'
        this.#failing.add(live)
        log[level]({ rollout: live.plan.name, reason: describe(error) }, 'a rollout cannot be looked at')
      }
    }
  }

  async #look(live: Live): Promise<void> {
    const { rollouts, book } = this.#settings
    await rollouts.begin(live)
    if (!isOpen(live)) return
    const { plan, state } = live
    const { epochs, processes } = await book.read(plan, state.status === 'promoted' ? state.began : state.epoch)
    this.#processes = Math.max(this.#processes, processes)
    const decision = decide(plan, live.state, evidenceFor(live, epochs))
    if (decision) await this.#act(live, decision)
  }

  async #act(live: Live, { action, reason, findings }: Decision): Promise<void> {
    const { rollouts, log, audit } = this.#settings
    const { name } = live.plan
    try {
      await rollouts.change(live, { action, by: GATEWAY, reason }, false)
    } catch (error) {
      if (GatewayError.is(error) && error.code === 'conflict') return // another process has done it
      throw error
    }
    log[action === 'rollback' ? 'warn' : 'info']({ rollout: name, action, findings }, `rollout "${name}": ${reason}`)
    const details = { reason, findings }
    await audit?.record({
      action: `rollouts.${action}`,
      actor: GATEWAY,
      subject: `rollout:${name}`,
      outcome: 'done',
      details,
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#round
  }
}

/** Whether a rollout may still change by itself; then it is also counted. */
export function isOpen({ plan, state, elapsed }: Live): boolean {
  if (state.status === 'rolled-back') return false
  return state.status !== 'promoted' || elapsed <= plan.watch
}

/** Where one arm has all traffic, it is compared with what the first had before. */
export function evidenceFor({ plan, state, elapsed }: Live, epochs: ReadonlyMap<number, readonly Counts[]>): Evidence {
  const counts = epochs.get(state.epoch) ?? plan.arms.map(noCounts)
  if (state.status !== 'promoted') return { counts, stable: counts[0]!, elapsed }
  const earlier = [...epochs.keys()]
    .filter((epoch) => epoch < state.epoch && epoch >= state.began)
    .sort((a, b) => b - a)
  const enough = earlier.find((epoch) => epochs.get(epoch)![0]!.requests >= plan.minSamples)
  return { counts, stable: enough === undefined ? noCounts() : epochs.get(enough)![0]!, elapsed }
}
