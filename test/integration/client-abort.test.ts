/** A client that leaves stops all that was done for it; one that reads slowly is waited for. */
import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { definePlugin } from '@sluice/core'
import type { Exchange, LocalProvider, PluginInstance, StreamPart } from '@sluice/core'
import { endless, sse, stallBeforeHeaders, stallMidBody, stallMidStream } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { ask, openReply } from './support/client.ts'
import { Ends, eventually, observer, setUp, tapping } from './support/setting.ts'
import type { Setting } from './support/setting.ts'
import type { WIRES } from './support/wires.ts'
import { OPENAI, PATHS, upTo } from './support/wires.ts'

/** Milliseconds in which whatever ran for a client that left must have stopped. */
const SOON = 100

const pluginsFor = (ends: Ends, observed = false): PluginInstance[] =>
  observed ? [observer(), ends.plugin] : [ends.plugin]

/** The upstream saw the connection close soon after `since`, and the exchange ended, once, as left by the client. */
async function expectLeft({ upstream }: Setting, ends: Ends, since: number): Promise<Exchange> {
  const request = await upstream.request()
  await request.closed
  expect(request.closedAt! - since).toBeLessThan(SOON)
  return expectOver(ends)
}

async function expectOver(ends: Ends): Promise<Exchange> {
  const exchange = await ends.at(0)
  expect(exchange).toMatchObject({ outcome: 'client_closed', error: { code: 'client_closed' } })
  await sleep(5)
  expect(ends.all).toHaveLength(1)
  return exchange
}

describe('a client that leaves in the middle of a stream', () => {
  test.for(PATHS)(
    'closes the upstream at once: $path by $wire.name to $client.name',
    async ({ path, client, wire, observed }) => {
      const ends = new Ends()
      await using setting = await setUp({ wire, plugins: pluginsFor(ends, observed) })
      const stream = wire.stream('Once ', 'upon ', 'a time.')
      setting.upstream.reply(stallMidStream(stream, upTo(stream, 'upon ')))
      const reply = await openReply(setting.gateway.url + client.path, client.request({ stream: true }))
      await reply.until('upon ')
      const left = performance.now()
      reply.leave()
      const exchange = await expectLeft(setting, ends, left)
      expect(exchange.replyPath).toBe(path)
      expect(exchange.bytesOut).toBeGreaterThan(0)
      expect(exchange.attempts).toMatchObject([{ status: 200, error: { code: 'client_closed' } }])
      // Ten characters were said; what the provider counted at its start is not what it cost.
      expect(exchange.usage).toMatchObject({ estimated: true, output: { total: 3 } })
      expect(setting.gateway.log.find(({ level }) => level === 'error')).toBeUndefined()
    },
  )

  test('closes it also if the connection is reset', async () => {
    const ends = new Ends()
    await using setting = await setUp({ plugins: pluginsFor(ends) })
    const stream = OPENAI.stream('Once ', 'upon ')
    setting.upstream.reply(stallMidStream(stream, upTo(stream, 'Once ')))
    const { request, reply } = ask(setting.gateway.url + OPENAI.path, OPENAI.request({ stream: true }))
    await (await reply).until('Once ')
    const left = performance.now()
    request.socket?.resetAndDestroy()
    await expectLeft(setting, ends, left)
    expect(setting.gateway.log.find(({ level }) => level === 'error')).toBeUndefined()
  })

  test('ends the exchange also if a stage still holds parts back', async () => {
    const ends = new Ends()
    const held = Promise.withResolvers<void>()
    const hold = (part: StreamPart): StreamPart[] | Promise<never> => {
      if (!('text' in part) || part.text !== 'upon ') return [part]
      held.resolve()
      return new Promise(() => undefined)
    }
    const holding = tapping('holding', (hooks) => {
      hooks.transformStream.tap('hold', (stages) => [...stages, { push: hold }])
    })
    await using setting = await setUp({ plugins: [holding, ...pluginsFor(ends)] })
    const stream = OPENAI.stream('Once ', 'upon ')
    const cut = [upTo(stream, 'Once ')]
    setting.upstream.reply(sse(stream.slice(0, upTo(stream, 'upon ')), { chunk: cut, delayMs: 5 }))
    const reply = await openReply(setting.gateway.url + OPENAI.path, OPENAI.request({ stream: true }))
    await held.promise
    reply.leave()
    await expectOver(ends)
  })
})

describe('a client that leaves before its reply', () => {
  const cases = PATHS.flatMap((path) => [false, true].map((stream) => ({ ...path, stream })))
  test.for(cases)(
    'closes the upstream at once, $path by $wire.name (stream: $stream)',
    async ({ client, wire, observed, stream }) => {
      const ends = new Ends()
      await using setting = await setUp({ wire, plugins: pluginsFor(ends, observed), targets: 2 })
      setting.upstream.reply(stallBeforeHeaders())
      const { request, reply } = ask(setting.gateway.url + client.path, client.request({ stream }))
      reply.catch(() => undefined)
      await setting.upstream.request()
      const left = performance.now()
      request.destroy()
      const exchange = await expectLeft(setting, ends, left)
      expect(exchange.attempts).toMatchObject([{ status: 0, error: { code: 'client_closed' } }])
      expect(setting.upstreams[1]!.requests).toHaveLength(0)
      expect(exchange.usage).toBeUndefined()
    },
  )

  test('closes the upstream in the middle of a whole answer', async () => {
    const ends = new Ends()
    await using setting = await setUp({ plugins: pluginsFor(ends) })
    setting.upstream.reply(stallMidBody(1000))
    const { request, reply } = ask(setting.gateway.url + OPENAI.path, OPENAI.request())
    reply.catch(() => undefined)
    await setting.upstream.request()
    await sleep(5)
    const left = performance.now()
    request.destroy()
    await expectLeft(setting, ends, left)
  })

  test.for(['onRequest', 'authenticate', 'authorize', 'admit', 'beforeAttempt'] as const)(
    'while a plugin works in %s, costs no upstream call',
    async (hook) => {
      const ends = new Ends()
      const reached = Promise.withResolvers<void>()
      const gone = Promise.withResolvers<void>()
      const slow = tapping('slow', (hooks) => {
        const wait = async (): Promise<undefined> => {
          reached.resolve()
          await gone.promise
        }
        if (hook === 'authenticate') hooks.authenticate.tap('wait', async () => ({ id: String(await wait()) }))
        else hooks[hook].tap('wait', wait)
      })
      await using setting = await setUp({ plugins: [slow, ...pluginsFor(ends)] })
      const { request, reply } = ask(setting.gateway.url + OPENAI.path, OPENAI.request())
      reply.catch(() => undefined)
      await reached.promise
      request.destroy()
      await sleep(10)
      gone.resolve()
      await expectOver(ends)
      expect(setting.upstream.requests).toHaveLength(0)
    },
  )

  test.for(['the body', 'a chunked body'])('in the middle of %s is forgotten', async (what) => {
    const ends = new Ends()
    await using setting = await setUp({ plugins: pluginsFor(ends) })
    const { port } = new URL(setting.gateway.url)
    const socket: Socket = connect({ port: Number(port), host: '127.0.0.1' })
    const framing = what === 'the body' ? 'content-length: 1000' : 'transfer-encoding: chunked'
    socket.write(`POST ${OPENAI.path} HTTP/1.1\r\nhost: x\r\n${framing}\r\n\r\n7\r\n{"model`)
    await sleep(10)
    socket.destroy()
    const exchange = await expectOver(ends)
    expect([setting.upstream.requests.length, exchange.attempts.length]).toEqual([0, 0])
  })

  test('while a plugin works and its body is still to come, is forgotten at once', async () => {
    const ends = new Ends()
    const gone = Promise.withResolvers<void>()
    const slow = tapping('slow', (hooks) => hooks.onRequest.tap('wait', () => gone.promise.then(() => undefined)))
    await using setting = await setUp({ plugins: [slow, ...pluginsFor(ends)] })
    const socket = connect({ port: Number(new URL(setting.gateway.url).port), host: '127.0.0.1' })
    socket.write(`POST ${OPENAI.path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{`)
    await sleep(10)
    socket.destroy()
    await sleep(10)
    gone.resolve()
    await expectOver(ends)
  })
})

describe('a client that leaves an answer made in this process', () => {
  const local = (provider: Omit<LocalProvider, 'kind'>): PluginInstance =>
    definePlugin({
      name: 'provider-local',
      version: '1.0.0',
      api: 1,
      setup: ({ addProvider }) => addProvider({ kind: 'local', ...provider }),
    })()

  test('aborts the signal of a stream, and its loop is left', async () => {
    const ends = new Ends()
    const stopped = Promise.withResolvers<number>()
    async function* parts(signal: AbortSignal): AsyncGenerator<StreamPart> {
      try {
        yield { type: 'start' }
        yield { type: 'text-delta', block: 0, text: 'Once ' }
        await sleep(10_000, undefined, { signal })
      } finally {
        stopped.resolve(performance.now())
      }
    }
    const plugin = local({ answer: (_request, { signal }) => parts(signal) })
    await using setting = await setUp({ plugins: [plugin, ...pluginsFor(ends)] })
    const body = OPENAI.request({ model: 'provider-local/any', stream: true })
    const reply = await openReply(setting.gateway.url + OPENAI.path, body)
    await reply.until('Once ')
    const left = performance.now()
    reply.leave()
    expect((await stopped.promise) - left).toBeLessThan(SOON)
    const exchange = await expectOver(ends)
    expect(exchange.usage).toMatchObject({ estimated: true, output: { total: 2 } })
  })

  test('ends the exchange although the stream never looks at its signal', async () => {
    const ends = new Ends()
    const returned = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    async function* parts(): AsyncGenerator<StreamPart> {
      try {
        yield { type: 'start' }
        yield { type: 'text-delta', block: 0, text: 'Once ' }
        await gate.promise
        yield { type: 'text-delta', block: 0, text: 'upon ' }
        await new Promise(() => undefined)
      } finally {
        returned.resolve()
      }
    }
    await using setting = await setUp({ plugins: [local({ answer: parts }), ...pluginsFor(ends)] })
    const body = OPENAI.request({ model: 'provider-local/any', stream: true })
    const reply = await openReply(setting.gateway.url + OPENAI.path, body)
    await reply.until('Once ')
    reply.leave()
    await expectOver(ends)
    gate.resolve()
    await returned.promise
  })

  test.for([false, true])('ends the exchange although the model never answers (stream: %s)', async (stream) => {
    const ends = new Ends()
    const called = Promise.withResolvers<AbortSignal>()
    const answer = (_request: unknown, { signal }: { signal: AbortSignal }): Promise<never> => {
      called.resolve(signal)
      return new Promise(() => undefined)
    }
    await using setting = await setUp({ plugins: [local({ answer }), ...pluginsFor(ends)] })
    const { request, reply } = ask(
      setting.gateway.url + OPENAI.path,
      OPENAI.request({ model: 'provider-local/any', stream }),
    )
    reply.catch(() => undefined)
    const signal = await called.promise
    request.destroy()
    await expectOver(ends)
    expect(signal.aborted).toBe(true)
  })
})

describe('a client that does not read', () => {
  const frames = PATHS.map((path) => ({ ...path, frame: deltaOf(path.wire) }))

  test.for(frames)(
    'stops the upstream, $path by $wire.name to $client.name',
    async ({ client, wire, observed, frame }) => {
      const ends = new Ends()
      await using setting = await setUp({ wire, plugins: pluginsFor(ends, observed) })
      const stream = endless(frame)
      setting.upstream.reply(stream)
      const reply = await openReply(setting.gateway.url + client.path, client.request({ stream: true }))
      reply.pause()
      await eventually(() => stream.backpressure)
      await stable(() => stream.bytes)
      const left = performance.now()
      reply.leave()
      await expectLeft(setting, ends, left)
    },
  )

  test.for(PATHS)('has the whole answer when it reads on, $path by $wire.name to $client.name', async (options) => {
    const { path, client, wire, observed } = options
    const ends = new Ends()
    // In one case for longer than the upstream may be silent: silence that the client asked for does not count.
    const idle = path === 'verbatim' && client === OPENAI ? 400 : 60_000
    await using setting = await setUp({ wire, plugins: pluginsFor(ends, observed), timeouts: { idle } })
    // More than the operating system holds for two connections, and each piece unlike the others.
    const texts = Array.from({ length: 200 }, (_, index) => `${index}:${'x'.repeat(100_000)};`)
    const stream = wire.stream(...texts)
    let sent = 0
    setting.upstream.reply(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (let at = 0; at < stream.length && !response.destroyed; at += 65_536) {
        const piece = stream.slice(at, at + 65_536)
        if (!response.write(piece))
          await new Promise((resolve) => response.once('drain', resolve).once('close', resolve))
        sent += piece.length
      }
      response.end()
    })
    const reply = await openReply(setting.gateway.url + client.path, client.request({ stream: true }))
    reply.pause()
    await stable(() => sent)
    expect(sent).toBeLessThan(stream.length)
    if (idle < 1000) await sleep(idle * 1.5)
    reply.resume()
    const { text, broken } = await reply.rest()
    expect(broken).toBe(false)
    if (client === wire) expect(sha256(text)).toBe(sha256(stream))
    else expect(sha256(client.textIn(text))).toBe(sha256(texts.join('')))
    expect(await ends.at(0)).toMatchObject({ outcome: 'ok', usage: { input: { total: 7 }, output: { total: 3 } } })
  })
})

test('a compressed stream is not inflated faster than its client reads', async () => {
  const ends = new Ends()
  const parts: StreamPart[] = []
  await using setting = await setUp({ plugins: [observer(parts), ends.plugin] })
  // Small on the network and large behind it: all of it has come before the client has read a little.
  const texts = Array.from({ length: 400 }, (_, index) => `${index}:${'x'.repeat(100_000)};`)
  const stream = OPENAI.stream(...texts)
  setting.upstream.reply(sse(gzipSync(stream), { headers: { 'content-encoding': 'gzip' } }))
  const reply = await openReply(setting.gateway.url + OPENAI.path, OPENAI.request({ stream: true }))
  reply.pause()
  await stable(() => parts.length)
  expect(parts.length).toBeLessThan(texts.length)
  reply.resume()
  const { text } = await reply.rest()
  expect(sha256(text)).toBe(sha256(stream))
  expect(await ends.at(0)).toMatchObject({ outcome: 'ok' })
})

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A frame from the middle of a stream. */
function deltaOf(wire: (typeof WIRES)[number]): string {
  const stream = wire.stream('before', 'some text of middling length', 'after')
  return stream.slice(upTo(stream, 'before'), upTo(stream, 'middling'))
}

/** Waits until a number has not changed for a while. */
async function stable(read: () => number): Promise<void> {
  for (let before = -1; before !== read(); await sleep(60)) before = read()
}
