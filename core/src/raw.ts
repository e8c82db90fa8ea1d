/** Requests whose bodies pass unread: uploads, passthrough. Only their beginning is looked at, to know where they go. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { RawCodec, RawRequest, RawRoute, StreamCodec, StreamReader } from './dialect.ts'
import { GatewayError, invalidRequest } from './errors.ts'
import { copyHeaders, tooLarge } from './http.ts'
import type { Exchange } from './exchange.ts'
import type { StreamPart } from './model.ts'
import type { WireRequest } from './provider.ts'

/** Bytes that nobody reads: they pass as they come, and their end is a good one. */
export const BYTES: StreamCodec = {
  contentType: '',
  reader: () => ({ push: () => undefined, end: () => true }),
  skimmer: () => ({ push: () => undefined, end: () => true, share: 1 }),
  writer: () => ({ push: () => '', end: () => '' }),
  cutter: () => ({ push: (chunk) => chunk, end: () => undefined }),
  prober: () => () => 'ok',
}

/** Bytes that pass as they come, with `codec` reading beside them as far as it can: what it cannot read is no fault. */
export function beside(codec: StreamCodec): StreamCodec {
  return {
    ...BYTES,
    contentType: codec.contentType,
    reader: () => new LenientReader(codec.reader(), codec.cutter()),
    skimmer: () => new LenientReader(codec.skimmer(), codec.cutter()),
  }
}

class LenientReader implements StreamReader {
  #reader: (StreamReader & { readonly share?: number }) | undefined
  /** Skimmers take whole frames only. */
  readonly #cutter: ReturnType<StreamCodec['cutter']>

  constructor(reader: StreamReader, cutter: ReturnType<StreamCodec['cutter']>) {
    this.#reader = reader
    this.#cutter = cutter
  }

  get share(): number {
    return this.#reader?.share ?? 1
  }

  push(chunk: Buffer, out: StreamPart[]): void {
    if (!this.#reader) return
    try {
      const frames = this.#cutter.push(chunk)
      if (frames) this.#reader.push(frames, out)
    } catch {
      this.#reader = undefined
    }
  }

  end(out: StreamPart[]): boolean {
    try {
      const rest = this.#reader && this.#cutter.end()
      if (rest) this.#reader?.push(rest, out)
      this.#reader?.end(out)
    } catch {}
    return true
  }
}

type Piece = IteratorResult<Buffer, undefined>

/** A body that is handed on piece by piece, as it is asked for. */
export class Upload implements AsyncIterable<Buffer> {
  /** What has come so far. */
  bytes = 0
  readonly #message: IncomingMessage
  readonly #limit: number
  readonly #timeout: number
  #asked: PromiseWithResolvers<Piece> | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param limit bytes of the whole @param timeout milliseconds that a piece may take */
  constructor(message: IncomingMessage, limit: number, timeout: number) {
    this.#message = message
    this.#limit = limit
    this.#timeout = timeout
  }

  /** Bytes of the whole; undefined if the client does not say. */
  get length(): number | undefined {
    const { 'content-length': length, 'transfer-encoding': coding } = this.#message.headers
    const { stream } = this.#message as IncomingMessage & Partial<Pick<Http2ServerRequest, 'stream'>>
    // In HTTP/2 a body of any length may follow headers that are not the end.
    const isOpen = coding !== undefined || stream?.endAfterHeaders === false
    return length === undefined && isOpen ? undefined : Number(length ?? 0)
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return this
  }

  /** @throws GatewayError `request_too_large`, `request_timeout`, `client_closed` */
  next(): Promise<Piece> {
    this.#asked = Promise.withResolvers()
    const { promise } = this.#asked
    const message = this.#message
    if (message.readableEnded) this.#onEnd()
    else if (message.destroyed) this.#onClose()
    else if ((this.length ?? 0) > this.#limit) this.stop(tooLarge(this.#limit))
    else {
      this.#timer = setTimeout(() => this.stop(late(this.#timeout)), this.#timeout)
      message.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose).resume()
    }
    return promise
  }

  /** Nobody waits for a piece any more. */
  stop(reason: GatewayError = gone()): void {
    this.#release()?.reject(reason)
  }

  #release(): PromiseWithResolvers<Piece> | undefined {
    const asked = this.#asked
    this.#asked = undefined
    clearTimeout(this.#timer)
    // Between two pieces nobody listens, so that whoever discards the rest has only to resume.
    this.#message.pause().off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    return asked
  }

  readonly #onData = (chunk: Buffer): void => {
    this.bytes += chunk.length
    if (this.bytes > this.#limit) this.stop(tooLarge(this.#limit))
    else this.#release()?.resolve({ value: chunk, done: false })
  }

  readonly #onEnd = (): void => this.#release()?.resolve({ value: undefined, done: true })
  readonly #onClose = (): void => this.stop()
}

const gone = (): GatewayError =>
  new GatewayError('client_closed', 'The client closed the connection while sending its request.')
const late = (timeout: number): GatewayError =>
  new GatewayError('request_timeout', `The request body did not arrive within ${timeout} ms.`)

export interface RawBody {
  route: RawRoute
  /** What had to be read to find the route. */
  head: Buffer
  /** What is still to come. */
  rest: Upload | undefined
}

/** A body of no more bytes than this is read as a whole, so that it can be sent again, and signed. */
const SMALL = 1024 * 1024

/**
 * Reads no more of a large body than `codec` needs to find its route.
 * @param timeout milliseconds for what is read here
 * @throws GatewayError `invalid_request`, and as `Upload` does
 */
export async function readRaw(upload: Upload, request: RawRequest, codec: RawCodec, timeout: number): Promise<RawBody> {
  const timer = setTimeout(() => upload.stop(late(timeout)), timeout)
  try {
    const pieces: Buffer[] = []
    const { length } = upload
    let whole = length === 0
    let route: RawRoute | undefined
    // Looking again only when there is twice as much keeps the work in proportion to the body.
    for (let looked = 0; ;) {
      if (!route && (whole || upload.bytes >= 2 * looked)) {
        looked = Math.max(upload.bytes, 1)
        route = codec.locate(request, Buffer.concat(pieces), whole)
        if (!route && whole) throw invalidRequest('The body does not say which model it is for.', 'model')
      }
      const isRest = length === undefined || length > SMALL
      if (route && (whole || isRest)) return { route, head: Buffer.concat(pieces), rest: whole ? undefined : upload }
      const next = await upload.next()
      if (next.done) whole = true
      else pieces.push(next.value)
    }
  } finally {
    clearTimeout(timer)
  }
}

/** Request headers that say how a body is to be read, and what is wanted of a reply's: they go where bodies pass unread. */
const BODY_HEADERS = ['content-type', 'content-encoding', 'accept', 'range']

/** What goes to a target: the body with the target's model name in it, if it holds one, and the rest as it comes. */
export function rawRequest(
  exchange: Exchange,
  model: string,
  passes: (name: string) => boolean,
): Required<Pick<WireRequest, 'body' | 'raw'>> {
  const { body, start } = exchange
  const { route, rest } = exchange.raw!
  const head = model === exchange.model ? body : (route.withModel?.(body, model) ?? body)
  const headers: { [name: string]: string } = {}
  copyHeaders(exchange.headers, (name) => passes(name) || BODY_HEADERS.includes(name), headers)
  const length = exchange.headers['content-length']
  if (rest && length) headers['content-length'] = String(Number(length) + head.length - body.length)
  const raw = { method: start.method, path: route.path, headers }
  return { raw, body: rest ? following(exchange.raw!, head, rest) : head }
}

async function* following(raw: NonNullable<Exchange['raw']>, head: Buffer, rest: Upload): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  raw.sent = true
  yield* rest
}

/** Those that pass, and whatever describes the body. */
export function rawReplyHeaders(
  headers: IncomingHttpHeaders,
  passes: (name: string) => boolean,
): { [name: string]: string } {
  const passed: { [name: string]: string } = {}
  copyHeaders(headers, (name) => passes(name) || name.startsWith('content-'), passed)
  return passed
}
