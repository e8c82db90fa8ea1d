/** Tells, once a period, that a budget is nearly used up. */
import type { Audit } from '@sluice/admin-kit'
import type { Exchange, Logger } from '@sluice/core'
import type { Claim, Counters } from '@sluice/store-kit'
import { asDollars } from './budget.ts'
import type { Charge } from './charges.ts'

/** Alerts that are remembered in this process, so that nobody need be asked again. */
const REMEMBERED = 10_000

export interface AlertSettings {
  counters: Counters
  log: Logger
  audit: Audit | undefined
  /** Milliseconds since the epoch. */
  now: () => number
}

export class Alerts {
  readonly #settings: AlertSettings
  /** Until when each has been given. */
  readonly #given = new Map<string, number>()
  readonly #prefix = `${crypto.randomUUID()}-`
  #leases = 0

  constructor(settings: AlertSettings) {
    this.#settings = settings
  }

  /**
   * Gives the alert if what is used has reached the threshold and no process has given it in this period. Alerts are
   * no reason to fail: if the counters are out of reach, a later request gives it.
   */
  async check({ budget, suffix }: Charge, claim: Claim, exchange: Exchange): Promise<void> {
    const { counters, log, audit, now } = this.#settings
    if ((this.#given.get(claim.key) ?? -Infinity) > now()) return
    try {
      const [level] = await counters.read([claim])
      const used = claim.limit - (level?.remaining ?? claim.limit)
      if (used < claim.limit * budget.softAt || !(await this.#isFirst(claim))) return
      const facts = { budget: budget.name, of: suffix.slice(1), used: asDollars(used), amount: asDollars(claim.limit) }
      log.warn(facts, `${Math.floor((used / claim.limit) * 100)} % of the budget "${budget.name}" are used`)
      const { id: actor } = exchange.principal
      await audit?.record({
        action: 'budgets.alert',
        actor,
        subject: `budget:${budget.name}${suffix}`,
        outcome: 'done',
        exchange: exchange.id,
        details: facts,
      })
    } catch (err) {
      log.debug({ err }, 'a budget alert could not be given yet')
    }
  }

  /** Whoever gets the only unit of a counter gives the alert. */
  async #isFirst(claim: Claim): Promise<boolean> {
    const { counters, now } = this.#settings
    const until = claim.kind === 'window' ? claim.until : now() + (claim.kind === 'bucket' ? claim.period : 0)
    const mark: Claim = { kind: 'window', key: `${claim.key}|soft`, amount: 1, limit: 1, until }
    const lease = this.#prefix + (this.#leases++).toString(36)
    const { granted } = await counters.reserve(lease, [mark])
    if (granted) await counters.settle(lease, [mark], [1])
    if (this.#given.size >= REMEMBERED) this.#given.clear()
    this.#given.set(claim.key, until)
    return granted
  }
}
