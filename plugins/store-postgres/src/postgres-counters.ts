import type { Claim, CounterServer, End, Level, Reservation } from '@sluice/store-kit'
import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { PostgresLink } from './link.ts'
import { shortKeyOf } from './text-key.ts'

/** Milliseconds for which the end of a lease is remembered: it may be told twice. */
const MEMORY = 300_000

/** Counters in tables: every call is one statement, which runs a function of the schema. */
export class PostgresCounters implements CounterServer {
  readonly #link: PostgresLink
  readonly #life: number

  /** @param life milliseconds that a lease lives without being renewed */
  constructor(link: PostgresLink, life: number) {
    this.#link = link
    this.#life = life
  }

  async reserve(lease: string, claims: readonly Claim[], force: boolean): Promise<Reservation | undefined> {
    const rest = sql`${shortKeyOf(lease)}, ${this.#life}, ${force}, ${columnsOf(claims)}`
    const [short, retryAfter, ...levels] = (await this.#call<number[]>('reserve', rest))!
    if (short === -1) return undefined
    return { granted: short === 0, levels: levelsOf(levels), short: short! - 1, retryAfter: retryAfter! }
  }

  async settle(ends: readonly End[]): Promise<void> {
    const ids = ends.map(({ lease }) => shortKeyOf(lease))
    const unknowns = ends.map(({ unknown }) => unknown)
    const rests = ends.map(({ rest }) => (rest ? shortKeyOf(rest.lease) : null))
    const counts = ends.map(({ claims }) => claims.length)
    const columns = columnsOf(ends.flatMap(({ claims }) => claims))
    const totals = ends.flatMap(({ claims, amounts }) => amounts.slice(0, claims.length))
    const kept = ends.flatMap(({ claims, rest }) => claims.map((_, i) => rest?.amounts[i] ?? 0))
    const about = sql`${ids}, ${unknowns}, ${rests}, ${counts}, ${this.#life}, ${MEMORY}`
    await this.#call('settle_all', sql`${about}, ${columns}, ${totals}, ${kept}`)
  }

  async read(claims: readonly Claim[]): Promise<Level[]> {
    return levelsOf((await this.#call<number[]>('levels', columnsOf(claims)))!)
  }

  async reset(key: string): Promise<void> {
    await this.#call('reset', sql`${shortKeyOf(key)}`)
  }

  async renew(leases: readonly string[]): Promise<readonly string[]> {
    const keys = leases.map(shortKeyOf)
    const call = sql<{ lease: Buffer }>`select lease from ${this.#function('renew')}(${keys}, ${this.#life}) lease`
    const { rows } = await this.#link.run((db) => call.execute(db))
    return rows.map(({ lease }) => leases[keys.findIndex((key) => key.equals(lease))]!)
  }

  async #call<T>(name: string, rest: RawBuilder<unknown>): Promise<T | undefined> {
    const call = sql<{ answer: T }>`select ${this.#function(name)}(${rest}) as answer`
    const { rows } = await this.#link.run((db) => call.execute(db))
    return rows[0]?.answer
  }

  #function(name: string): RawBuilder<unknown> {
    return sql.id(this.#link.schema, name)
  }
}

/** Claims as the functions read them: kinds, keys, amounts, limits, and periods or ends. */
function columnsOf(claims: readonly Claim[]): RawBuilder<unknown> {
  const columns = [
    claims.map(({ kind }) => kind),
    claims.map(({ key }) => shortKeyOf(key)),
    claims.map(({ amount }) => amount),
    claims.map(({ limit }) => limit),
    claims.map((claim) => (claim.kind === 'bucket' ? claim.period : claim.kind === 'window' ? claim.until : 0)),
  ]
  return sql.join(columns.map((column) => sql`${column}`))
}

function levelsOf(numbers: readonly number[]): Level[] {
  const levels: Level[] = []
  for (let i = 0; i < numbers.length; i += 2) levels.push({ remaining: numbers[i]!, reset: numbers[i + 1]! })
  return levels
}
