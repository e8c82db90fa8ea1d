import type { JsonObject, Logger } from '@sluice/core'
import { Mirror } from '@sluice/store-kit'
import type { MirrorSettings, Store } from '@sluice/store-kit'
import type { Directory } from './directory.ts'
import type { RoleBook } from './role-book.ts'
import { COLLECTIONS } from './unit.ts'
import type { UnitKind } from './unit.ts'

/** Milliseconds that a boot waits for the store. */
const PATIENCE = 5_000

/** Keeps roles, users, teams and organisations as the store has them. */
export class Mirrors {
  readonly #settings: readonly MirrorSettings[]
  /** Collections that have never been seen whole. */
  readonly #unseen: Set<string>
  #mirrors: readonly Mirror[] = []

  /** @param onChange told that something is other than it was */
  constructor(store: Store, roles: RoleBook, directory: Directory, onChange: () => void, log: Logger) {
    const settings = (
      collection: string,
      set: (id: string, value: JsonObject | undefined) => void,
    ): MirrorSettings => ({
      store,
      collection,
      log,
      set: (id, record) => set(id, record?.value),
      settled: () => {
        this.#unseen.delete(collection)
        onChange()
      },
    })
    const kinds = Object.entries(COLLECTIONS) as [UnitKind, string][]
    this.#settings = [
      settings('roles', (name, role) => roles.set(name, role)),
      ...kinds.map(([kind, collection]) => settings(collection, (id, unit) => directory.set(kind, id, unit))),
    ]
    this.#unseen = new Set(this.#settings.map(({ collection }) => collection))
  }

  /** Whether all of the store has been seen at least once. */
  get isLoaded(): boolean {
    return this.#unseen.size === 0
  }

  /** Settles once everything is read, or that takes too long; never rejects. */
  async start(): Promise<void> {
    this.#mirrors = this.#settings.map((settings) => new Mirror(settings))
    const timer = Promise.withResolvers<void>()
    const fuse = setTimeout(timer.resolve, PATIENCE)
    await Promise.race([Promise.all(this.#mirrors.map((mirror) => mirror.follow())), timer.promise])
    clearTimeout(fuse)
  }

  stop(): void {
    for (const mirror of this.#mirrors) mirror.close()
  }
}
