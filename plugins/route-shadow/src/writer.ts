import type { Logger } from '@sluice/core'
import type { Journal, Row } from '@sluice/store-kit'

/** Rows of a piece, rows that wait, and characters that they hold together at most. */
const PIECE = 100
const MOST = 1000
const MOST_SIZE = 64 * 1024 * 1024

/**
 * Writes rows in pieces, one piece after the other. Nobody waits for it: rows that find no room are lost, as are those
 * of a piece that cannot be written, and the log says how many.
 */
export class Writer {
  readonly #journal: Journal
  readonly #log: Logger
  readonly #waiting: { journal: string; row: Row; size: number }[] = []
  #size = 0
  #lost = 0
  #work: Promise<void> | undefined

  constructor(journal: Journal, log: Logger) {
    this.#journal = journal
    this.#log = log
  }

  /** @param size characters, if they are many */
  add(journal: string, row: Row, size = 0): void {
    if (this.#waiting.length >= MOST || this.#size + size > MOST_SIZE) {
      this.#lost++
      return
    }
    this.#size += size
    this.#waiting.push({ journal, row, size })
    this.#work ??= this.#write().finally(() => (this.#work = undefined))
  }

  /** Resolves when all is written that was added. */
  async close(): Promise<void> {
    await this.#work
  }

  async #write(): Promise<void> {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const { journal } = first
      const end = this.#waiting.findIndex((each, index) => each.journal !== journal || index === PIECE)
      const piece = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
      for (const { size } of piece) this.#size -= size
      try {
        await this.#journal.append(
          journal,
          piece.map(({ row }) => row),
        )
      } catch (err) {
        this.#log.warn({ err, rows: piece.length }, 'comparisons could not be written, and are lost')
      }
      if (this.#lost > 0) this.#log.warn({ rows: this.#lost }, 'comparisons came faster than they could be written')
      this.#lost = 0
    }
  }
}
