/** The client's side of HTTP: a bounded body in, a whole reply or a stream out. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { GatewayError } from './errors.ts'
import type { Reply } from './exchange.ts'

const inflaters: { [encoding: string]: (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer> } = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
}

/**
 * Reads a request's body, decompressed. `limit` holds before and after decompression, in bytes.
 * @throws GatewayError `request_too_large`, `request_timeout`, `invalid_request` (encoding), `client_closed`
 */
export async function readBody(request: IncomingMessage, limit: number, timeout: number): Promise<Buffer> {
  const tooLarge = new GatewayError('request_too_large', `The request body is larger than the ${limit} bytes allowed.`)
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge
  const raw = await readRaw(request, limit, timeout, tooLarge)
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return raw
  const inflater = inflaters[encoding]
  if (!inflater)
    throw new GatewayError(
      'invalid_request',
      `content-encoding "${encoding}" is not supported. Use gzip, deflate, br or none.`,
    )
  return inflater(raw, { maxOutputLength: limit }).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge
      : new GatewayError('invalid_request', `The body is not valid ${encoding}.`)
  })
}

function readRaw(request: IncomingMessage, limit: number, timeout: number, tooLarge: GatewayError): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const late = new GatewayError('request_timeout', `The request body did not arrive within ${timeout} ms.`)
    const gone = new GatewayError('client_closed', 'The client closed the connection while sending its request.')
    const timer = setTimeout(() => settle(late), timeout)
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk)
      size += chunk.length
      if (size > limit) settle(tooLarge)
    }
    const onEnd = (): void => settle()
    const onClose = (): void => settle(gone)
    const settle = (error?: GatewayError): void => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('close', onClose)
      if (!error) return resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
      request.pause() // what is still to come is never read
      reject(error)
    }
    request.on('data', onData).on('end', onEnd).on('close', onClose)
  })
}

/** Sends a stream to one client, keeps the connection open in silence, and says when to slow down. */
export class StreamSink {
  readonly #response: ServerResponse
  readonly #beat: () => void
  #timer: NodeJS.Timeout | undefined
  #lastWrite = performance.now()
  bytes = 0

  /** Sends the head. `interval`: milliseconds of silence before `heartbeat` is sent; 0 for never. */
  constructor(response: ServerResponse, { status, headers }: Reply, heartbeat: string | undefined, interval: number) {
    this.#response = response
    response.writeHead(status, headers)
    this.#beat = () => {
      const silence = performance.now() - this.#lastWrite
      const due = silence >= interval - 1
      if (due && !response.writableNeedDrain) this.write(heartbeat!)
      this.#timer = setTimeout(this.#beat, due ? interval : interval - silence)
    }
    if (heartbeat && interval > 0) this.#timer = setTimeout(this.#beat, interval)
  }

  /** Takes whole frames. False asks to wait for `onDrain`. */
  write(data: Buffer | string): boolean {
    this.bytes += typeof data === 'string' ? Buffer.byteLength(data) : data.length
    this.#lastWrite = performance.now()
    return this.#response.write(data)
  }

  onDrain(listener: () => void): void {
    this.#response.once('drain', listener)
  }

  end(data?: string): void {
    if (data) this.write(data)
    this.stop()
    this.#response.end()
  }

  /** The client is gone. */
  stop(): void {
    clearTimeout(this.#timer)
  }
}

/** Compiles header patterns (lower case, `*` at the end matches any rest) into a test that remembers its verdicts. */
export function headerFilter(patterns: readonly string[]): (name: string) => boolean {
  const verdicts = new Map<string, boolean>()
  const matches = (name: string): boolean =>
    patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern))
  return (name) => {
    const verdict = verdicts.get(name) ?? matches(name)
    // Names come from the network: remember only as many as an honest peer sends.
    if (verdicts.size < 256) verdicts.set(name, verdict)
    return verdict
  }
}

/** Copies the headers that pass `filter`. Hop-by-hop ones never do: no dialect lists them. */
export function copyHeaders(
  from: IncomingHttpHeaders,
  filter: (name: string) => boolean,
  into: { [name: string]: string },
): void {
  for (const name in from) if (filter(name)) into[name] = String(from[name])
}
