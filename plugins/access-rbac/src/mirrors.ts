import type { Logger } from '@sluice/core'
import type { Store } from '@sluice/store-kit'
import type { Directory } from './directory.ts'
import { Mirror } from './mirror.ts'
import type { RoleBook } from './role-book.ts'
import { COLLECTIONS } from './unit.ts'
import type { UnitKind } from './unit.ts'

/** Milliseconds that a boot waits for the store. */
const PATIENCE = 5_000

/** Keeps roles, users, teams and organisations as the store has them. */
export class Mirrors {
  readonly #mirrors: readonly Mirror[]

  /** @param onChange told that something is other than it was */
  constructor(store: Store, roles: RoleBook, directory: Directory, onChange: () => void, log: Logger) {
    const kinds = Object.entries(COLLECTIONS) as [UnitKind, string][]
    this.#mirrors = [
      new Mirror(store, 'roles', { set: (name, role) => roles.set(name, role), settled: onChange }, log),
      ...kinds.map(([kind, collection]) => {
        const set = (id: string, unit: Parameters<Directory['set']>[2]): void => directory.set(kind, id, unit)
        return new Mirror(store, collection, { set, settled: onChange }, log)
      }),
    ]
  }

  /** Whether all of the store has been seen at least once. */
  get isLoaded(): boolean {
    return this.#mirrors.every(({ isLoaded }) => isLoaded)
  }

  /** Settles once everything is read, or that takes too long; never rejects. */
  async start(): Promise<void> {
    const timer = Promise.withResolvers<void>()
    const fuse = setTimeout(timer.resolve, PATIENCE)
    await Promise.race([Promise.all(this.#mirrors.map((mirror) => mirror.start())), timer.promise])
    clearTimeout(fuse)
  }

  stop(): void {
    for (const mirror of this.#mirrors) mirror.stop()
  }
}
