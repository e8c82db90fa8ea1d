import { describe } from '@sluice/core'
import type { Logger } from '@sluice/core'
import type { Gossip } from '@sluice/store-kit'
import { clientOf } from './client.ts'
import type { Client, ClientOptions } from './client.ts'
import type { RedisLink } from './link.ts'

type Listener = (data: unknown) => void

/**
 * Messages over one channel. It is listened to over a connection of its own, which is made when somebody listens and
 * made again whenever it breaks; what was said meanwhile is lost.
 */
export class RedisGossip implements Gossip {
  readonly #link: RedisLink
  readonly #channel: string
  readonly #options: ClientOptions
  readonly #log: Logger
  /** By topic. */
  readonly #listeners = new Map<string, Set<{ listener: Listener }>>()
  #client: Client | undefined

  constructor(link: RedisLink, prefix: string, options: ClientOptions, log: Logger) {
    this.#link = link
    this.#channel = `${prefix}gossip`
    this.#options = options
    this.#log = log
  }

  publish(topic: string, data: unknown): void {
    const message = JSON.stringify([topic, data])
    this.#link.send(['PUBLISH', this.#channel, message]).catch(() => undefined) // an outage is told by the link
  }

  subscribe(topic: string, listener: Listener): () => void {
    this.#client ??= this.#connect()
    const entry = { listener }
    const listeners = this.#listeners.get(topic) ?? new Set()
    this.#listeners.set(topic, listeners.add(entry))
    return () => {
      if (listeners.delete(entry) && listeners.size === 0) this.#listeners.delete(topic)
    }
  }

  close(): void {
    this.#listeners.clear()
    this.#client?.destroy()
  }

  #connect(): Client {
    const client = clientOf(this.#options)
    const receive = (message: string): void => this.#receive(message)
    client.on('error', (error: Error) =>
      this.#log.debug({ reason: describe(error) }, 'the connection to Redis for messages failed'),
    )
    client.on('ready', () => {
      client
        .subscribe(this.#channel, receive)
        .catch((error: unknown) => this.#log.warn({ reason: describe(error) }, 'Redis lets nobody listen to messages'))
    })
    client.connect().catch(() => undefined) // told as an error
    return client
  }

  #receive(message: string): void {
    const said = parsed(message)
    if (!Array.isArray(said)) return
    const [topic, data] = said as readonly unknown[]
    for (const { listener } of this.#listeners.get(topic as string) ?? []) {
      try {
        listener(data)
      } catch (error) {
        this.#log.error({ err: error }, 'a listener of messages failed')
      }
    }
  }
}

/** Undefined for what is no JSON: anybody who shares the Redis may write to the channel. */
function parsed(message: string): unknown {
  try {
    return JSON.parse(message)
  } catch {
    return undefined
  }
}
