/** Connections that nobody can hold for longer than the deadline, whatever the server does. */
import { Socket } from 'node:net'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import type { PoolConfig } from 'pg'

// A 64-bit integer comes as text; all of ours are below 2^53.
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)

export class TimedPool implements PostgresPool {
  readonly options = {}
  readonly #deadline: number
  readonly #pool: pg.Pool
  readonly #sockets = new Set<Socket>()

  /** @param deadline milliseconds, also for getting a connection unless `config` says otherwise */
  constructor(config: PoolConfig, deadline: number) {
    this.#deadline = deadline
    this.#pool = new pg.Pool({
      connectionTimeoutMillis: deadline,
      ...config,
      types,
      statement_timeout: deadline,
      idle_in_transaction_session_timeout: 2 * deadline,
      keepAlive: true,
      stream: () => this.#socket(),
    })
    // A connection that breaks while nobody waits for an answer would end the process.
    this.#pool.on('connect', (client) => client.on('error', () => undefined))
    this.#pool.on('error', () => undefined)
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.#pool.connect()
    let isOverdue = false
    const timer = setTimeout(() => {
      isOverdue = true
      socketOf(client).destroy()
    }, this.#deadline)
    return {
      query: client.query.bind(client) as PostgresPoolClient['query'],
      release: (destroy) => {
        clearTimeout(timer)
        client.release(destroy || isOverdue)
      },
    }
  }

  /** Breaks all connections: who waits on one is told, who comes next gets a new one. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async end(): Promise<void> {
    await this.#pool.end()
    // Says goodbye, and waits for no answer.
    for (const socket of this.#sockets) socket.destroySoon()
  }

  #socket(): Socket {
    const socket = new Socket()
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }
}

/** The library has no public way to break off what does not answer. */
function socketOf(client: pg.PoolClient): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream
}
