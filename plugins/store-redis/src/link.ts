import { ErrorReply, RESP_TYPES } from '@redis/client'
import { describe, GatewayError } from '@sluice/core'
import type { Logger } from '@sluice/core'
import { Guard } from '@sluice/store-kit'
import { clientOf } from './client.ts'
import type { Client, ClientOptions } from './client.ts'
import type { Script } from './script.ts'

const AS_BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } as const

export interface LinkOptions extends ClientOptions {
  /** Milliseconds that a call may take. */
  deadline: number
}

/**
 * The connection to Redis. It is made again whenever it breaks, a call over it ends within the deadline, and nothing
 * waits for a connection. Calls are refused with `overloaded` while Redis is out of reach.
 */
export class RedisLink {
  readonly #options: LinkOptions
  readonly #log: Logger
  readonly #guard: Guard
  #client: Client
  #isClosed = false

  constructor(options: LinkOptions, log: Logger) {
    this.#options = options
    this.#log = log
    this.#guard = new Guard({
      name: 'Redis',
      deadline: options.deadline,
      isTrouble: () => true,
      onOpen: (reason) => {
        log.error({ reason }, 'Redis is out of reach')
        // What does not answer may be the connection alone.
        if (this.#client.isReady) this.#renew(this.#client)
      },
      onClose: () => log.info('Redis is back'),
    })
    this.#client = this.#connect()
  }

  /** Resolves when Redis has answered. @throws GatewayError `config_invalid` if it refuses us or cannot be reached in time */
  async opened(): Promise<void> {
    const { url, connectTimeout } = this.#options
    const client = this.#client
    let reason = `no answer within ${connectTimeout} ms`
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const onReady = (): void => resolve(true)
    const onError = (error: Error): void => {
      reason = describe(error)
      if (error instanceof ErrorReply && !reason.startsWith('LOADING')) resolve(false)
    }
    const timer = setTimeout(() => resolve(false), connectTimeout)
    client.on('ready', onReady).on('error', onError)
    const isOpen = client.isReady || (await promise)
    clearTimeout(timer)
    client.off('ready', onReady).off('error', onError)
    if (!isOpen) throw new GatewayError('config_invalid', `url: Redis at ${url.host} cannot be used: ${reason}`)
  }

  /** Sends one command. */
  send(command: readonly (string | Buffer)[]): Promise<unknown> {
    return this.#guard.run(() => this.#client.sendCommand(command))
  }

  /** Sends one command whose answer is bytes, or null. */
  sendForBytes(command: readonly string[]): Promise<Buffer | null> {
    return this.#guard.run(() => this.#client.sendCommand<Buffer | null>(command, AS_BYTES))
  }

  /** Runs a script, which Redis may have forgotten. */
  run(script: Script, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...values]
    return this.#guard.run(async () => {
      const client = this.#client
      try {
        return await client.sendCommand(['EVALSHA', script.sha, ...rest])
      } catch (error) {
        const text = describe(error)
        // This was the master once: the address leads to another one now.
        if (text.startsWith('READONLY')) this.#renew(client)
        if (!text.startsWith('NOSCRIPT')) throw error
        return await client.sendCommand(['EVAL', script.source, ...rest])
      }
    })
  }

  close(): void {
    this.#isClosed = true
    this.#client.destroy()
  }

  /** Makes another connection, unless somebody has made one already. */
  #renew(client: Client): void {
    if (client !== this.#client || this.#isClosed) return
    this.#client = this.#connect()
    client.destroy()
  }

  #connect(): Client {
    const client = clientOf(this.#options)
    client.on('error', (error: Error) => this.#log.debug({ reason: describe(error) }, 'the connection to Redis failed'))
    client.on('ready', () => {
      // Destroying it while it connects does not end it.
      if (this.#isClosed || client !== this.#client) client.destroy()
      else this.#guard.retry()
    })
    client.connect().catch(() => undefined) // told as an error
    return client
  }
}
