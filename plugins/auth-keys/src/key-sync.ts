import { GatewayError } from '@sluice/core'
import type { Logger } from '@sluice/core'
import type { Store, StoredRecord } from '@sluice/store-kit'
import { KEYS } from './collections.ts'
import type { Entry, KeyTable } from './key-table.ts'
import { Recent } from './recent.ts'

export interface SyncOptions {
  /** Fails in time. */
  store: Store
  table: KeyTable
  log: Logger
  /** Milliseconds between two full listings. */
  interval: number
}

const PAGE = 1000
/** Single keys that the store is asked for at once. */
const AT_ONCE = 64
/** Milliseconds for which an answer about a single key holds. */
const REMEMBERED = 1000
/** Ids of which that is remembered. */
const IDS = 10_000
/** Milliseconds after which a listing that failed is tried again. */
const RETRY = 1000

/** Keeps the table as the store is: told of changes, asked about single keys, listed anew from time to time. */
export class KeySync {
  readonly #options: SyncOptions
  /** Ids → whether what is being read is old already. */
  readonly #reading = new Map<string, { again: boolean; done: Promise<void> }>()
  readonly #askedAt = new Recent<string, number>(IDS)
  #listing: Promise<void> | undefined
  /** The listing after that one. */
  #waiting: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #unwatch: (() => void) | undefined
  #failing = false

  constructor(options: SyncOptions) {
    this.#options = options
  }

  /** Follows the store until `stop`. Resolves when all keys are there, rejects if the store cannot be read now. */
  start(): Promise<void> {
    this.#unwatch = this.#options.store.watch(KEYS, (id) => {
      if (id !== undefined) this.changed(id)
      else this.#list().catch(() => undefined) // it has said so, and tries again
    })
    return this.#list()
  }

  stop(): void {
    this.#unwatch?.()
    this.#unwatch = undefined
    clearTimeout(this.#timer)
  }

  /** Whether the store has said just now what it knows of this key. */
  isFresh(id: string): boolean {
    const at = this.#askedAt.get(id)
    return at !== undefined && performance.now() - at < REMEMBERED
  }

  /** What the store knows of one key. @throws GatewayError `overloaded` if it cannot be asked */
  async ask(id: string): Promise<Entry | undefined> {
    let reading = this.#reading.get(id)
    if (!reading) {
      if (this.#reading.size >= AT_ONCE) {
        throw new GatewayError('overloaded', 'Too many unknown API keys at once. Try again shortly.', { retryAfter: 1 })
      }
      reading = { again: false, done: Promise.resolve() }
      this.#reading.set(id, reading)
      reading.done = this.#read(id, reading).finally(() => this.#reading.delete(id))
    }
    await reading.done
    return this.#options.table.get(id)
  }

  async #read(id: string, reading: { again: boolean }): Promise<void> {
    const { store, table } = this.#options
    let record: StoredRecord | undefined
    do {
      reading.again = false
      record = await store.find(KEYS, id)
    } while (reading.again)
    if (record) table.set(record)
    else table.drop(id)
    this.#askedAt.set(id, performance.now())
  }

  /** What has changed is not used any more; it is read when somebody asks for it. */
  changed(id: string): void {
    this.#options.table.drop(id)
    this.#askedAt.delete(id)
    const reading = this.#reading.get(id)
    if (reading) reading.again = true
  }

  /** Reads all keys from now on: a listing under way may have passed what is to be seen. */
  #list(): Promise<void> {
    if (!this.#listing) return this.#begin()
    this.#waiting ??= this.#listing
      .catch(() => undefined)
      .then(() => {
        this.#waiting = undefined
        return this.#begin()
      })
    return this.#waiting
  }

  #begin(): Promise<void> {
    clearTimeout(this.#timer)
    this.#listing = this.#listNow().finally(() => (this.#listing = undefined))
    return this.#listing
  }

  async #listNow(): Promise<void> {
    const { table, log, interval } = this.#options
    if (!this.#unwatch) return
    try {
      await table.fill(this.#pages())
      if (this.#failing) log.info('the store of keys answers again')
      this.#failing = false
      this.#listLater(interval)
    } catch (error) {
      if (!this.#failing) log.error({ err: error }, 'the store of keys cannot be read; known keys go on working')
      this.#failing = true
      this.#listLater(RETRY)
      throw error
    }
  }

  #listLater(delay: number): void {
    if (this.#unwatch) this.#timer = setTimeout(() => void this.#list().catch(() => undefined), delay).unref()
  }

  async *#pages(): AsyncGenerator<readonly StoredRecord[]> {
    let after: string | undefined
    for (;;) {
      const options = { limit: PAGE, ...(after !== undefined && { after }) }
      const page = await this.#options.store.list(KEYS, options)
      yield page
      if (page.length < PAGE) return
      after = page.at(-1)!.id
    }
  }
}
