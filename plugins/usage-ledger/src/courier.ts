/** Brings rows from the spool to the journal. */
import { describe } from '@sluice/core'
import type { Logger } from '@sluice/core'
import type { Journal, Row } from '@sluice/store-kit'
import { rowsOf } from './records.ts'
import type { Spool } from './spool.ts'

export const JOURNAL = 'ledger'

/** Milliseconds that a batch may take, and between two tries. */
const DEADLINE = 10_000
const LONGEST_PAUSE = 10_000

export class Courier {
  readonly #spool: Spool
  readonly #journal: Journal
  readonly #interval: number
  readonly #log: Logger
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #pause = 0

  /** @param interval milliseconds in which rows are collected */
  constructor(spool: Spool, journal: Journal, interval: number, log: Logger) {
    this.#spool = spool
    this.#journal = journal
    this.#interval = interval
    this.#log = log
  }

  /** There is something to deliver. */
  wake(): void {
    if (this.#timer || this.#running) return
    this.#timer = setTimeout(() => void this.push().catch(() => undefined), this.#pause || this.#interval)
  }

  /** Delivers all there is. Rejects if the journal does not take it; it is then tried again later. */
  push(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    return (this.#running ??= this.#deliver().finally(() => {
      this.#running = undefined
      if (this.#spool.rows > 0) this.wake()
    }))
  }

  /** Tries once more, and no more. */
  async close(): Promise<void> {
    await this.push().catch(() => undefined)
    clearTimeout(this.#timer)
  }

  async #deliver(): Promise<void> {
    // What comes meanwhile is gathered for the next time: few large messages cost less than many small ones.
    for (let due = this.#spool.rows; due > 0;) {
      try {
        const bundle = await this.#spool.undelivered()
        if (!bundle) return
        await appendLines(this.#journal, bundle.lines)
        this.#spool.delivered()
        due -= bundle.count
      } catch (error) {
        if (this.#pause === 0) this.#log.error({ reason: describe(error) }, 'rows do not get to the journal; they wait')
        this.#pause = Math.min(this.#pause * 2 || 250, LONGEST_PAUSE)
        throw error
      }
      if (this.#pause > 0) this.#log.info({}, 'rows get to the journal again')
      this.#pause = 0
    }
  }
}

/** Rejects also if the journal says nothing for long. What it takes nevertheless it takes once. */
export async function append(journal: Journal, rows: readonly Row[]): Promise<void> {
  await inTime(journal.append(JOURNAL, rows))
}

async function appendLines(journal: Journal, lines: Buffer): Promise<void> {
  await inTime(journal.appendLines?.(JOURNAL, lines) ?? journal.append(JOURNAL, rowsOf(lines)))
}

async function inTime(work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${DEADLINE} ms`)), DEADLINE)
  try {
    await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
