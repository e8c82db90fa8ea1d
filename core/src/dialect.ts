/**
 * What a dialect plugin provides: codecs between one wire format and the canonical model, and the
 * endpoints that speak it. Pure: no I/O. Every function may be handed anything a network can deliver:
 * it returns or throws a GatewayError; it never crashes, hangs or grows without bound.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { ModelAbout } from './config.ts'
import type { GatewayError } from './errors.ts'
import type { ChatRequest, ChatResponse, DialectName, JsonObject, StreamPart, Usage } from './model.ts'
import type {
  CanonicalRequest,
  CanonicalResponse,
  CountTokensRequest,
  CountTokensResponse,
  EmbeddingsRequest,
  EmbeddingsResponse,
  OpaqueOperation,
  Operation,
  RerankRequest,
  RerankResponse,
} from './operations.ts'

/** Reads a stream's bytes as parts. Bytes may be cut anywhere. */
export interface StreamReader {
  /** Appends to `out` what `chunk` completes. Throws `upstream_error` on what is not of the dialect. */
  push(chunk: Buffer, out: StreamPart[]): void
  /** The upstream closed the stream: appends what was held back; false if the answer was cut off. */
  end(out: StreamPart[]): boolean
  /** Set once the stream has said that it is over, whether or not it has been closed. */
  readonly isOver?: boolean
}

/** Reads what an upstream sends over a WebSocket, beside the bytes as they pass. Never throws. */
export interface SocketReader extends StreamReader {
  readonly share: number
  /** What tells the client why no more will come; undefined where nothing can be said, as within a frame. */
  farewell(error: GatewayError): Frames | undefined
}

/** What goes out: text, or bytes where the format is binary. */
export type Frames = string | Buffer

/** Writes parts in whole frames. */
export interface StreamWriter {
  /** What to send for `part`; often ''. Never handed an `error` part. */
  push(part: StreamPart): Frames
  /** What closes a clean answer. Not called after an error. */
  end(): Frames
  /** What ends a failed answer, where that depends on what was sent; else the dialect's `encodeStreamError`. */
  error?(error: GatewayError, requestId: string): Frames
}

/** For streams that tell their usage only if asked, in a frame of its own. */
export interface StreamUsage {
  /** The client's body with the question in it; undefined if it is there already. */
  ask(body: JsonObject, bytes: Buffer): { body: JsonObject; bytes: Buffer } | undefined
  /** Takes the answer, for which the client did not ask, out of whole frames. */
  hide(frames: Buffer): Buffer
}

/** The streamed form of an operation. Each method makes an object for one stream. */
export interface StreamCodec {
  /** Content type, without parameters. */
  contentType: string
  /** Bytes that clients ignore and that keep an idle connection open. */
  heartbeat?: string
  usage?: StreamUsage
  reader(): StreamReader
  /**
   * Like `reader`, for streams that pass as bytes: looks only at the beginning and the end, and tells
   * at the end what it found: usage, and that the answer finished, perhaps not why. `share` is then how
   * much of the stream it looked at, up to 1.
   */
  skimmer(): StreamReader & { readonly share: number }
  writer(context: ReplyContext): StreamWriter
  /**
   * Finds frame ends without reading: the bytes that may go out now, in whole frames, so that a cut
   * upstream never leaves a client with half a frame; at the end, what is left of a whole stream.
   */
  cutter(): { push(chunk: Buffer): Buffer | undefined; end(): Buffer | undefined }
  /** Judges a stream's first bytes, while another target may still take over: a refusal may come inside a 200. */
  prober(): (chunk: Buffer) => 'ok' | 'more' | GatewayError
}

/** Where a client sent its request, for dialects that say model or stream mode in the path. */
export type RequestPlace = { path: string; params: RouteParams }

/** A request whose body is not JSON, or none: everything but the body. `search` has its `?`. */
export type RawRequest = RequestPlace & { method: string; search: string; headers: IncomingHttpHeaders }

/** Where a raw request goes. */
export interface RawRoute {
  /** As a client would name it: a model of the config, or `provider/model`. */
  model: string
  /** Path and query below the provider's base URL. */
  path: string
  /** What the reply holds, if it is the reply of an operation that can be read: for its usage. */
  reads?: Operation
  /** In which dialect replies and refusals are, if not in the one that the provider is spoken to in. */
  dialect?: DialectName
  /** Set if the request must open a WebSocket, whose bytes then pass both ways: makes what reads the upstream's. */
  socket?(): SocketReader
  /** The beginning of the body with the target's model name in place, where the body holds one. */
  withModel?(head: Buffer, model: string): Buffer
  /** `path` with the target's model name in place, where it holds one. */
  pathFor?(model: string): string
}

/** For bodies that are passed on unread: uploads, and whatever else a provider has. */
export interface RawCodec {
  /**
   * Undefined asks for more of the body: `head` is what has come, `whole` whether that is all.
   * Throws `invalid_request` if it cannot be told where the request goes.
   */
  locate(request: RawRequest, head: Buffer, whole: boolean): RawRoute | undefined
  /** A JSON reply as the client shall see it, e.g. with ids that lead back to the provider. */
  reply?(body: JsonObject, provider: string): JsonObject
}

/** What the kernel must know of a request before it decodes it. */
export interface Inspection {
  model: string
  stream: boolean
  /** Set if the body holds marks that only the gateway understands, so that its bytes must not go up as they are. */
  transformed?: boolean
}

export interface RequestContext {
  /** The target's own model name. */
  model: string
  /** Report a parameter that the target's dialect has no word for. Never drop one without this. */
  drop(param: string, why: string): void
}

/** `id` of the exchange and `model` asked for, for dialects whose replies need them and the upstream gave none. */
export type ReplyContext<Q = ChatRequest> = { id: string; model: string; request: Q }

/** Translates the bodies of one operation. */
export interface BodyCodec<Q, R> {
  /**
   * A cheap look at a client's body: model and stream mode, and the mistakes every upstream would refuse,
   * a repeated `model` among them. Not deep: verbatim requests are never decoded. Throws `invalid_request`.
   */
  inspect(body: JsonObject, bytes: Buffer, place: RequestPlace): Inspection
  /** The client's bytes with another model name, all else untouched. */
  withModel(bytes: Buffer, model: string): Buffer
  /** `model` and `stream` are set by the kernel, from `inspect`. Throws `invalid_request` with `param` on a wrong shape. */
  decodeRequest(body: JsonObject): Q
  /** Parameters without which a request would mean something else: it is refused where one would be dropped. */
  vital?: readonly string[]
  encodeRequest(request: Q, context: RequestContext): JsonObject
  /** Throws `upstream_error` if the body is not of the dialect. */
  decodeResponse(body: JsonObject): R
  encodeResponse(response: R, context: ReplyContext<Q>): JsonObject
  /** The usage that a body tells, if it can be had without reading all of it. For bodies that pass as they are. */
  usageIn?(body: Buffer): Usage | undefined
}

/** Translates chat, whole and streamed. */
export interface Codec extends BodyCodec<ChatRequest, ChatResponse> {
  stream: StreamCodec
}

export type AnyCodec = BodyCodec<CanonicalRequest, CanonicalResponse> & { stream?: StreamCodec }

/** The operations that a dialect has words for. */
export type Codecs = {
  readonly chat?: Codec
  readonly 'count-tokens'?: BodyCodec<CountTokensRequest, CountTokensResponse>
  readonly embeddings?: BodyCodec<EmbeddingsRequest, EmbeddingsResponse>
  readonly rerank?: BodyCodec<RerankRequest, RerankResponse>
} & { readonly [operation in OpaqueOperation | 'models' | 'operator']?: AnyCodec }

/** One line of a model list: a name clients may send, the providers behind it, Unix seconds, what the config says of it. */
export type ModelEntry = { name: string; owners: readonly string[]; created: number; about?: ModelAbout }
export type RouteParams = { readonly [name: string]: string | undefined }

/** A route that clients call. */
export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In @koa/router's form, e.g. `/v1/models/{*id}`. */
  path: string
  operation: Operation
  /** Several dialects may share a path: takes the request only if true. Without it, takes what is left. */
  match?(headers: IncomingHttpHeaders, search: string): boolean
  /** For what the gateway answers by itself: the reply's JSON. Throws GatewayError. */
  answer?(view: { models: readonly ModelEntry[] }, params: RouteParams): JsonObject
}

export interface Dialect {
  name: DialectName
  codecs: Codecs
  /** Operations whose bodies pass unread. */
  raw?: { readonly [operation in Operation]?: RawCodec }
  endpoints: readonly Endpoint[]
  /** Whether a request that hit no endpoint seems to come from a client of this dialect. */
  recognises?(headers: IncomingHttpHeaders): boolean
  /** Client headers (lower case, `*` at the end matches any rest, `!` in front excludes) that go to an upstream of the same dialect. */
  requestHeaders: readonly string[]
  /** Upstream headers, in the same form, that go to a client of the same dialect. */
  replyHeaders: readonly string[]
  /** The body of an error reply. An error that came in this very dialect goes out as it came. */
  encodeError(error: GatewayError, requestId: string): JsonObject
  /** The frames that end a stream with an error. */
  encodeStreamError(error: GatewayError, requestId: string): Frames
  /** What an upstream refused with; `body` is parsed JSON, or text. Keeps status, type, message and wait. */
  decodeError(status: number, headers: IncomingHttpHeaders, body: unknown): GatewayError
}

/** How a dialect says an operation, if it has words for it. */
export function codecOf({ codecs }: Dialect, operation: Operation): AnyCodec | undefined {
  return codecs[operation]
}
