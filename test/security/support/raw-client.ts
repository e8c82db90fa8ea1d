/** A client that sends bytes as they are, also those that no HTTP library would. */
import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** Status 0: the connection was closed without a reply. */
export interface RawReply {
  status: number
  head: string
  body: string
}

const NOTHING: RawReply = { status: 0, head: '', body: '' }

/** One connection at a time, kept as long as the gateway keeps it. Bytes are those of latin1. */
export class RawClient {
  readonly #url: URL
  #socket: Socket | undefined

  constructor(url: string) {
    this.#url = new URL(url)
  }

  async send(bytes: string): Promise<RawReply> {
    const socket = (this.#socket ??= await open(this.#url))
    const isBare = bytes.startsWith('HEAD ')
    let received = ''
    const reply = await new Promise<RawReply>((resolve) => {
      socket.on('data', (chunk: string) => {
        received += chunk
        const whole = replyIn(received, isBare, false)
        if (whole) resolve(whole)
      })
      socket.once('close', () => resolve(replyIn(received, isBare, true) ?? NOTHING))
      socket.write(bytes, 'latin1')
    })
    socket.removeAllListeners('data').removeAllListeners('close')
    if (socket.destroyed || reply.status < 200 || /^connection: close\r$/im.test(reply.head)) this.close()
    return reply
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }
}

function open({ hostname, port }: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => resolve(socket))
    socket.setEncoding('latin1').setNoDelay()
    socket.on('error', reject)
  })
}

/** Sends bytes and takes what comes until the connection is closed. @returns the statuses of all replies */
export async function statusesOf(url: string, bytes: string): Promise<number[]> {
  const socket = await open(new URL(url))
  let received = ''
  socket.on('data', (chunk: string) => (received += chunk)).write(bytes, 'latin1')
  await new Promise((resolve) => socket.once('close', resolve))
  return Array.from(received.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status))
}

/** @param isBare whether there is no body, whatever the head says @param isOver whether no more will come */
function replyIn(text: string, isBare: boolean, isOver: boolean): RawReply | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = `${text.slice(0, end)}\r\n`
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
  const rest = text.slice(end + 4)
  const length = /^content-length: (\d+)\r$/im.exec(head)?.[1]
  const told = length === undefined ? (/^transfer-encoding:/im.test(head) ? Infinity : 0) : Number(length)
  const size = isBare ? 0 : told
  if (rest.length < size && !isOver) return undefined
  return { status, head, body: rest.slice(0, size) }
}

/** Sends all of them, over a few connections. @returns the replies, in the order of the requests */
export async function sendAll(url: string, requests: readonly string[], connections = 16): Promise<RawReply[]> {
  const replies: RawReply[] = []
  let next = 0
  const work = async (): Promise<void> => {
    const client = new RawClient(url)
    for (let index = next++; index < requests.length; index = next++)
      replies[index] = await client.send(requests[index]!)
    client.close()
  }
  await Promise.all(Array.from({ length: connections }, work))
  return replies
}
