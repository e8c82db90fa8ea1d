/**
 * The gateway: a config becomes a kernel (validate → sort → set up → seal), the kernel is put behind a
 * listener, and in the end it is drained. Everything that may change on reload lives in the kernel; the
 * gateway holds one reference to the current one. There are no globals.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { DestinationStream } from 'pino'
import { resolveConfig } from './config.ts'
import type { GatewayConfig } from './config.ts'
import type { Dialect, ModelEntry } from './dialect.ts'
import { dispatch } from './dispatch.ts'
import type { DispatchOptions } from './dispatch.ts'
import { asGatewayError, describe, GatewayError } from './errors.ts'
import type { Answer } from './exchange.ts'
import { acceptHttp2 } from './http2.ts'
import { inspect } from './inspect.ts'
import type { GatewayInspection } from './inspect.ts'
import { Kernel } from './kernel.ts'
import { createLogger } from './logger.ts'
import type { Logger } from './logger.ts'
import type { CanonicalRequest } from './operations.ts'
import type { Announcement } from './plugin.ts'
import { SecretFiles } from './secret-files.ts'
import { createListener } from './server.ts'
import type { Listener } from './server.ts'
import { createTlsServer } from './tls.ts'
import type { TlsSettings } from './tls.ts'
import { acceptUpgrades, opensSocket } from './upgrade.ts'

/** Where the log goes (default: standard output) and where `env()` looks (default: `process.env`). */
export type GatewaySettings = { destination?: DestinationStream; environment?: NodeJS.ProcessEnv }

export interface Gateway {
  /** Number of the config in force; the first is 1. */
  readonly revision: number
  readonly log: Logger
  /** Starts to listen. @returns the address, e.g. `http://127.0.0.1:8080` */
  listen(): Promise<{ url: string }>
  /**
   * Builds a new generation from `config`, swaps it in and drains the old one; exchanges in flight keep
   * theirs. Host, port and TLS or not stay. @throws GatewayError with every problem; the old generation then stays
   */
  reload(config: GatewayConfig): Promise<void>
  /** Applies the config in force anew, as when a secret has changed. @throws as `reload` does */
  refresh(): Promise<void>
  /** Runs a request of the gateway's own through the pipeline. @throws GatewayError as a client would be told */
  dispatch(request: CanonicalRequest, options?: DispatchOptions): Promise<Answer>
  models(): readonly ModelEntry[]
  /** What clients may speak, by name. */
  dialects(): ReadonlyMap<string, Dialect>
  /** What plugins have to say to whoever started it. Holds secrets. */
  announcements(): readonly Announcement[]
  inspect(): GatewayInspection
  /** Refuses new requests, lets those in flight end (`server.drainTimeout`), then stops. May be called twice. */
  close(): Promise<void>
}

/**
 * Builds a gateway that is ready to listen.
 * @throws GatewayError with every problem of the config; nothing is left running then
 */
export async function createGateway(config: GatewayConfig, settings: GatewaySettings = {}): Promise<Gateway> {
  const gateway = new RunningGateway(settings)
  await gateway.reload(config)
  return gateway
}

/** Milliseconds. A body has the limit of the config; `requestTimeout` ends what drips into no exchange. */
const CONNECTIONS = {
  keepAliveTimeout: 65_000,
  headersTimeout: 60_000,
  requestTimeout: 3_600_000,
  shouldUpgradeCallback: opensSocket,
}

class RunningGateway implements Gateway {
  readonly #settings: GatewaySettings
  readonly #server
  readonly #http2
  /** Grows with each generation: a line written late may still hold an old secret. */
  readonly #secrets = new Set<string>()
  readonly #files = new SecretFiles(() => {
    this.refresh().catch((error) => this.log.error({ err: error }, 'a secret has changed, but cannot be used'))
  })
  #config: GatewayConfig | undefined
  #kernel: Kernel | undefined
  #listener: Listener | undefined
  #tls: ReturnType<typeof createTlsServer> | undefined
  readonly #retiring = new Map<Kernel, Promise<void>>()
  #reloads: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(settings: GatewaySettings) {
    this.#settings = settings
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      if (this.#closing) response.shouldKeepAlive = false
      void this.#listener!(request, response)
    }
    this.#server = createServer(CONNECTIONS, handle)
    this.#http2 = acceptHttp2(this.#server, handle)
    acceptUpgrades(this.#server, handle)
  }

  get #current(): Kernel {
    if (this.#kernel) return this.#kernel
    throw new GatewayError('shutting_down', 'The gateway is still starting. Use it once `ready` has run.')
  }

  get revision(): number {
    return this.#kernel?.revision ?? 0
  }

  get log(): Logger {
    return this.#current.log
  }

  refresh(): Promise<void> {
    return this.reload(this.#config!)
  }

  reload(config: GatewayConfig): Promise<void> {
    const applied = this.#reloads.then(() => this.#apply(config))
    this.#reloads = applied.catch(() => undefined)
    return applied
  }

  async #apply(config: GatewayConfig): Promise<void> {
    if (this.#closing) throw new GatewayError('shutting_down', 'The gateway is shutting down and takes no config.')
    const { destination, environment } = this.#settings
    const resolved = resolveConfig(config, environment, this.#secrets)
    const log = createLogger(resolved.server.logLevel, this.#secrets, destination)
    this.#secure(resolved.server.tls)
    const kernel = await Kernel.build(this.revision + 1, resolved, this, log)
    const old = this.#kernel
    this.#kernel = kernel
    try {
      const listener = createListener(kernel, () => this.#closing !== undefined)
      await kernel.hooks.ready.call(this)
      this.#listener = listener
    } catch (error) {
      this.#kernel = old
      await kernel.retire(this)
      const failure = asGatewayError(error)
      if (failure.code !== 'plugin_error') throw failure
      const text = `plugins[${failure.plugin}]: ready: ${describe(failure.cause).replace(/\.$/, '')}.`
      throw new GatewayError('config_invalid', text, { cause: failure.cause })
    }
    this.#config = config
    this.#files.follow(resolved.files)
    if (old) void this.#retire(old)
  }

  /** What takes connections: TLS, if the config had it when the gateway was made. */
  get #entrance(): Server {
    return this.#tls?.server ?? this.#server
  }

  #secure(settings: TlsSettings | undefined): void {
    if (this.#tls && settings) return this.#tls.renew(settings)
    if (!settings || this.#kernel) return // like host and port, it stays
    const toHttp1 = (socket: Socket): unknown => this.#server.emit('connection', socket)
    this.#tls = createTlsServer(settings, toHttp1, this.#http2.connect)
  }

  /** A generation that has been replaced ends with its last exchange. */
  #retire(kernel: Kernel): Promise<void> {
    const retired = kernel.retire(this).finally(() => this.#retiring.delete(kernel))
    this.#retiring.set(kernel, retired)
    return retired
  }

  async listen(): Promise<{ url: string }> {
    const { host, port } = this.#current.settings
    const listening = Promise.withResolvers<void>()
    this.#entrance.once('error', listening.reject).listen(port, host, listening.resolve)
    await listening.promise.catch((cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'something else listens there; choose another port' : cause.message
      throw new GatewayError('config_invalid', `Cannot listen on ${host}:${port}: ${why}.`, { cause })
    })
    const { family, address, port: bound } = this.#entrance.address() as AddressInfo
    return { url: `http${this.#tls ? 's' : ''}://${family === 'IPv6' ? `[${address}]` : address}:${bound}` }
  }

  dispatch(request: CanonicalRequest, options: DispatchOptions = {}): Promise<Answer> {
    return dispatch(this.#current, request, options)
  }

  models(): readonly ModelEntry[] {
    return this.#current.models
  }

  dialects(): ReadonlyMap<string, Dialect> {
    return this.#current.registry.dialects
  }

  announcements(): readonly Announcement[] {
    return this.#current.registry.announcements
  }

  inspect(): GatewayInspection {
    return inspect(this.#current)
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #close(): Promise<void> {
    this.#files.follow(new Map())
    await this.#reloads
    const kernel = this.#current
    const closed = new Promise((resolve) => this.#entrance.close(resolve))
    this.#http2.close()
    // A keep-alive socket that falls idle after its last reply would hold the server open.
    const sweep = setInterval(() => this.#server.closeIdleConnections(), 50)
    const limit = setTimeout(() => {
      for (const late of this.#retiring.keys())
        late.abort(new GatewayError('shutting_down', 'The gateway is shutting down.'))
      this.#server.closeAllConnections()
      this.#http2.destroy()
    }, kernel.settings.drainTimeout)
    void this.#retire(kernel)
    await Promise.all(this.#retiring.values())
    clearTimeout(limit)
    clearInterval(sweep)
    this.#server.closeAllConnections()
    this.#http2.destroy()
    await closed
  }
}
