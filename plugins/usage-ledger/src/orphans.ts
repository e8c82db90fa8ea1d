/** Spools of processes that died: what they still had to say. */
import { existsSync, readdirSync, renameSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe } from '@sluice/core'
import type { Logger } from '@sluice/core'
import type { Journal, Row } from '@sluice/store-kit'
import type { Prices } from '@sluice/usage-kit'
import { append } from './courier.ts'
import { isOrphan, leftDirectory, ownDirectory } from './owner.ts'
import { readLine } from './records.ts'
import type { Begun } from './records.ts'
import { addCost, addTarget, addTokens } from './row.ts'
import { linesIn } from './segment.ts'

/** Milliseconds between two looks, and until a journal that took nothing is asked again. */
const PERIOD = 30_000
const PAUSE = 1000
const BATCH = 500

export type Orphanage = { base: string; journal: Journal; prices: Prices | undefined; log: Logger }

export class Orphans {
  readonly #setting: Orphanage
  readonly #owns: string
  #timer: NodeJS.Timeout | undefined
  readonly #closing = new AbortController()
  #sweeping: Promise<void> | undefined

  /** @param owns the directory of this process, whose life others may have to see */
  constructor(setting: Orphanage, owns: string) {
    this.#setting = setting
    this.#owns = owns
  }

  /** Looks for them now, and from time to time. */
  start(): void {
    this.#sweep()
    this.#timer = setInterval(() => this.#sweep(), PERIOD).unref()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#closing.abort()
    await this.#sweeping
  }

  #sweep(): void {
    const { log } = this.#setting
    this.#sweeping ??= this.#adoptAll()
      .catch((error: unknown) => log.error({ reason: describe(error) }, 'a spool that was left cannot be read'))
      .finally(() => (this.#sweeping = undefined))
  }

  async #adoptAll(): Promise<void> {
    const { base, log } = this.#setting
    touch(this.#owns)
    for (const name of existsSync(base) ? readdirSync(base) : []) {
      const claimed = claim(join(base, name), base)
      if (claimed === undefined) continue
      const told = await this.#replay(claimed)
      if (!told) return renameSync(claimed, leftDirectory(base))
      rmSync(claimed, { recursive: true, force: true })
      log.warn({ ...told, spool: name }, 'rows of a process that died are in the ledger now')
    }
  }

  /** Undefined if the gateway closes before the journal has everything. */
  async #replay(directory: string): Promise<{ rows: number; crashed: number } | undefined> {
    const begun = new Map<string, Begun>()
    let batch: Row[] = []
    let rows = 0
    const deliver = async (): Promise<boolean> => {
      rows += batch.length
      const isDone = batch.length === 0 || (await this.#append(batch, directory))
      batch = []
      return isDone
    }
    for await (const row of this.#rowsIn(directory, begun)) {
      batch.push(row)
      if (batch.length >= BATCH && !(await deliver())) return undefined
    }
    return (await deliver()) ? { rows, crashed: begun.size } : undefined
  }

  /** @param begun is left with what has no end */
  async *#rowsIn(directory: string, begun: Map<string, Begun>): AsyncGenerator<Row> {
    for (const file of readdirSync(directory).sort()) {
      const path = join(directory, file)
      for await (const line of linesIn(path)) {
        if (line === '') continue
        const record = readLine(line)
        if (!record) this.#setting.log.warn({ path }, 'a line of a spool is not whole')
        else if ('begun' in record) begun.set(record.begun.head.id, record.begun)
        else {
          begun.delete(record.row.id)
          yield record.row
        }
      }
    }
    for (const each of begun.values()) yield this.#crashed(each)
  }

  async #append(rows: Row[], directory: string): Promise<boolean> {
    for (;;) {
      touch(directory)
      try {
        await append(this.#setting.journal, rows)
        return true
      } catch (error) {
        this.#setting.log.debug({ reason: describe(error) }, 'the journal takes no rows of a process that died')
        await sleep(PAUSE, undefined, { ref: false, signal: this.#closing.signal }).catch(() => undefined)
        if (this.#closing.signal.aborted) return false
      }
    }
  }

  /** An exchange whose end nobody saw: it is charged what it was estimated to come to. */
  #crashed({ head, provider, model, input, output }: Begun): Row {
    const { data } = head
    const usage = {
      input: { total: input, cacheRead: 0, cacheWrite: 0 },
      output: { total: output, reasoning: 0 },
      estimated: true,
    }
    data['attempts'] = 1
    data['outcome'] = 'crashed'
    addTarget(data, provider, model)
    addTokens(data, usage)
    addCost(data, this.#setting.prices?.quote({ provider, model })?.cost(usage) ?? null)
    return head
  }
}

/** Takes an orphan for this process; undefined if it is none, or another process was quicker. */
function claim(directory: string, base: string): string | undefined {
  const claimed = ownDirectory(base)
  try {
    if (!isOrphan(directory)) return undefined
    renameSync(directory, claimed)
    return claimed
  } catch {
    return undefined
  }
}

/** A sign of life for processes that cannot see this one. */
function touch(directory: string): void {
  try {
    utimesSync(directory, new Date(), new Date())
  } catch {
    // It is made when there is something to keep.
  }
}
