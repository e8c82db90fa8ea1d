/** Requests whose bodies pass unread: uploads, passthrough. Only their beginning is looked at, to know where they go. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { RawCodec, RawRequest, RawRoute, StreamCodec, StreamReader } from './dialect.ts'
import { invalidRequest } from './errors.ts'
import { copyHeaders } from './http.ts'
import type { Exchange } from './exchange.ts'
import type { StreamPart } from './model.ts'
import type { WireRequest } from './provider.ts'
import type { Upload } from './upload.ts'

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

/** What a client sends over the WebSocket that its request opened. */
export class ClientSocket {
  readonly stream: Socket
  /** What had come before. */
  readonly #before: number

  /** @throws GatewayError `invalid_request` if the request opened none */
  constructor(request: IncomingMessage & { upgrade?: boolean | null }) {
    // Of requests that only look like it Node has kept the socket.
    if (!request.upgrade) throw invalidRequest('Open a WebSocket here: nothing else is served at this address.')
    this.stream = request.socket
    this.#before = this.stream.bytesRead - this.stream.readableLength
  }

  get bytes(): number {
    return this.stream.bytesRead - this.#before
  }
}

/** A body of no more bytes than this is read as a whole, so that it can be sent again, and signed. */
const SMALL = 1024 * 1024

/** The part of a request that tells its route, and what is still to come. */
type Located = { route: RawRoute; head: Buffer; rest: Upload | undefined }

/**
 * Reads no more of a large body than `codec` needs to find its route.
 * @throws GatewayError `invalid_request`, and as `Upload` does
 */
export async function readRaw(upload: Upload, request: RawRequest, codec: RawCodec): Promise<Located> {
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
  const raw = { method: start.method, path: route.pathFor?.(model) ?? route.path, headers }
  if (rest instanceof ClientSocket) return { raw: { ...raw, socket: rest.stream }, body }
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
