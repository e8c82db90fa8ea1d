import type { Shared } from '@sluice/core/cluster'
import type { Cache } from '@sluice/store-kit'
import type { PointReader } from './point-reader.ts'
import type { SharedDatabase } from './shared-database.ts'

export class SqliteCache implements Cache {
  readonly #database: Shared<SharedDatabase>
  readonly #reader: PointReader

  constructor(database: Shared<SharedDatabase>, reader: PointReader) {
    this.#database = database
    this.#reader = reader
  }

  async get(key: string): Promise<Buffer | undefined> {
    return this.#reader.cached(key)
  }

  async set(key: string, value: Buffer, ttl: number): Promise<void> {
    await this.#database.cacheSet(key, value, ttl)
  }

  async delete(key: string): Promise<void> {
    await this.#database.cacheDelete(key)
  }
}
