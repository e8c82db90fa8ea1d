import { setTimeout as wait } from 'node:timers/promises'
import { describe, GatewayError } from '@sluice/core'
import type { PoolConfig } from 'pg'
import { migrate } from './migrate.ts'

/** Milliseconds between two attempts to reach the server. */
const PAUSE = 100
/** SQLSTATE: the server is starting. */
const STARTING = '57P03'

export interface SchemaOptions {
  address: PoolConfig
  /** Host and database, for the operator. */
  about: string
  schema: string
  /** Milliseconds that changing it may take. */
  deadline: number
  /** Milliseconds that the server may take to be reached. */
  connectTimeout: number
}

/** The schema, which is made or brought to this version once: at boot, or when the server can be reached. */
export class Schema {
  readonly #options: SchemaOptions
  #isReady = false
  #making: Promise<void> | undefined

  constructor(options: SchemaOptions) {
    this.#options = options
  }

  /** @returns undefined if it is ready; @throws what the server says */
  prepare(): Promise<void> | undefined {
    if (this.#isReady) return undefined
    this.#making ??= this.#make().finally(() => (this.#making = undefined))
    return this.#making
  }

  /** Prepares it while the gateway boots. @throws GatewayError `config_invalid` if that cannot be done */
  async boot(): Promise<void> {
    const { about, connectTimeout } = this.#options
    for (const end = performance.now() + connectTimeout; ;) {
      try {
        return await this.prepare()
      } catch (error) {
        if (GatewayError.is(error)) throw error
        const { code } = error as { code?: unknown }
        const mayCome = code === 'ECONNREFUSED' || code === STARTING
        if (!mayCome || performance.now() > end) {
          const reason = describe(error) || String(code)
          throw new GatewayError('config_invalid', `url: PostgreSQL at ${about} cannot be used: ${reason}`)
        }
        await wait(PAUSE)
      }
    }
  }

  async #make(): Promise<void> {
    const { address, schema, deadline, connectTimeout } = this.#options
    await migrate({ ...address, connectionTimeoutMillis: connectTimeout }, schema, deadline)
    this.#isReady = true
  }
}
