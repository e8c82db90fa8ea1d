import { GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import type { ListOptions, PutOptions, Store, StoredRecord, Watcher } from '@sluice/store-kit'
import { sql } from 'kysely'
import type { Kysely, RawBuilder } from 'kysely'
import type { Changes } from './changes.ts'
import type { PostgresLink } from './link.ts'
import type { Tables } from './tables.ts'
import { keyOf, textOf } from './text-key.ts'

/** Records in a table. Every write is told to all replicas. */
export class PostgresStore implements Store {
  readonly #link: PostgresLink
  readonly #changes: Changes
  readonly #clock: RawBuilder<number>

  constructor(link: PostgresLink, changes: Changes) {
    this.#link = link
    this.#changes = changes
    this.#clock = sql<number>`${sql.id(link.schema, 'clock')}()`
  }

  async get(collection: string, id: string): Promise<JsonObject | undefined> {
    return (await this.find(collection, id))?.value
  }

  async find(collection: string, id: string): Promise<StoredRecord | undefined> {
    const found = await this.#link.run((db) =>
      this.#live(db, collection).where('id', '=', keyOf(id)).executeTakeFirst(),
    )
    return found && recordOf(found)
  }

  async put(collection: string, id: string, value: JsonObject, options: PutOptions = {}): Promise<number> {
    const { ttl = Infinity, revision } = options
    const expires = sql`${this.#clock} + ${ttl}::double precision`
    const records = sql.table(`${this.#link.schema}.records`)
    const json = JSON.stringify(value)
    const insert = sql`
      insert into ${records} as old values (${keyOf(collection)}, ${keyOf(id)}, ${json}, 1, ${expires})
      on conflict (collection, id) do update set value = excluded.value, expires = excluded.expires,
        revision = case when old.expires <= ${this.#clock} then 1 else old.revision + 1 end
      where ${revision === undefined ? sql`true` : sql`old.expires <= ${this.#clock}`}
      returning revision`
    const update = sql`
      update ${records} set value = ${json}, expires = ${expires}, revision = revision + 1
      where ${this.#isLive(collection, id)} and revision = ${revision}
      returning revision`
    const written = await this.#write(revision ? update : insert, collection, id)
    if (written === undefined) throw conflict(collection, id)
    return written
  }

  async delete(collection: string, id: string, { revision }: { revision?: number } = {}): Promise<boolean> {
    const isMeant = revision === undefined ? sql`true` : sql`revision = ${revision}`
    const records = sql.table(`${this.#link.schema}.records`)
    const remove = sql`delete from ${records} where ${this.#isLive(collection, id)} and ${isMeant} returning revision`
    const deleted = await this.#write(remove, collection, id)
    if (deleted === undefined && revision !== undefined) throw conflict(collection, id)
    return deleted !== undefined
  }

  async list(collection: string, { after, limit = 100 }: ListOptions = {}): Promise<StoredRecord[]> {
    const found = await this.#link.run((db) => {
      const all = this.#live(db, collection).orderBy('id').limit(Math.min(limit, 1000))
      return (after === undefined ? all : all.where('id', '>', keyOf(after))).execute()
    })
    return found.map(recordOf)
  }

  watch(collection: string, watcher: Watcher): () => void {
    return this.#changes.watch(collection, watcher)
  }

  #live(db: Kysely<Tables>, collection: string) {
    return db
      .selectFrom('records')
      .select(['id', 'value', 'revision'])
      .where('collection', '=', keyOf(collection))
      .where('expires', '>', this.#clock)
  }

  #isLive(collection: string, id: string): RawBuilder<unknown> {
    return sql`collection = ${keyOf(collection)} and id = ${keyOf(id)} and expires > ${this.#clock}`
  }

  /** @returns the revision that was written, if anything was */
  async #write(statement: RawBuilder<unknown>, collection: string, id: string): Promise<number | undefined> {
    const told = this.#changes.telling(collection, id)
    const whole = sql<{ revision: number }>`with written as (${statement}) select revision, ${told} from written`
    const { rows } = await this.#link.run((db) => whole.execute(db))
    return rows[0]?.revision
  }
}

function recordOf({ id, value, revision }: { id: Buffer; value: JsonObject; revision: number }): StoredRecord {
  return { id: textOf(id), value, revision }
}

function conflict(collection: string, id: string): GatewayError {
  return new GatewayError('conflict', `The record "${id}" of "${collection}" was changed meanwhile. Read it again.`)
}
