/**
 * The last row that was written, noted in another place than the rows: a chain whose end was cut off is a chain
 * still, only shorter.
 */
import { GatewayError } from '@sluice/core'
import type { Logger } from '@sluice/core'
import type { Store } from '@sluice/store-kit'
import type { Place } from './row.ts'

const COLLECTION = 'audit'
const ID = 'head'

export class Seal {
  readonly #store: Store
  readonly #log: Logger
  #known: Place | undefined
  #working: Promise<void> | undefined

  constructor(store: Store, log: Logger) {
    this.#store = store
    this.#log = log
  }

  /** Soon: rows that follow quickly are noted once. */
  set({ sequence, hash }: Place): void {
    this.#known = { sequence, hash }
    this.#working ??= this.#write().finally(() => (this.#working = undefined))
  }

  /** Settles when what was set is noted. */
  async settled(): Promise<void> {
    await this.#working
  }

  /** Rows that must be there: as this process knows it, and as is noted. */
  async places(): Promise<Place[]> {
    await this.#working
    const noted = (await this.#store.get(COLLECTION, ID)) as Place | undefined
    return [this.#known, noted].filter((place) => place !== undefined)
  }

  async #write(): Promise<void> {
    for (let written: Place | undefined; written !== this.#known;) {
      const place = (written = this.#known!)
      try {
        const noted = await this.#store.find(COLLECTION, ID)
        if (Number(noted?.value['sequence'] ?? 0) >= place.sequence) continue
        await this.#store.put(COLLECTION, ID, place, { revision: noted?.revision ?? 0 })
      } catch (err) {
        const isLate = GatewayError.is(err) && err.code === 'conflict'
        if (isLate) written = undefined
        else this.#log.warn({ err }, 'the end of the audit trail could not be noted')
      }
    }
  }
}
