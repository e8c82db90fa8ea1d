/** What a provider plugin adds: an API that takes and gives a dialect's bytes, or code in this process that answers. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { TargetTraits } from './config.ts'
import type { StreamCodec } from './dialect.ts'
import type { GatewayError } from './errors.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { DialectName, JsonObject } from './model.ts'
import type { CanonicalRequest, Operation } from './operations.ts'

/** Milliseconds: to connect; for streams until the first event and between two pieces; for the whole attempt. */
export type Timeouts = { connect: number; firstByte: number; idle: number; total: number }
export const DEFAULT_TIMEOUTS: Timeouts = { connect: 10_000, firstByte: 120_000, idle: 120_000, total: 600_000 }

/** A request in the provider's dialect. `headers` go beside the provider's own. */
export interface WireRequest {
  operation: Operation
  /** One of those that the provider speaks. */
  dialect: DialectName
  model: string
  stream: boolean
  headers: { readonly [name: string]: string }
  body: Buffer | AsyncIterable<Buffer>
  timeouts: Timeouts
  /** How a streamed reply is framed. */
  codec: StreamCodec | undefined
  /**
   * Set if the client's request is passed on as it is: its method, path and query below the base URL, and
   * those of its headers that pass. The provider's own win over them. `socket` is set if the request opens a
   * WebSocket: what the client sends over it, for as long as it is open; the reply's stream is the other direction.
   */
  raw: { method: string; path: string; headers: { readonly [name: string]: string }; socket?: Readable } | undefined
}

/** An upstream's answer: a whole body, or a stream that has passed its probe and waits to be attached. */
export type WireReply = { status: number; headers: IncomingHttpHeaders; body?: Buffer; stream?: WireStream }

/** Takes a stream's bytes: synchronous calls, in order, of which the last is one of the last two. */
export interface StreamConsumer {
  onChunk(chunk: Buffer): void
  onEnd(): void
  onError(error: GatewayError): void
}

export interface WireStream {
  attach(consumer: StreamConsumer): void
  pause(): void
  resume(): void
  /** Closes the connection. The consumer hears nothing more. */
  abort(): void
}

/** An API that speaks a dialect, over whatever transport. */
export interface WireProvider {
  kind: 'wire'
  dialect: DialectName
  /** Other dialects that it speaks too, for clients of theirs and for operations that `dialect` does not have. */
  also?: readonly DialectName[]
  /** For people: where it is. */
  address: string
  /** Whose models it serves, by the name that price lists have for it; `sluice` if nobody is paid. */
  vendor?: string
  /** Sends a request. `reply` rejects with a GatewayError if no usable answer came. */
  send(request: WireRequest): { reply: Promise<WireReply>; abort(reason: GatewayError): void }
  /**
   * Where this upstream strays from its dialect: the body as it wants it, or the same object if nothing
   * has to change, in which case the client's own bytes are sent. Fields left out go through `drop`.
   */
  adapt?(
    body: JsonObject,
    drop: (param: string, why: string) => void,
    request: Pick<WireRequest, 'operation' | 'dialect' | 'model' | 'stream'>,
  ): JsonObject
  timeouts?: Partial<Timeouts>
  /** Names for the model list, if they are known without asking. */
  models?: readonly string[]
}

export interface LocalProvider {
  kind: 'local'
  /** An iterable of parts if `request.stream` is set, else a response. */
  answer(request: CanonicalRequest, call: { exchange: Exchange; signal: AbortSignal }): Answer | Promise<Answer>
  timeouts?: Partial<Timeouts>
  models?: readonly string[]
  vendor?: string
  /** Set if it answers with the help of exchanges of its own, each of which is limited and charged by itself. */
  asksOthers?: boolean
}

export type Provider = WireProvider | LocalProvider

/** Provider instance + upstream model, written `provider/model`, and what the config says for those who choose among targets. */
export type Target = { provider: string; model: string } & TargetTraits

/** One upstream call. Moments are on the clock of `performance.now()`, 0 before they come. */
export interface Attempt {
  /** 1 for the first of an exchange. */
  readonly number: number
  readonly target: Target
  readonly provider: Provider
  /** To send beside the provider's own; `beforeAttempt` may set them. Lower-case names. */
  headers: { [name: string]: string }
  /** `beforeAttempt` may change them. */
  timeouts: Timeouts
  /** `beforeAttempt` may set it: milliseconds without an answer after which the next target is called beside this one. */
  hedgeAfter?: number
  startedAt: number
  firstByteAt: number
  endedAt: number
  /** The upstream's HTTP status; 0 if there was none. */
  status: number
  error: GatewayError | undefined
}
