import type { Logger } from '@sluice/core'
import { GatewayError } from '@sluice/core'
import { Guard } from '@sluice/store-kit'
import { Kysely, PostgresDialect } from 'kysely'
import type { PoolConfig } from 'pg'
import type { Tables } from './tables.ts'
import { TimedPool } from './timed-pool.ts'

export interface LinkOptions {
  address: PoolConfig
  /** Schema of all tables. */
  schema: string
  poolSize: number
  /** Milliseconds that a call may take. */
  deadline: number
}

/**
 * Connections to PostgreSQL, made as they are needed. Calls end within the deadline, and are refused with
 * `overloaded` while the server is out of reach.
 */
export class PostgresLink {
  readonly schema: string
  readonly #pool: TimedPool
  readonly #db: Kysely<Tables>
  readonly #guard: Guard
  /** What must have been done before the first call: the schema is made when the server is there. */
  readonly #prepare: () => Promise<void> | undefined

  constructor(
    { address, schema, poolSize, deadline }: LinkOptions,
    log: Logger,
    prepare: () => Promise<void> | undefined,
  ) {
    this.schema = schema
    this.#prepare = prepare
    this.#pool = new TimedPool({ ...address, max: poolSize }, deadline)
    this.#db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: this.#pool }) }).withSchema(schema)
    this.#guard = new Guard({
      name: 'PostgreSQL',
      deadline,
      isTrouble,
      onOpen: (reason) => {
        log.error({ reason }, 'PostgreSQL is out of reach')
        // What does not answer may be the connections alone.
        this.#pool.cut()
      },
      onClose: () => log.info('PostgreSQL is back'),
    })
  }

  /** @throws GatewayError `overloaded` if the server is in trouble */
  run<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#guard.run(async () => {
      await this.#prepare()
      try {
        return await work(this.#db)
      } catch (error) {
        // This was the primary once: the address leads to another one now.
        if ((error as { code?: unknown }).code === READ_ONLY) this.#pool.cut()
        throw error
      }
    })
  }

  close(): Promise<void> {
    return this.#pool.end()
  }
}

/** SQLSTATE: nothing can be written here. */
const READ_ONLY = '25006'
/**
 * Classes of SQLSTATE that say what is wrong with a statement or its data, not with the server
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
const OURS = new Set(['0A', '21', '22', '23', '42', '54'])

function isTrouble(error: unknown): boolean {
  if (GatewayError.is(error)) return false
  const { code } = error as { code?: unknown }
  return typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || !OURS.has(code.slice(0, 2))
}
