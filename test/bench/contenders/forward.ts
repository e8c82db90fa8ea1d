/**
 * What both bare proxies share, written as an expert would: one pool, one handler object per request, the
 * client's bytes forwarded, a whole reply collected, a stream piped with backpressure.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Pool } from 'undici'
import type { Dispatcher } from 'undici'

export const upstream = new Pool(process.env['UPSTREAM'] ?? '', { allowH2: false, keepAliveTimeout: 60_000 })

// A process that ends by itself writes its CPU profile.
process.once('SIGTERM', () => process.exit())

/** What a proxy must know of a request. */
export interface Inspected {
  model: string
  stream?: boolean
}

/** Reads a whole request body. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    request.on('error', reject)
  })
}

/** The request line, headers and body of the upstream call. */
export function call(path: string, body: Buffer): Dispatcher.DispatchOptions {
  return {
    method: 'POST',
    path,
    headers: [
      'content-type',
      'application/json',
      'authorization',
      'Bearer sk-upstream',
      'content-length',
      String(body.length),
    ],
    body,
  }
}

/** Collects a whole reply. */
export class Collector implements Dispatcher.DispatchHandler {
  readonly #done: (status: number, type: string, body: Buffer) => void
  readonly #failed: (error: Error) => void
  #status = 0
  #type = ''
  readonly #chunks: Buffer[] = []

  constructor(done: (status: number, type: string, body: Buffer) => void, failed: (error: Error) => void) {
    this.#done = done
    this.#failed = failed
  }

  onRequestStart(): void {}
  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingMessage['headers'],
  ): void {
    this.#status = status
    this.#type = headers['content-type'] ?? ''
  }
  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk)
  }
  onResponseEnd(): void {
    const body = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    this.#done(this.#status, this.#type, body)
  }
  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#failed(error)
  }
}

/** Pipes a streamed reply to the client; stops the upstream when the client goes away. */
export class Pipe implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse
  #controller: Dispatcher.DispatchController | undefined

  constructor(response: ServerResponse) {
    this.#response = response
    response.on('drain', () => this.#controller?.resume())
    response.on('close', () => {
      if (!response.writableFinished) this.#controller?.abort(new Error('The client went away.'))
    })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#response.destroyed) controller.abort(new Error('The client went away.'))
  }
  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingMessage['headers'],
  ): void {
    this.#response.writeHead(status, { 'content-type': headers['content-type'] ?? '', 'cache-control': 'no-cache' })
  }
  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#response.write(chunk)) controller.pause()
  }
  onResponseEnd(): void {
    this.#response.end()
  }
  onResponseError(): void {
    if (this.#response.headersSent) this.#response.destroy()
    else this.#response.writeHead(502).end()
  }
}
