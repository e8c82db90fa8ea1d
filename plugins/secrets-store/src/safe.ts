/** The secrets in the store: read, sealed anew when the master key changes, followed. */
import { GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import type { Store } from '@sluice/store-kit'
import type { Sealed, Sealer } from './sealer.ts'

export const COLLECTION = 'secrets'

export class Safe {
  readonly #store: Store
  readonly #sealer: Sealer
  /** Those that were handed out, by name. */
  readonly #used = new Map<string, string>()

  constructor(store: Store, sealer: Sealer) {
    this.#store = store
    this.#sealer = sealer
  }

  /** @param address `store:<name>`. Rejects with an Error that says what is wrong, never what was found. */
  async read(address: string): Promise<string> {
    const name = address.slice('store:'.length)
    const text = await this.#fetch(name)
    if (text === undefined) throw new Error(`there is no secret "${name}": sluice secrets create --name ${name}`)
    this.#used.set(name, text)
    return text
  }

  async #fetch(name: string): Promise<string | undefined> {
    const value = await this.#store.get(COLLECTION, name)
    return value && this.#sealer.unseal(name, value['sealed'] as Sealed)
  }

  /** Calls `changed` when a secret that was handed out says something else. @returns what ends it */
  follow(changed: () => void, trouble: (error: unknown) => void): () => void {
    const look = async (name: string): Promise<void> => {
      const text = await this.#fetch(name)
      if (text === undefined || text === this.#used.get(name)) return
      this.#used.set(name, text)
      changed()
    }
    return this.#store.watch(COLLECTION, (id) => {
      const names = id === undefined ? [...this.#used.keys()] : [id].filter((name) => this.#used.has(name))
      for (const name of names) look(name).catch(trouble)
    })
  }

  /** Seals everything with the master key in use, so that earlier ones are no longer needed. @returns how many */
  async renew(): Promise<number> {
    let renewed = 0
    for (let after: string | undefined; ;) {
      const records = await this.#store.list(COLLECTION, { limit: 100, ...(after !== undefined && { after }) })
      for (const { id, value, revision } of records) {
        const sealed = value['sealed'] as Sealed
        if (sealed.masterKey === this.#sealer.current) continue
        const text = this.#sealer.unseal(id, sealed)
        const anew: JsonObject = { ...value, sealed: this.#sealer.seal(id, text) }
        await this.#store.put(COLLECTION, id, anew, { revision }).then(() => renewed++, ignoreConflict)
      }
      after = records.at(-1)?.id
      if (records.length < 100) return renewed
    }
  }
}

/** Another process was quicker. */
function ignoreConflict(error: unknown): void {
  if (!GatewayError.is(error) || error.code !== 'conflict') throw error
}
