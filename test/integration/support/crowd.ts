/**
 * A process with a gateway, its upstream and its clients, for what can be measured only in a process of one's own:
 * `aborts` leaves thousands of streams, `crowd` holds many at once. Prints its findings as JSON.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createGateway } from '@sluice/core'
import { tapping } from './setting.ts'
import { ANTHROPIC, OPENAI, upTo, WIRES } from './wires.ts'

/** What the process holds when nothing is under way. */
export interface Held {
  streams: number
  heap: number
  resources: { [kind: string]: number }
  listeners: number
}
export interface Findings {
  held: Held[]
  ended: { [outcome: string]: number }
  whole: number
}

const AT_ONCE = 50
const TEXTS = ['Once ', 'upon ', 'a ', 'time.']
const stream = OPENAI.stream(...TEXTS)
const beginning = stream.slice(0, upTo(stream, 'Once '))

let open = 0
const upstream = createServer((request, response) => {
  open++
  response.on('close', () => open--).writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(beginning)
  request.resume()
  if (mode === 'crowd') pace(TEXTS.slice(1))

  /** The rest of the answer, a text at a time. */
  function pace(texts: readonly string[]): void {
    const [text] = texts
    const sent = TEXTS[TEXTS.length - texts.length - 1]!
    if (text === undefined) return void response.end(stream.slice(upTo(stream, sent)))
    setTimeout(() => {
      response.write(stream.slice(upTo(stream, sent), upTo(stream, text)))
      pace(texts.slice(1))
    }, 500)
  }
})
const mode = process.argv[2]
upstream.listen(0, '127.0.0.1')
await once(upstream, 'listening')

const ended: { [outcome: string]: number } = {}
const count = tapping('count', (hooks) => {
  hooks.onComplete.tap('count', ({ outcome = 'none' }) => void (ended[outcome] = (ended[outcome] ?? 0) + 1))
})
const gateway = await createGateway({
  server: { port: 0, logLevel: 'warn' },
  models: { m: 'up0/up-1' },
  plugins: [
    ...WIRES.map(({ plugin }) => plugin()),
    OPENAI.provider('up0', `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`, {}),
    count,
  ],
})
const { hostname, port } = new URL((await gateway.listen()).url)

/** One client, of the upstream's format or of the other; gives all that it received. */
function ask(index: number, leaves: boolean): Promise<string> {
  const client = index % 2 === 0 ? OPENAI : ANTHROPIC
  const body = JSON.stringify(client.request({ stream: true }))
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect({ host: hostname, port: Number(port) })
    const head = `POST ${client.path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`
    socket
      .setEncoding('utf8')
      .on('error', reject)
      .on('close', () => resolve(received))
    socket.on('data', (piece: string) => {
      received += piece
      if (leaves && received.includes('Once ')) socket.destroy()
    })
    socket.write(head + body)
  })
}

const endedSoFar = (): number => Object.values(ended).reduce((sum, each) => sum + each, 0)

/** Waits until nothing is under way any more. */
async function settle(streams: number): Promise<void> {
  while (endedSoFar() < streams || open > 0) await new Promise(setImmediate)
}

async function measure(streams: number): Promise<Held> {
  // What is let go of in one turn of the event loop may be collected only behind the next.
  for (let turn = 0; turn < 10; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    globalThis.gc?.()
  }
  const resources: Held['resources'] = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
  return { streams, heap: process.memoryUsage().heapUsed, resources, listeners }
}

const findings: Findings = { held: [], ended, whole: 0 }
if (mode === 'aborts') {
  for (let streams = 0; streams < 5000;) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => ask(index, true)))
    streams += AT_ONCE
    await settle(streams)
    if (streams === 1000 || streams === 5000) findings.held.push(await measure(streams))
  }
} else {
  const replies = await Promise.all(Array.from({ length: 1000 }, (_, index) => ask(index, false)))
  await settle(1000)
  findings.whole = replies.filter((reply, index) => {
    const client = index % 2 === 0 ? OPENAI : ANTHROPIC
    return client.textIn(reply) === TEXTS.join('') && reply.includes(client.cleanEnd)
  }).length
}
await gateway.close()
upstream.closeAllConnections()
upstream.close()
console.log(JSON.stringify(findings))
