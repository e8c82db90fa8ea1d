import type { Journal, Row } from '@sluice/store-kit'

/** Rows that wait at most, and those written at once. */
const MOST = 20_000
const BATCH = 500

/** Rows on their way into a journal. */
export class RowQueue {
  readonly #journal: Journal
  readonly #name: string
  readonly #waiting = new Map<string, Row>()
  /** Rows that found no place. */
  dropped = 0

  constructor(journal: Journal, name: string) {
    this.#journal = journal
    this.#name = name
  }

  add(row: Row): void {
    if (this.#waiting.size < MOST) this.#waiting.set(row.id, row)
    else this.dropped++
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
  }

  prune(before: number): Promise<number> {
    return this.#journal.prune(this.#name, before)
  }
}
