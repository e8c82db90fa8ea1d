import { sql } from 'kysely'
import type { PostgresLink } from './link.ts'

/** Rows that one statement forgets. */
const PORTION = 5_000

/**
 * Forgets now and then what is over: records, meters of which nothing is used, ends of leases. Nobody sees it either
 * way, but it takes room.
 */
export class Sweeper {
  readonly #link: PostgresLink
  readonly #onError: (error: unknown) => void
  readonly #timer: NodeJS.Timeout

  /** @param interval milliseconds */
  constructor(link: PostgresLink, interval: number, onError: (error: unknown) => void) {
    this.#link = link
    this.#onError = onError
    this.#timer = setInterval(() => void this.sweep().catch(this.#onError), interval).unref()
  }

  /** At most a portion of each kind; what is at work at the moment is left for the next time. */
  async sweep(): Promise<void> {
    const { schema } = this.#link
    const now = sql`${sql.id(schema, 'clock')}()`
    for (const [name, isOver] of [
      ['records', sql`expires <= ${now}`],
      ['meters', sql`ends <= ${now}`],
      ['leases', sql`expires <= ${now} and state is not null`],
    ] as const) {
      const table = sql.id(schema, name)
      const some = sql`select ctid from ${table} where ${isOver} limit ${sql.lit(PORTION)} for update skip locked`
      await this.#link.run((db) => sql`delete from ${table} where ctid = any(array(${some}))`.execute(db))
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
