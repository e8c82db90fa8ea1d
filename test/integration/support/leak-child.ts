/** Run with --expose-gc: opens and aborts many streams, holds many at once, and prints what is left as JSON. */
import { createServer, request } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { createGateway, definePlugin } from '@sluice/core'
import { openaiDialect } from '@sluice/dialect-openai'
import { httpProvider } from '@sluice/provider-kit'

const FRAMES = 20
const PACE = 25
const frame = (content: string, finish: string | null): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`

/** One clock for all streams: a paced upstream is many streams, not many timers. */
const open = new Map<ServerResponse, number>()
const clock = setInterval(() => {
  for (const [response, sent] of open) {
    open.set(response, sent + 1)
    if (sent + 1 < FRAMES) response.write(frame('word ', null))
    else {
      open.delete(response)
      response.end(`${frame('', 'stop')}data: [DONE]\n\n`)
    }
  }
}, PACE)
const upstream = createServer((incoming, response) => {
  incoming.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(frame('first ', null))
    open.set(response, 1)
  })
  response.on('close', () => open.delete(response))
})
await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))

const outcomes: { [outcome: string]: number } = {}
const paced = definePlugin({
  name: 'paced',
  version: '0.0.0',
  api: 1,
  setup({ addProvider, hooks, onClose }) {
    const baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
    const { provider, close } = httpProvider({ dialect: 'openai-chat', baseUrl, path: () => '/', headers: () => ({}) })
    addProvider(provider)
    onClose(close)
    hooks.onComplete.tap('count', ({ outcome = 'none' }) => void (outcomes[outcome] = (outcomes[outcome] ?? 0) + 1))
  },
})
const gateway = await createGateway({ server: { port: 0, logLevel: 'silent' }, plugins: [openaiDialect(), paced()] })
const url = new URL('/v1/chat/completions', (await gateway.listen()).url)
const body = JSON.stringify({ model: 'paced/m', stream: true, messages: [{ role: 'user', content: 'hi' }] })

/** One stream: aborted at its first chunk, or read to its end. Resolves with what was read. */
function stream(abort: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const sent = request(url, { method: 'POST', agent: false }, (reply) => {
      reply.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (abort) sent.destroy()
      })
      reply.on('close', () => resolve(text))
    })
    sent.on('error', (error) => (abort ? resolve(text) : reject(error)))
    sent.end(body)
  })
}

async function inBatches(count: number, width: number, abort: boolean): Promise<void> {
  for (let done = 0; done < count; done += width) await Promise.all(Array.from({ length: width }, () => stream(abort)))
}

/** Waits until nothing is under way, then says what is held. */
async function held(): Promise<{ sockets: number; heap: number; resources: number }> {
  const connections = promisify<number>((done) => upstream.getConnections(done))
  for (let i = 0; i < 200 && (open.size > 0 || (await connections()) > 0); i++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  for (let i = 0; i < 3; i++) globalThis.gc!()
  const resources = process
    .getActiveResourcesInfo()
    .filter((name) => name === 'TCPSocketWrap' || name === 'Timeout').length
  return { sockets: await connections(), heap: process.memoryUsage().heapUsed, resources }
}

await inBatches(1_000, 50, true)
const early = await held()
await inBatches(4_000, 50, true)
const late = await held()
const aborted = { ...outcomes }

const texts = await Promise.all(Array.from({ length: 1_000 }, () => stream(false)))
const whole = texts.filter(
  (text) => text.endsWith('data: [DONE]\n\n') && text.split('word ').length === FRAMES - 1,
).length
await new Promise((resolve) => setTimeout(resolve, 50))
console.log(JSON.stringify({ early, late, aborted, whole, outcomes }))
clearInterval(clock)
upstream.closeAllConnections()
upstream.close()
await gateway.close()
