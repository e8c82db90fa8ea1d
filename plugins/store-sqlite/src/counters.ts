import type { Shared } from '@sluice/core/cluster'
import type { Claim, RemoteCounters, Rest } from '@sluice/store-kit'
import type { SharedDatabase } from './shared-database.ts'

/** Answers at once where the shared database is in this process. */
export class SqliteCounters implements RemoteCounters {
  readonly #database: Shared<SharedDatabase>
  readonly #peer: string

  /** @param peer who holds what is reserved here */
  constructor(database: Shared<SharedDatabase>, peer: string) {
    this.#database = database
    this.#peer = peer
  }

  reserve(lease: string, claims: readonly Claim[]) {
    return this.#database.reserve(lease, claims, this.#peer)
  }

  settle(lease: string, claims: readonly Claim[], amounts: readonly number[], rest?: Rest) {
    return this.#database.settle(lease, claims, amounts, rest)
  }

  read(claims: readonly Claim[]) {
    return this.#database.read(claims)
  }

  reset(key: string) {
    return this.#database.reset(key)
  }
}
