/** One HTTP call to an upstream: gathers a whole answer, or probes a stream and hands it on. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex, Transform } from 'node:stream'
import { asGatewayError, GatewayError, invalidRequest } from '@sluice/core'
import type { StreamConsumer, WireReply, WireRequest, WireStream } from '@sluice/core'
import type { Dispatcher } from 'undici'
import { CallClock } from './call-clock.ts'
import { decompressor } from './decompress.ts'
import { transportFailure } from './failures.ts'
import { relayTo } from './socket-relay.ts'

/** Largest whole answer accepted, in bytes. */
const REPLY_LIMIT = 64 * 1024 * 1024
/** Bytes of a stream that may pile up before somebody takes them. */
const BACKLOG_LIMIT = 256 * 1024

type Controller = Dispatcher.DispatchController
/** What holds back an answer and gives it up: undici, or a socket that it has let go of. */
type Source = Pick<Controller, 'pause' | 'resume' | 'abort'>

/** undici's handler on one side, the kernel's call and stream on the other. */
export class HttpCall implements Dispatcher.DispatchHandler, WireStream {
  readonly reply: Promise<WireReply>
  readonly #request: WireRequest
  readonly #clock: CallClock
  readonly #settle: PromiseWithResolvers<WireReply> = Promise.withResolvers()
  #controller: Source | undefined
  #status = 0
  #headers: IncomingHttpHeaders = {}
  /** Bytes nobody has taken yet: all of a whole answer, the start of a stream. */
  #backlog: Buffer[] = []
  #backlogBytes = 0
  /** Set while a stream's first bytes are judged. */
  #probe: ((chunk: Buffer) => 'ok' | 'more' | GatewayError) | undefined
  /** Whether the answer is a stream that has passed its probe. */
  #open = false
  #consumer: StreamConsumer | undefined
  #inflate: Transform | undefined
  /** Whether there is anything to decompress: replies without a body may name an encoding too. */
  #packed = false
  #ended = false
  #failure: GatewayError | undefined
  #paused = false

  constructor(request: WireRequest) {
    this.#request = request
    this.reply = this.#settle.promise
    const isStream = request.stream || request.raw?.socket !== undefined
    this.#clock = new CallClock(request.timeouts, isStream, (error) => this.#fail(error))
  }

  /** Ends the call before it began: the client asked for what there is not. */
  refuse(message: string): void {
    this.#fail(invalidRequest(message, 'model'))
  }

  /** Ends the call before it began: there is no credential. */
  fail(thrown: unknown): void {
    this.#fail(asGatewayError(thrown, 'upstream_error', 'The credential for the provider could not be had.'))
  }

  // --- undici's side

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.#failure) controller.abort(this.#failure)
  }

  onResponseStart(_controller: Controller, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    const { codec, raw } = this.#request
    if (raw?.socket && status < 400)
      return this.#fail(new GatewayError('upstream_error', 'The upstream did not open a WebSocket.'))
    const type = headers['content-type']
    const isStream = status < 300 && codec && type?.startsWith(codec.contentType)
    if (raw && (isStream || (status < 300 && !isJson(type)))) this.#opened()
    else if (isStream) this.#probe = codec.prober()
    else this.#clock.wholeAnswer()
    const encoding = headers['content-encoding']
    if (encoding === undefined) return
    this.#inflate = decompressor(encoding)
    if (!this.#inflate) return
    delete headers['content-encoding']
    delete headers['content-length']
    // Decompressed bytes take the same way as plain ones, and meet the same bounds.
    this.#inflate
      .on('data', (chunk: Buffer) => this.#take(chunk))
      .on('drain', () => !this.#paused && this.#controller?.resume())
      .on('end', () => this.#end())
      .on('error', (cause) =>
        this.#fail(
          new GatewayError('upstream_error', 'The upstream sent a body that cannot be decompressed.', { cause }),
        ),
      )
  }

  /** From here on, what the client sends goes to the socket, and what comes out of it is the stream. */
  onRequestUpgrade(_controller: Controller, status: number, headers: IncomingHttpHeaders, socket: Duplex): void {
    this.#status = status
    this.#headers = headers
    this.#controller = relayTo(socket as Socket, this.#request.raw!.socket!, () => this.#clock.touch())
    if (this.#failure) return this.#controller.abort(this.#failure)
    socket
      .on('data', (chunk: Buffer) => this.#take(chunk))
      .on('end', () => this.#end())
      .on('error', (error) => this.#fail(transportFailure(error, true)))
      .on('close', () => this.abort())
    this.#opened()
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.#packed = true
    if (!this.#inflate) this.#take(chunk)
    else if (!this.#inflate.write(chunk)) controller.pause()
  }

  onResponseEnd(): void {
    if (this.#inflate && this.#packed) this.#inflate.end()
    else this.#end()
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#fail(GatewayError.is(error) ? error : transportFailure(error, this.#status > 0))
  }

  // --- the kernel's side

  abort(reason: GatewayError = new GatewayError('client_closed', 'The call was given up.')): void {
    this.#consumer = undefined
    this.#fail(reason)
  }

  attach(consumer: StreamConsumer): void {
    this.#consumer = consumer
    const backlog = this.#backlog
    this.#backlog = []
    const held = this.#paused
    this.#paused = false // from here on the consumer decides
    // In one piece: a burst that came before anybody was ready costs one pass and one write.
    if (backlog.length > 0) consumer.onChunk(backlog.length === 1 ? backlog[0]! : Buffer.concat(backlog))
    if (this.#failure) this.#consumer?.onError(this.#failure)
    else if (this.#ended) this.#consumer?.onEnd()
    else if (held && !this.#paused) this.#flow()
    this.#backlogBytes = 0
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#clock.pause()
    this.#inflate?.pause()
    this.#controller?.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#flow()
  }

  // --- inside

  #flow(): void {
    if (this.#ended || this.#failure) return
    this.#clock.resume()
    this.#inflate?.resume()
    this.#controller?.resume()
  }

  #take(chunk: Buffer): void {
    if (this.#failure) return
    this.#clock.touch()
    if (this.#consumer) return this.#consumer.onChunk(chunk)
    this.#backlog.push(chunk)
    this.#backlogBytes += chunk.length
    if (this.#probe) this.#judge(chunk)
    else if (!this.#open && this.#backlogBytes > REPLY_LIMIT) {
      this.#fail(new GatewayError('upstream_error', `The upstream's answer is larger than ${REPLY_LIMIT} bytes.`))
    }
    if (this.#open && this.#backlogBytes > BACKLOG_LIMIT) this.pause()
  }

  #judge(chunk: Buffer): void {
    let verdict: 'ok' | 'more' | GatewayError
    try {
      verdict = this.#probe!(chunk)
    } catch (error) {
      verdict = transportFailure(error as Error, true)
    }
    if (GatewayError.is(verdict)) return this.#fail(verdict)
    if (verdict === 'more' && this.#backlogBytes <= BACKLOG_LIMIT) return
    this.#opened()
  }

  /** The answer is a stream, and good so far. */
  #opened(): void {
    this.#probe = undefined
    this.#open = true
    this.#clock.firstByte()
    this.#settle.resolve({ status: this.#status, headers: this.#headers, stream: this })
  }

  #end(): void {
    if (this.#failure || this.#ended) return
    if (this.#probe)
      return this.#fail(new GatewayError('upstream_error', 'The upstream ended its stream before it said anything.'))
    this.#ended = true
    this.#clock.stop()
    if (this.#open) return this.#consumer?.onEnd()
    const body = this.#backlog.length === 1 ? this.#backlog[0]! : Buffer.concat(this.#backlog)
    this.#settle.resolve({ status: this.#status, headers: this.#headers, body })
  }

  #fail(error: GatewayError): void {
    if (this.#failure || this.#ended) return
    this.#failure = error
    this.#clock.stop()
    this.#inflate?.destroy()
    this.#controller?.abort(error)
    if (this.#open) this.#consumer?.onError(error)
    else this.#settle.reject(error)
  }
}

/** One JSON value, not lines of them. */
function isJson(contentType = ''): boolean {
  return /[/+]json\s*(;|$)/i.test(contentType)
}
