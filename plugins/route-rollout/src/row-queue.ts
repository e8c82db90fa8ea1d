import type { Logger } from '@sluice/core'
import type { Journal, Row } from '@sluice/store-kit'

/** Rows that wait at most, and those written at once. */
const MOST = 20_000
const BATCH = 500

/** Rows on their way into a journal. */
export class RowQueue {
  readonly #journal: Journal
  readonly #name: string
  readonly #log: Logger
  readonly #waiting = new Map<string, Row>()
  /** Rows that found no place, since the log was told. */
  #lost = 0

  constructor(journal: Journal, name: string, log: Logger) {
    this.#journal = journal
    this.#name = name
    this.#log = log
  }

  add(row: Row): void {
    if (this.#waiting.size < MOST) this.#waiting.set(row.id, row)
    else this.#lost++
  }

  /** Also one that waits. */
  async find(id: string): Promise<Row | undefined> {
    return this.#waiting.get(id) ?? this.#journal.find(this.#name, id)
  }

  /** Rejects if the journal takes them not: they wait on. */
  async flush(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = this.#waiting.values().take(BATCH).toArray()
      await this.#journal.append(this.#name, batch)
      for (const { id } of batch) this.#waiting.delete(id)
    }
    if (this.#lost > 0) this.#log.warn({ rows: this.#lost }, `${this.#name} came faster than they could be written`)
    this.#lost = 0
  }

  prune(before: number): Promise<number> {
    return this.#journal.prune(this.#name, before)
  }
}
