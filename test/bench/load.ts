/**
 * The load generator: closed-loop clients on bare sockets that parse no more of a reply than where it
 * ends. Run as a child process; takes one command at a time and answers each.
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** Opens `connections` sockets to `port`; each will send `request`, whole with its head, again and again. */
export interface Open {
  command: 'open'
  port: number
  connections: number
  request: string
  /** What a whole streamed reply has among its last bytes; '' if the reply is no stream. */
  ending: string
}
/** Sends requests on every socket: for some seconds, or a number of them each. */
export interface Run {
  command: 'run'
  seconds?: number
  each?: number
}
export interface Close {
  command: 'close'
}

/** What one run saw. Times in milliseconds. */
export interface Load {
  replies: number
  /** Replies that were not 200, not whole, or never came. */
  errors: number
  seconds: number
  /** Until the last byte of the reply. */
  latency: Percentiles
  /** Until the first byte of the reply. */
  firstByte: Percentiles
}
export interface Percentiles {
  p50: number
  p90: number
  p99: number
}

const LAST_CHUNK = '\r\n0\r\n\r\n'
/** Bytes of a reply's end that are kept to look for the ending. */
const TAIL = 256
/** Milliseconds after which a run that does not end is an error. */
const PATIENCE = 20_000

class Client {
  readonly #socket: Socket
  readonly #request: Buffer
  readonly #ending: string
  /** Told of every end of a reply; says whether to send another request. */
  readonly #done: (client: Client, ok: boolean) => boolean
  sentAt = 0
  firstByteAt = 0
  #status = ''
  #head = ''
  #tail = ''
  /** Bytes of body still to come, −1 if the reply is chunked, −2 before the head. */
  #missing = -2

  constructor(open: Open, request: Buffer, done: (client: Client, ok: boolean) => boolean) {
    this.#request = request
    this.#ending = open.ending
    this.#done = done
    const buffer = Buffer.allocUnsafe(65_536)
    this.#socket = connect({
      port: open.port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer, callback: (size) => this.#read(buffer, size) },
    })
    this.#socket.on('error', () => this.#socket.destroy())
    this.#socket.on('close', () => this.#done(this, false))
  }

  send(): void {
    if (this.#socket.destroyed) return void this.#done(this, false)
    this.sentAt = performance.now()
    this.#missing = -2
    this.#socket.write(this.#request)
  }

  close(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
  }

  #read(buffer: Buffer, size: number): boolean {
    const from = this.#missing === -2 ? this.#readHead(buffer, size) : 0
    if (from === -1) return true
    if (this.#missing === -1) {
      const rest = buffer.toString('latin1', Math.max(from, size - TAIL), size)
      this.#tail = rest.length < TAIL ? (this.#tail + rest).slice(-TAIL) : rest
      if (this.#tail.endsWith(LAST_CHUNK)) this.#finish(this.#tail.includes(this.#ending))
    } else {
      this.#missing -= size - from
      if (this.#missing <= 0) this.#finish(this.#missing === 0 && this.#ending === '')
    }
    return true
  }

  /** Index of the body's first byte, or −1 if the head goes on. */
  #readHead(buffer: Buffer, size: number): number {
    if (this.#head === '') this.firstByteAt = performance.now()
    const held = this.#head.length
    this.#head += buffer.toString('latin1', 0, Math.min(size, 4096))
    const end = this.#head.indexOf('\r\n\r\n')
    if (end === -1) return -1
    const length = /\ncontent-length: *(\d+)/i.exec(this.#head.slice(0, end))?.[1]
    this.#status = this.#head.slice(9, 12)
    this.#missing = length === undefined ? -1 : Number(length)
    this.#head = ''
    this.#tail = ''
    return end + 4 - held
  }

  #finish(whole: boolean): void {
    if (this.#done(this, whole && this.#status === '200')) this.send()
  }
}

let clients: Client[] = []
let onReply: (client: Client, ok: boolean) => boolean = () => false

function run({ seconds = Infinity, each = Infinity }: Run): Promise<Load> {
  const latencies: number[] = []
  const firstBytes: number[] = []
  const left = new Map(clients.map((client) => [client, each]))
  let errors = 0
  const begin = performance.now()
  const deadline = begin + seconds * 1000
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(watchdog)
      onReply = () => false
      resolve({
        replies: latencies.length,
        errors,
        seconds: (performance.now() - begin) / 1000,
        latency: percentiles(latencies),
        firstByte: percentiles(firstBytes),
      })
    }
    const watchdog = setTimeout(() => {
      errors += left.size
      finish()
    }, PATIENCE)
    onReply = (client, ok) => {
      const now = performance.now()
      if (ok) {
        latencies.push(now - client.sentAt)
        firstBytes.push(client.firstByteAt - client.sentAt)
      } else errors++
      const more = (left.get(client) ?? 0) - 1
      if (ok && more > 0 && now < deadline) {
        left.set(client, more)
        return true
      }
      left.delete(client)
      if (left.size === 0) finish()
      return false
    }
    for (const client of clients) client.send()
  })
}

function percentiles(values: number[]): Percentiles {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) }
}

async function obey(message: Open | Run | Close): Promise<Load | undefined> {
  if (message.command === 'run') return await run(message)
  for (const client of clients) client.close()
  clients = []
  if (message.command === 'open') {
    const request = Buffer.from(message.request)
    clients = Array.from(
      { length: message.connections },
      () => new Client(message, request, (client, ok) => onReply(client, ok)),
    )
  }
  return undefined
}

process.on('message', (message: Open | Run | Close) => {
  void obey(message).then((answer) => process.send?.(answer ?? {}))
})
process.on('disconnect', () => process.exit())
