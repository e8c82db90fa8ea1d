/** The client's side of HTTP: a bounded body in, a whole reply or a stream out. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import type { Frames } from './dialect.ts'
import { invalidRequest } from './errors.ts'
import type { GatewayError } from './errors.ts'
import type { Reply } from './exchange.ts'
import { gone, tooLarge, tooLate } from './upload.ts'

type Inflater = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>
const inflaters: ReadonlyMap<string, Inflater> = new Map([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
])

/**
 * Reads a request's body, decompressed. `limit` holds before and after decompression, in bytes.
 * @throws GatewayError `request_too_large`, `request_timeout`, `invalid_request` (encoding), `client_closed`
 */
export async function readBody(request: IncomingMessage, limit: number, timeout: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
  // A body that came with its head, as most do, is parsed right after it, and needs no listeners and no timer.
  if (!request.complete) await new Promise((resolve) => setImmediate(resolve))
  const raw = request.complete ? buffered(request) : await gather(request, limit, timeout)
  if (raw.length > limit) throw tooLarge(limit)
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity'
  if (encoding === 'identity') return raw
  const inflater = inflaters.get(encoding)
  if (!inflater) throw invalidRequest(`content-encoding "${encoding}" is not supported. Use gzip, deflate, br or none.`)
  return inflater(raw, { maxOutputLength: limit }).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(limit) : invalidRequest(`The body is not valid ${encoding}.`)
  })
}

/** All of a body that has come whole; one `read` may give a part of it. */
function buffered(request: IncomingMessage): Buffer {
  const chunks: Buffer[] = []
  for (let chunk = request.read() as Buffer | null; chunk; chunk = request.read() as Buffer | null) chunks.push(chunk)
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

/** A body that is still coming: one set of listeners and one timer for all of it. */
function gather(request: IncomingMessage, limit: number, timeout: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(() => settle(tooLate(timeout)), timeout)
    function settle(error?: GatewayError): void {
      clearTimeout(timer)
      request.off('data', onData).off('end', settle).off('close', onClose)
      if (!error) return resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
      request.pause() // what is still to come is never read
      reject(error)
    }
    function onData(chunk: Buffer): void {
      chunks.push(chunk)
      size += chunk.length
      if (size > limit) settle(tooLarge(limit))
    }
    const onClose = (): void => settle(gone())
    if (request.destroyed && !request.readableEnded) return onClose()
    request.on('data', onData).on('end', settle).on('close', onClose)
  })
}

/** Sends a stream to one client, keeps the connection open in silence, and says when to slow down. */
export class StreamSink {
  readonly #response: ServerResponse
  readonly #out: Writable
  readonly #timer: NodeJS.Timeout | undefined
  /** Ticks of half an interval since something was sent: counting them is cheaper than asking the clock per chunk. */
  #quiet = 0
  bytes = 0

  /** Sends the head. `interval`: milliseconds of silence before `heartbeat` is sent; 0 for never. */
  constructor(response: ServerResponse, { status, headers }: Reply, heartbeat: string | undefined, interval: number) {
    this.#response = response
    this.#out = response
    if (status === 101) {
      // What follows this head is no body, and HTTP would drop it.
      response.writeHead(status, { ...headers, connection: 'Upgrade', upgrade: 'websocket' }).flushHeaders()
      this.#out = response.socket!
    } else response.writeHead(status, headers)
    if (heartbeat && interval > 0) this.#timer = setInterval(() => this.#tick(heartbeat), interval / 2)
  }

  /** Takes whole frames. False asks to wait for `onDrain`. */
  write(data: Frames): boolean {
    this.bytes += typeof data === 'string' ? Buffer.byteLength(data) : data.length
    this.#quiet = 0
    return this.#out.write(data)
  }

  onDrain(listener: () => void): void {
    this.#response.once('drain', listener)
  }

  end(data?: Frames): void {
    if (data?.length) this.write(data)
    this.stop()
    this.#response.end()
  }

  /** The client is gone. */
  stop(): void {
    clearInterval(this.#timer)
  }

  #tick(heartbeat: string): void {
    if (++this.#quiet > 2 && !this.#response.writableNeedDrain) this.write(heartbeat)
  }
}

/** Names that a client chose, as a header's value: what no header takes is replaced, and a long list is cut. */
export function headerList(names: readonly string[]): string {
  const list = names.join(', ').replace(/[^ -~]/g, '?')
  return list.length > 1024 ? `${list.slice(0, 1024)}...` : list
}

/**
 * Compiles header patterns (lower case, `*` at the end matches any rest, `!` in front excludes) into a test
 * that remembers its verdicts.
 */
export function headerFilter(patterns: readonly string[]): (name: string) => boolean {
  const verdicts = new Map<string, boolean>()
  const without = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1))
  const isOf = (list: readonly string[], name: string): boolean =>
    list.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern))
  return (name) => {
    const known = verdicts.get(name)
    if (known !== undefined) return known
    const verdict = !OWN_HEADERS.has(name) && !name.startsWith(':') && !isOf(without, name) && isOf(patterns, name)
    // Names come from the network: remember only as many as an honest peer sends.
    if (verdicts.size < 256) verdicts.set(name, verdict)
    return verdict
  }
}

/** Headers that belong to one connection, or to one side's credentials, however many patterns match them. */
const OWN_HEADERS = new Set(
  (
    'connection keep-alive proxy-connection te trailer transfer-encoding upgrade host content-length expect ' +
    'accept-encoding ' +
    'authorization proxy-authorization proxy-authenticate cookie set-cookie x-api-key api-key x-goog-api-key'
  ).split(' '),
)

/** Copies the headers that pass `filter` and are not named by `connection`, whose own they are (RFC 9110, 7.6.1). */
export function copyHeaders(
  from: IncomingHttpHeaders,
  filter: (name: string) => boolean,
  into: { [name: string]: string },
): void {
  const { connection = 'close' } = from
  const named = connection === 'close' || connection === 'keep-alive' ? undefined : connection.toLowerCase()
  const ends = named?.split(',').map((name) => name.trim())
  for (const name in from) if (filter(name) && !ends?.includes(name)) into[name] = String(from[name])
}
