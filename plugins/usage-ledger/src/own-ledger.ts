import { setTimeout as sleep } from 'node:timers/promises'
import type { Filter, Journal, Page, Row, Sum, Sums } from '@sluice/store-kit'
import type { Ledger } from '@sluice/usage-kit'
import { JOURNAL } from './courier.ts'
import type { Courier } from './courier.ts'

/** Milliseconds that a reader waits for what this process has not delivered yet. */
const PATIENCE = 1000

export class OwnLedger implements Ledger {
  readonly #journal: Journal
  readonly #courier: Courier

  constructor(journal: Journal, courier: Courier) {
    this.#journal = journal
    this.#courier = courier
  }

  async find(id: string): Promise<Row | undefined> {
    await this.#delivered()
    return this.#journal.find(JOURNAL, id)
  }

  async read(filter?: Filter, page?: Page): Promise<Row[]> {
    await this.#delivered()
    return this.#journal.read(JOURNAL, filter, page)
  }

  async sum(filter: Filter, sums: Sums): Promise<Sum[]> {
    await this.#delivered()
    return this.#journal.sum(JOURNAL, filter, sums)
  }

  /** A journal that takes nothing tells its reader so itself. */
  async #delivered(): Promise<void> {
    const patience = new AbortController()
    const pushed = this.#courier.push().catch(() => undefined)
    await Promise.race([pushed, sleep(PATIENCE, undefined, patience)]).finally(() => patience.abort())
  }
}
