/** A client on a connection of its own, which may read slowly, leave early or never finish its request. */
import { request as open } from 'node:http'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { JsonObject } from '@sluice/core'

/** A reply whose head has come. */
export interface OpenReply {
  status: number
  headers: IncomingHttpHeaders
  /** Waits until `text` (or the end) has come, with the rest of its frame; gives all text so far. */
  until: (text: string) => Promise<string>
  /** All text, and whether the connection broke before the end. */
  rest: () => Promise<{ text: string; broken: boolean }>
  /** Reads nothing any more, and then again. */
  pause: () => void
  resume: () => void
  /** Closes the connection. */
  leave: () => void
}

/** Sends a request and waits for the reply's head. */
export function ask(url: string, body: JsonObject): { request: ClientRequest; reply: Promise<OpenReply> } {
  const request = open(url, { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } })
  const reply = new Promise<OpenReply>((resolve, reject) => {
    request.on('error', reject).on('response', (incoming) => resolve(readable(incoming)))
  })
  request.end(JSON.stringify(body))
  return { request, reply }
}

/** Waits for the head of the reply to `body`. */
export function openReply(url: string, body: JsonObject): Promise<OpenReply> {
  return ask(url, body).reply
}

function readable(incoming: IncomingMessage): OpenReply {
  const chunks: Buffer[] = []
  const text = (): string => Buffer.concat(chunks).toString()
  const ended = new Promise<boolean>((resolve) => {
    incoming.on('error', () => resolve(true)).on('close', () => resolve(!incoming.complete))
  })
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    until: async (wanted) => {
      const hasCome = (): boolean => text().includes(wanted) && text().endsWith('\n\n')
      while (!hasCome() && !incoming.destroyed) {
        await Promise.race([new Promise((resolve) => incoming.once('data', resolve)), ended])
      }
      return text()
    },
    rest: async () => {
      const broken = await ended
      return { text: text(), broken }
    },
    pause: () => void incoming.pause(),
    resume: () => void incoming.resume(),
    leave: () => void incoming.destroy(),
  }
}

/** Sends bytes as they are and gives all that comes back until the connection closes, or until `enough`. */
export function exchangeBytes(url: string, bytes: string, enough?: (received: string) => boolean): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes))
    socket.setEncoding('utf8')
    socket.on('data', (piece: string) => {
      received += piece
      if (enough?.(received)) socket.destroy()
    })
    socket.on('error', reject).on('close', () => resolve(received))
  })
}
