/**
 * A provider made of canned bytes on a bare socket: it reads no more of a request than its path and
 * length. Run as a child process; says its port, then takes the kind of reply to give.
 */
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { CODECS } from '../support/codecs.ts'
import { PACES } from './content.ts'
import type { ReplyKind } from './content.ts'
import { UPSTREAM_HEADERS } from './headers.ts'
import { replyBody, replyFrames } from './traffic.ts'
import { wireOf, WIRES } from './wires.ts'
import type { ByWire, Wire } from './wires.ts'

/** What the upstream was asked last. */
export interface Seen {
  /** Path and query. */
  path: string
  body: string
}

interface Canned {
  /** The whole reply, as one write. */
  whole: Buffer
  /** The same in the pieces that a paced stream is sent in. */
  pieces: Buffer[]
}

const NOTHING = Buffer.alloc(0)

const common = Object.entries(UPSTREAM_HEADERS)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')

function canned(wire: Wire, kind: ReplyKind): Canned {
  const head = `HTTP/1.1 200 OK\r\n${common}`
  if (kind === 'json' || kind === 'json-large') {
    const body = replyBody(wire, kind)
    const length = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`
    return { whole: Buffer.from(head + length + body), pieces: [] }
  }
  const frames = replyFrames(wire, kind).map((frame) => Buffer.from(frame))
  const type = `content-type: ${CODECS[wire].stream.contentType}\r\n`
  const pieces = frames.map((frame, i) =>
    Buffer.concat([
      Buffer.from(i === 0 ? `${head}${type}transfer-encoding: chunked\r\n\r\n` : ''),
      Buffer.from(`${frame.length.toString(16)}\r\n`),
      frame,
      Buffer.from(i === frames.length - 1 ? '\r\n0\r\n\r\n' : '\r\n'),
    ]),
  )
  return { whole: Buffer.concat(pieces), pieces }
}

function replies(kind: ReplyKind): ByWire<Canned> {
  return Object.fromEntries(WIRES.map((wire) => [wire, canned(wire, kind)])) as ByWire<Canned>
}

/** Sends streams bit by bit: one timer for all, each stream in one of `pace` phases so that they do not move in step. */
class Pacer {
  readonly #phases: Set<PacedStream>[]
  #tick = 0
  #started = 0

  /** @param pace milliseconds between two pieces of a stream */
  constructor(pace: number) {
    this.#phases = Array.from({ length: pace }, () => new Set())
  }

  add(stream: PacedStream): void {
    this.#phases[this.#started++ % this.#phases.length]?.add(stream)
  }

  run(): void {
    const begin = performance.now()
    setInterval(() => {
      for (const until = Math.floor(performance.now() - begin); this.#tick < until; this.#tick++) {
        const phase = this.#phases[this.#tick % this.#phases.length] as Set<PacedStream>
        for (const stream of phase) if (!stream.advance()) phase.delete(stream)
      }
    }, 1)
  }
}

class PacedStream {
  readonly #socket: Socket
  readonly #pieces: Buffer[]
  #next = 0

  constructor(socket: Socket, pieces: Buffer[]) {
    this.#socket = socket
    this.#pieces = pieces
  }

  /** Sends one piece; false after the last one or if nobody listens any more. */
  advance(): boolean {
    if (!this.#socket.writable) return false
    this.#socket.write(this.#pieces[this.#next++] as Buffer)
    return this.#next < this.#pieces.length
  }
}

let kind: ReplyKind = 'json'
let reply = replies(kind)
let seen: { path: string; body: Buffer[] } = { path: '', body: [] }
const pacers = { paced: new Pacer(PACES.paced), held: new Pacer(PACES.held) }

/** Reads the requests of one connection, one after the other, and answers each. */
class Connection {
  readonly #socket: Socket
  #path = ''
  #head: Buffer = NOTHING
  #body: Buffer[] = []
  /** Bytes of the request's body still to come. */
  #missing = 0

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => (this.#missing > 0 ? this.#readBody(chunk) : this.#readHead(chunk)))
    socket.on('error', () => socket.destroy())
  }

  #readHead(chunk: Buffer): void {
    const bytes = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk])
    const end = bytes.indexOf('\r\n\r\n')
    this.#head = end === -1 ? bytes : NOTHING
    if (end === -1) return
    const head = bytes.toString('latin1', 0, end)
    const length = /\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (length === undefined) return void this.#socket.end('HTTP/1.1 411 Length Required\r\ncontent-length: 0\r\n\r\n')
    this.#path = head.slice('POST '.length, head.indexOf(' ', 'POST '.length))
    this.#missing = Number(length)
    this.#readBody(bytes.subarray(end + 4))
  }

  #readBody(chunk: Buffer): void {
    this.#body.push(chunk)
    this.#missing -= chunk.length
    if (this.#missing > 0) return
    seen = { path: this.#path, body: this.#body }
    this.#body = []
    const wire = wireOf(this.#path)
    if (wire === undefined) this.#socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
    else if (kind === 'paced' || kind === 'held') pacers[kind].add(new PacedStream(this.#socket, reply[wire].pieces))
    else this.#socket.write(reply[wire].whole)
  }
}

const server = createServer({ noDelay: true }, (socket) => new Connection(socket))
server.listen(0, '127.0.0.1', 4096, () => process.send?.({ port: (server.address() as AddressInfo).port }))
for (const pacer of Object.values(pacers)) pacer.run()
process.on('message', (message: ReplyKind | 'seen') => {
  if (message === 'seen')
    return void process.send?.({ path: seen.path, body: Buffer.concat(seen.body).toString() } satisfies Seen)
  kind = message
  reply = replies(kind)
  process.send?.(kind)
})
process.on('disconnect', () => process.exit())
