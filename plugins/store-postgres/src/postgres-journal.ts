import type { Filter, Journal, Page, Row, Scalar, Sum, Sums } from '@sluice/store-kit'
import { sql } from 'kysely'
import { compareScalars } from './compare-scalars.ts'
import { decode, encode } from './journal-data.ts'
import { conditionOf, sumsOf } from './journal-query.ts'
import type { PostgresLink } from './link.ts'
import { keyOf, textOf } from './text-key.ts'

/** Rows that one statement forgets. */
const PORTION = 5_000

/** Rows in a table, summed up where they are. */
export class PostgresJournal implements Journal {
  readonly #link: PostgresLink
  readonly #long: PostgresLink

  /** @param long for calls that go through many rows */
  constructor(link: PostgresLink, long: PostgresLink) {
    this.#link = link
    this.#long = long
  }

  async append(journal: string, rows: readonly Row[]): Promise<string[]> {
    if (rows.length === 0) return []
    // Two that append the same rows meet in the same order, so that neither waits for the other's.
    const sorted = rows.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    const columns = [
      sql`${sorted.map(({ id }) => keyOf(id))}::bytea[]`,
      sql`${sorted.map(({ time }) => time)}::double precision[]`,
      sql`${sorted.map(({ data }) => encode(data))}::text[]`,
    ]
    const insert = sql<{ id: Buffer }>`
      insert into ${this.#rows}
      select ${keyOf(journal)}::bytea, id, time, data::jsonb from unnest(${sql.join(columns)}) as each(id, time, data)
      on conflict (journal, id) do nothing returning id`
    const added = await this.#link.run((db) => insert.execute(db))
    const ids = new Set(added.rows.map(({ id }) => textOf(id)))
    return rows.map(({ id }) => id).filter((id) => ids.delete(id))
  }

  async find(journal: string, id: string): Promise<Row | undefined> {
    const found = await this.#link.run((db) => {
      const query = db.selectFrom('rows').select(['id', 'time', 'data'])
      return query.where('journal', '=', keyOf(journal)).where('id', '=', keyOf(id)).executeTakeFirst()
    })
    return found && rowOf(found)
  }

  async read(journal: string, filter: Filter = {}, page: Page = {}): Promise<Row[]> {
    const { after, limit = 100, newestFirst = false } = page
    const direction = newestFirst ? 'desc' : 'asc'
    const found = await this.#link.run((db) => {
      let query = db.selectFrom('rows').select(['id', 'time', 'data']).where(conditionOf(journal, filter))
      if (after) {
        const place = sql`(${after.time}::double precision, ${keyOf(after.id)}::bytea)`
        query = query.where(sql<boolean>`(time, id) ${newestFirst ? sql`<` : sql`>`} ${place}`)
      }
      return query.orderBy('time', direction).orderBy('id', direction).limit(Math.min(limit, 1000)).execute()
    })
    return found.map(rowOf)
  }

  async sum(journal: string, filter: Filter, sums: Sums): Promise<Sum[]> {
    const query = sumsOf(this.#rows, conditionOf(journal, filter), sums)
    const { rows } = await this.#long.run((db) => query.execute(db))
    const lines = rows.map((row) => ({ ...row, values: row.values.map(scalarOf) }))
    return lines.sort(compare).map(({ time, values, count, sums: totals }) => ({
      group: paired(sums.by ?? [], values),
      ...(time !== null && { time }),
      count,
      sums: paired(sums.fields, totals),
    }))
  }

  async prune(journal: string, before: number): Promise<number> {
    const some = sql`
      select id from ${this.#rows} where journal = ${keyOf(journal)} and time < ${before} limit ${sql.lit(PORTION)}`
    const remove = sql`delete from ${this.#rows} where journal = ${keyOf(journal)} and id in (${some})`
    for (let count = 0; ;) {
      const { numAffectedRows = 0n } = await this.#long.run((db) => remove.execute(db))
      count += Number(numAffectedRows)
      if (numAffectedRows < PORTION) return count
    }
  }

  get #rows() {
    return sql.table(`${this.#link.schema}.rows`)
  }
}

function rowOf({ id, time, data }: { id: Buffer; time: number; data: Row['data'] }): Row {
  return { id: textOf(id), time, data: decode(data) }
}

function scalarOf(value: Scalar | string[]): Scalar {
  const decoded = decode(value)
  return typeof decoded === 'object' && decoded !== null ? JSON.stringify(decoded) : decoded
}

// The keys are the caller's: `__proto__` is one like any other here.
function paired<T>(keys: readonly string[], values: readonly T[]): { [key: string]: T } {
  return Object.fromEntries(keys.map((key, i) => [key, values[i]!]))
}

type Line = { time: number | null; values: readonly Scalar[] }

function compare(a: Line, b: Line): number {
  if (a.time !== b.time) return (a.time ?? 0) - (b.time ?? 0)
  for (const [i, value] of a.values.entries()) {
    const order = compareScalars(value, b.values[i]!)
    if (order !== 0) return order
  }
  return 0
}
