/** A request's body on its way in: bounded, and no faster than somebody takes it. */
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { GatewayError } from './errors.ts'

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
      this.#timer = setTimeout(this.#onTimeout, this.#timeout)
      message.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose).resume()
    }
    return promise
  }

  /** What `work` gives, which asks for pieces and may take as long as one of them. @throws GatewayError as `next` does */
  async within<T>(work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(this.#onTimeout, this.#timeout)
    return work().finally(() => clearTimeout(timer))
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
  readonly #onTimeout = (): void => this.stop(tooLate(this.#timeout))
}

export function gone(): GatewayError {
  return new GatewayError('client_closed', 'The client closed the connection while sending its request.')
}

export function tooLate(timeout: number): GatewayError {
  return new GatewayError('request_timeout', `The request body did not arrive within ${timeout} ms.`)
}

export function tooLarge(limit: number): GatewayError {
  return new GatewayError('request_too_large', `The request body is larger than the ${limit} bytes allowed.`)
}
