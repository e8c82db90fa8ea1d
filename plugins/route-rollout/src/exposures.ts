/**
 * Which arm served whom: a row for each exchange, for feedback that comes later, and in experiments one for each
 * unit, the first time it meets its arm.
 */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exchange, Logger, Principal } from '@sluice/core'
import type { Journal, Row } from '@sluice/store-kit'
import { Later } from './later.ts'
import type { Assignment } from './live.ts'
import { RowQueue } from './row-queue.ts'

export const EXPOSURES = 'rollout-exposures'
const EXCHANGES = 'rollout-exchanges'
/** Units that this process remembers to have noted. */
const REMEMBERED = 50_000
const HOUR = 3_600_000
/** Milliseconds that exposures are kept. */
const KEPT = 90 * 24 * HOUR

/** Where an exchange was assigned to. */
export type Served = { plan: string; rollout: string; variant: string; epoch: number; arm: number }

export class Exposures {
  readonly #exchanges: RowQueue
  readonly #units: RowQueue
  readonly #later: Later
  readonly #interval: number
  readonly #seen = new Set<string>()
  readonly #pruning: NodeJS.Timeout

  /** @param interval milliseconds between two writings @param retention of what is known of exchanges, milliseconds */
  constructor(journal: Journal, interval: number, retention: number, log: Logger) {
    this.#interval = interval
    this.#exchanges = new RowQueue(journal, EXCHANGES, log)
    this.#units = new RowQueue(journal, EXPOSURES, log)
    this.#later = new Later(interval, 'assignments of rollouts', () => this.#flush(), log)
    this.#pruning = setInterval(() => {
      const pruned = [this.#exchanges.prune(Date.now() - retention), this.#units.prune(Date.now() - KEPT)]
      Promise.all(pruned).catch((err: unknown) =>
        log.debug({ err }, 'old assignments of rollouts could not be removed'),
      )
    }, HOUR).unref()
  }

  note(exchange: Exchange, { live: { plan }, arm, epoch, unit }: Assignment): void {
    const { principal, id, time } = exchange
    const variant = plan.arms[arm]!.name
    const who = { principal: principal.id, ...(principal.key !== undefined && { key: principal.key }) }
    this.#exchanges.add({ id, time, data: { plan: plan.id, rollout: plan.name, variant, epoch, arm, ...who } })
    if (plan.kind === 'experiment' && unit !== undefined && this.#isNew(`${plan.id}:${unit}`)) {
      // Headers may hold what nobody should read.
      const digest = createHash('sha256').update(unit).digest('hex').slice(0, 32)
      const data = { plan: plan.id, rollout: plan.name, variant, unit: digest, exchange: id, ...who }
      this.#units.add({ id: `${plan.id}:${digest}`, time, data })
    }
    this.#later.wake()
  }

  #isNew(unit: string): boolean {
    if (this.#seen.has(unit)) return false
    if (this.#seen.size >= REMEMBERED) this.#seen.clear()
    this.#seen.add(unit)
    return true
  }

  /** Where an exchange of this principal was assigned to. Another process may need the interval to have told. */
  async find(id: string, principal: Principal): Promise<Served | undefined> {
    const row = (await this.#exchanges.find(id)) ?? (await sleep(this.#interval), await this.#exchanges.find(id))
    return row && isOf(row, principal) ? (row.data as unknown as Served) : undefined
  }

  async #flush(): Promise<void> {
    await this.#exchanges.flush()
    await this.#units.flush()
  }

  async close(): Promise<void> {
    clearInterval(this.#pruning)
    await this.#later.close()
  }
}

/** Whether a row is of an exchange that this principal made. */
export function isOf({ data }: Row, { id, key }: Principal): boolean {
  return key === undefined ? data['key'] === undefined && data['principal'] === id : data['key'] === key
}
