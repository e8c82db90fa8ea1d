import { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, GatewayError } from '@sluice/core'
import type { Logger } from '@sluice/core'
import { Watchers } from '@sluice/store-kit'
import type { Watcher } from '@sluice/store-kit'
import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import pg from 'pg'
import type { PoolConfig } from 'pg'

/** Milliseconds between two looks at the connection, and before it is made again. */
const LOOK = 400
const RECONNECT_PAUSE = 250

/**
 * Tells watchers what any replica writes. It listens on a connection of its own; when that was lost, and also when
 * writes were counted that nobody told of, watchers learn that anything may have changed.
 */
export class Changes {
  readonly #address: PoolConfig
  readonly #schema: string
  readonly #deadline: number
  readonly #log: Logger
  readonly #watchers: Watchers
  readonly #end = new AbortController()
  #heard = 0
  #trouble = 'no answer'

  /** @param deadline milliseconds that the server may take for an answer */
  constructor(address: PoolConfig, schema: string, deadline: number, log: Logger) {
    this.#address = address
    this.#schema = schema
    this.#deadline = deadline
    this.#log = log
    this.#watchers = new Watchers((error) => log.error({ err: error }, 'a watcher of the store failed'))
  }

  /** As `Store.watch`. */
  watch(collection: string, watcher: Watcher): () => void {
    return this.#watchers.add(collection, watcher)
  }

  /** To be selected by a statement that changed a record. */
  telling(collection: string, id: string): RawBuilder<unknown> {
    const count = sql`nextval(${`${this.#schema}.changes`}::regclass)`
    return sql`pg_notify(${this.#channel}, ${payloadOf(collection, id)}), ${count}`
  }

  /**
   * Begins to listen. Resolves when it does.
   * @param limit milliseconds
   * @throws GatewayError `config_invalid` if it does not by then; it goes on trying
   */
  async start(limit: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      reject(new GatewayError('config_invalid', `url: PostgreSQL does not let us listen: ${this.#trouble}`))
    }, limit)
    void this.#stayConnected(resolve)
    await promise.finally(() => clearTimeout(timer))
  }

  close(): void {
    this.#end.abort()
  }

  get #channel(): string {
    return `${this.#schema}_changes`
  }

  async #stayConnected(onListening: () => void): Promise<void> {
    const { signal } = this.#end
    while (!signal.aborted) {
      const socket = new Socket()
      const break_ = (): void => void socket.destroy()
      signal.addEventListener('abort', break_)
      try {
        await this.#listen(socket, onListening)
      } catch (error) {
        this.#trouble = describe(error)
        this.#log.debug({ reason: this.#trouble }, 'the connection that listens to PostgreSQL failed')
      } finally {
        signal.removeEventListener('abort', break_)
        socket.destroy()
      }
      await wait(RECONNECT_PAUSE, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Ends, with an error, when the connection does. */
  async #listen(socket: Socket, onListening: () => void): Promise<never> {
    const timeouts = { connectionTimeoutMillis: this.#deadline, query_timeout: this.#deadline }
    const client = new pg.Client({ ...this.#address, ...timeouts, keepAlive: true, stream: () => socket })
    // Told to whoever waits for an answer; there is always somebody soon.
    client.on('error', () => undefined)
    client.on('notification', ({ payload = '[]' }) => this.#tell(payload))
    await client.connect()
    await client.query(`listen ${pg.escapeIdentifier(this.#channel)}`)
    const changes = `${pg.escapeIdentifier(this.#schema)}.changes`
    const last = `select case when is_called then last_value else 0 end as last from ${changes}`
    const count = async (): Promise<unknown> => (await client.query<{ last: unknown }>(last)).rows[0]?.last
    let [counted, heard, isUntold] = [await count(), this.#heard, false]
    onListening()
    this.#watchers.tellAll()
    for (;;) {
      await wait(LOOK, undefined, { signal: this.#end.signal })
      const now = await count()
      // A write is counted a moment before it is told.
      if (isUntold && heard === this.#heard) this.#watchers.tellAll()
      isUntold = now !== counted && heard === this.#heard
      counted = now
      heard = this.#heard
    }
  }

  #tell(payload: string): void {
    this.#heard++
    const [collection, id] = namesIn(payload)
    if (typeof collection === 'string' && typeof id === 'string') this.#watchers.tell(collection, id)
    else this.#watchers.tellAll()
  }
}

/** What a notification says; nothing if it is not one of ours. */
function namesIn(payload: string): unknown[] {
  try {
    const names: unknown = JSON.parse(payload)
    return Array.isArray(names) ? names : []
  } catch {
    return []
  }
}

/** Collection and id in ASCII, which every encoding has. Names are so short that a notification has room for it. */
function payloadOf(collection: string, id: string): string {
  const text = JSON.stringify([collection, id])
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
