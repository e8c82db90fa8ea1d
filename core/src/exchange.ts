/** What is known about one request, from its first header to the last byte of its reply. */
import type { IncomingHttpHeaders } from 'node:http'
import { codecOf } from './dialect.ts'
import type { Dialect, Endpoint, RawRoute, RouteParams } from './dialect.ts'
import { withinStack } from './errors.ts'
import type { GatewayError } from './errors.ts'
import type { Logger } from './logger.ts'
import type { JsonObject, StreamPart, Usage } from './model.ts'
import type { CanonicalRequest, CanonicalResponse, OpaqueOperation, OpaqueRequest, Operation } from './operations.ts'
import type { Attempt, Target } from './provider.ts'
import type { ClientSocket } from './raw.ts'
import type { ClientCertificate } from './tls.ts'
import type { Upload } from './upload.ts'

/**
 * Somebody whose limits hold for a caller: the key, its user, its team, the organisation above. `sections` are what
 * is set for them beside what the config says, by the names plugins give them, e.g. `limits`, `budget`.
 */
export interface Scope {
  kind: 'key' | 'user' | 'team' | 'organisation'
  id: string
  sections: { readonly [section: string]: unknown }
}

/** The authenticated caller. */
export interface Principal {
  id: string
  name?: string
  /** Id of the gateway key that was used, never the key itself. */
  key?: string
  team?: string
  organisation?: string
  user?: string
  tags?: readonly string[]
  roles?: readonly string[]
  /** What routes may demand, e.g. `metrics:read`; `*` stands for all. */
  permissions?: readonly string[]
  /** From the key upwards. */
  scopes?: readonly Scope[]
  metadata?: JsonObject
}

/** Nobody asked for a credential. May call models, may not call operator routes. */
export const ANONYMOUS: Principal = Object.freeze({ id: 'anonymous' })

/** What goes to the client. Header names are lower case. */
export type Reply = { status: number; headers: { [name: string]: string }; body?: JsonObject | string | Buffer }
/** What stands in for an upstream's answer: a response, or the parts of a stream, as `request.stream` asks. */
export type Answer = CanonicalResponse | AsyncIterable<StreamPart>
/**
 * How the reply was made: `verbatim` the upstream's bytes, `observed` the same with the parts read beside
 * them, `translated` decoded and encoded again, `local` written by the gateway itself.
 */
export type ReplyPath = 'verbatim' | 'observed' | 'translated' | 'local'
export type Outcome = 'ok' | 'refused' | 'failed' | 'client_closed'

/** A typed slot for what a plugin remembers about an exchange. `type` carries the type and is never set. */
export type ExchangeKey<T> = { readonly name: string; readonly type?: T }

/** @param name `plugin/what`; two calls give two keys */
export function exchangeKey<T>(name: string): ExchangeKey<T> {
  return { name }
}

/** A UUID of version 7 (RFC 9562), so that what was written at one time stands in one place of an index. */
export function newId(): string {
  const time = Date.now().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`
}

/** What stands from the start. `ip` is the socket's peer, `search` has its `?`. */
export interface ExchangeStart {
  method: string
  path: string
  search: string
  headers: IncomingHttpHeaders
  ip: string
  /** What the client's certificate says, if it was asked for one (`server.tls.requestCert`) and showed it. */
  certificate?: ClientCertificate | undefined
  /** The client's. */
  dialect: Dialect
  endpoint: Endpoint
  /** What the endpoint's path says. */
  params: RouteParams
  /** Number of the config that serves it. */
  revision: number
  log: Logger
  /** The exchange on whose behalf the gateway made this one. */
  parent?: Exchange | undefined
}

/** All fields exist from the start: one shape, whatever becomes of the exchange. */
export class Exchange {
  readonly start: ExchangeStart
  readonly id = newId()
  readonly headers: IncomingHttpHeaders
  readonly dialect: Dialect
  readonly operation: Operation
  /** Milliseconds since the epoch. Later moments are on the clock of `performance.now()`, 0 before they come. */
  readonly time: number = Date.now()
  readonly startedAt: number = performance.now()
  /** First byte of a model's answer sent to the client. */
  firstByteAt = 0
  endedAt = 0
  principal: Principal = ANONYMOUS
  /** The client's bytes, content-encoding undone; of a raw request only the beginning. */
  body: Buffer = EMPTY
  /** Set for a raw request: where it goes, what is still to come of its body, and whether that is under way. */
  raw: { route: RawRoute; rest: Upload | ClientSocket | undefined; sent: boolean } | undefined = undefined
  /** Model the client asked for; '' if the operation has none. */
  model = ''
  /** Whether the client asked for a stream. */
  stream = false
  /** Whether a plugin changed the request, so that the client's bytes no longer hold. */
  transformed = false
  targets: readonly Target[] = []
  attempts: Attempt[] = []
  /** Parameters the target could not take. */
  dropped: string[] = []
  /** Set by a plugin: an attempt whose target cannot take a parameter fails, as with `server.strictParams`. */
  strictParams = false
  /** Set once the reply's head is decided. */
  reply: Reply | undefined = undefined
  replyPath: ReplyPath = 'local'
  /** Where a cache was asked. */
  cache: 'hit' | 'miss' | undefined = undefined
  /** Bytes of body sent to the client. */
  bytesOut = 0
  /** Whether there was an answer, so that usage is due even if the client never got it. */
  answered = false
  usage: Usage | undefined = undefined
  error: GatewayError | undefined = undefined
  /** Undefined until the end. */
  outcome: Outcome | undefined = undefined
  /** Why it was stopped from outside, if it was. */
  aborted: GatewayError | undefined = undefined
  /** Set by whoever wants to know how long its hooks take, in milliseconds, by hook. */
  timings: Map<string, number> | undefined = undefined
  /** For the kernel: whether the upstream was asked for usage that the client did not ask for. */
  hidesUsage = false
  /** For the kernel: its place among the exchanges in flight. */
  slot = 0
  /** For the kernel: what to stop on an abort. Not a function: V8 puts one assigned to a property into its old space. */
  waiting: { abort(reason: GatewayError): void } | undefined = undefined
  #json: JsonObject | undefined = undefined
  #request: CanonicalRequest | undefined = undefined
  #log: Logger | undefined = undefined
  #data: Map<ExchangeKey<unknown>, unknown> | undefined = undefined
  #sees: ((model: string) => boolean) | undefined = undefined
  #controller: AbortController | undefined = undefined

  constructor(start: ExchangeStart) {
    this.start = start
    this.headers = start.headers
    this.dialect = start.dialect
    this.operation = start.endpoint.operation
  }

  /** Puts the exchange's id on each line. */
  get log(): Logger {
    return (this.#log ??= this.start.log.child({ exchange: this.id }))
  }

  /**
   * What the body says, nothing if it passes unread: parsed once, and again only if the kernel has let go of it, as it
   * does while it waits.
   */
  get json(): JsonObject {
    if (this.#json) return this.#json
    if (this.raw || this.body.length === 0) return NO_FIELDS
    return (this.#json = JSON.parse(this.body.toString()) as JsonObject)
  }

  set json(json: JsonObject | undefined) {
    this.#json = json
  }

  /** Bytes of the client's body, content-encoding undone; of a raw request those that have come, as they came. */
  get bytesIn(): number {
    return this.raw?.rest?.bytes ?? this.body.length
  }

  /** The canonical request, decoded on first use. Throws `invalid_request` on a wrong shape. */
  get request(): CanonicalRequest {
    if (this.#request) return this.#request
    const codec = codecOf(this.dialect, this.operation)
    if (!codec && !this.raw) throw new TypeError(`${this.operation} has no canonical request`)
    this.#request = codec ? withinStack(() => codec.decodeRequest(this.json)) : this.#opaque()
    this.#request.model = this.model
    this.#request.stream = this.stream
    return this.#request
  }

  /** For the kernel: as `transformRequest` left it, or as `dispatch` was given it. */
  set request(request: CanonicalRequest) {
    this.#request = request
  }

  #opaque(): OpaqueRequest {
    return { operation: this.operation as OpaqueOperation, model: this.model, stream: this.stream, extensions: {} }
  }

  get<T>(key: ExchangeKey<T>): T | undefined {
    return this.#data?.get(key) as T | undefined
  }

  set<T>(key: ExchangeKey<T>, value: T): void {
    this.#data ??= new Map()
    this.#data.set(key, value)
  }

  /** From now on the caller sees only models that pass `test` too, in model lists. Refusing others is the plugin's work. */
  narrow(test: (model: string) => boolean): void {
    const before = this.#sees
    this.#sees = before ? (model) => before(model) && test(model) : test
  }

  /** Whether model lists show a model to the caller. */
  sees(model: string): boolean {
    return this.#sees?.(model) ?? true
  }

  /** Aborted when the client goes away or the gateway gives up. Made on first use. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.aborted) this.#controller.abort(this.aborted)
    return this.#controller.signal
  }

  /** For the kernel: it failed. Of a plugin's crash the log is told what the client is not. */
  fail(error: GatewayError): void {
    this.error = error
    if (error.code !== 'plugin_error') return
    this.log.error({ plugin: error.plugin, hook: error.hook, err: error.cause ?? error }, 'a plugin failed')
  }

  /** Stops whatever the exchange is waiting for. Only the first reason counts. */
  abort(reason: GatewayError): void {
    if (this.aborted || this.outcome) return
    this.aborted = reason
    this.#controller?.abort(reason)
    this.waiting?.abort(reason)
  }

  /** Milliseconds the gateway itself took so far: the whole time less the union of the waits for upstreams. */
  overhead(now = performance.now()): number {
    let waited = 0
    let until = 0
    const { attempts } = this
    const inOrder = attempts.length > 1 ? attempts.toSorted((a, b) => a.startedAt - b.startedAt) : attempts
    for (const { startedAt, firstByteAt, endedAt } of inOrder) {
      const from = Math.max(startedAt, until)
      // While a stream is passed on, the wait for it is over; once it has ended, all of it was waiting.
      until = Math.max(until, endedAt || firstByteAt || now)
      waited += Math.max(0, until - from)
    }
    return Math.max(0, now - this.startedAt - waited)
  }
}

const EMPTY = Buffer.alloc(0)
const NO_FIELDS: JsonObject = Object.freeze({})
