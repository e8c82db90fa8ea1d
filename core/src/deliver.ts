/** Hands an answer to the client, by one of the reply paths (`stream.ts` says what they are). */
import { parsed } from './attempt.ts'
import type { Served } from './attempt.ts'
import type { Client } from './client.ts'
import type { AnyCodec, SocketReader, StreamCodec } from './dialect.ts'
import { GatewayError } from './errors.ts'
import type { Exchange, Reply } from './exchange.ts'
import { copyHeaders, headerList } from './http.ts'
import type { Kernel } from './kernel.ts'
import type { JsonObject, StreamPart, Usage } from './model.ts'
import type { CanonicalResponse, OpaqueOperation } from './operations.ts'
import type { WireReply } from './provider.ts'
import { beside, BYTES, rawReplyHeaders } from './raw.ts'
import { Stages } from './stage.ts'
import { decodeInto, pump, relayBytes, relayParts } from './stream.ts'
import type { Done, Relay } from './stream.ts'

/** Settles when the last byte is handed over. @throws GatewayError if nothing has reached the client yet */
export async function deliver(kernel: Kernel, exchange: Exchange, client: Client, served: Served): Promise<void> {
  const wire = 'wire' in served ? served.wire : undefined
  exchange.answered = true
  try {
    if (exchange.aborted) throw exchange.aborted
    await (exchange.stream ? deliverStream : deliverWhole)(kernel, exchange, client, served)
  } catch (error) {
    wire?.stream?.abort()
    throw error
  }
}

async function deliverWhole(kernel: Kernel, exchange: Exchange, client: Client, served: Served): Promise<void> {
  const { hooks, wantsUsage } = kernel
  const decode = (): CanonicalResponse => {
    if (!('wire' in served)) return served.answer as CanonicalResponse
    return served.codec ? served.codec.decodeResponse(parse(served.wire.body!)) : opaque(exchange)
  }
  const isOwn = isClients(exchange, client, served)
  const shown = exchange.raw
    ? opaque(exchange)
    : isOwn && !hooks.transformResponse.usedBy(exchange)
      ? undefined
      : decode()
  let response = shown
  try {
    if (shown) response = await hooks.transformResponse.call(shown, exchange)
    const bytesHold = isOwn && (exchange.raw !== undefined || response === shown)
    exchange.replyPath = !bytesHold ? 'translated' : wantsUsage || shown ? 'observed' : 'verbatim'
    const reply = await head(kernel, exchange, served)
    if (bytesHold && 'wire' in served) client.send(exchange, { ...reply, body: bodyFor(exchange, served.wire) })
    else client.sendResponse(exchange, reply, response!)
  } finally {
    if (wantsUsage)
      exchange.usage =
        skimmedUsage(served, response) ?? usageOf(exchange, () => (exchange.raw ? undefined : response) ?? decode())
  }
}

/** What hooks are shown of a body that passes unread. */
function opaque({ operation }: Exchange): CanonicalResponse {
  return { operation: operation as OpaqueOperation, extensions: {} }
}

/** The upstream's body, with ids in it that lead back to the provider where there is such a thing. */
function bodyFor(exchange: Exchange, { body, headers }: WireReply): Buffer | JsonObject {
  const raw = exchange.dialect.raw?.[exchange.operation]
  if (!raw?.reply || !headers['content-type']?.includes('json')) return body!
  const json = parsed(body)
  if (typeof json !== 'object') return body! // a file may be called JSON and be none
  const changed = raw.reply(json as JsonObject, exchange.attempts.at(-1)!.target.provider)
  return changed === json ? body! : changed
}

/** Of a body that nobody has read. */
function skimmedUsage(served: Served, response: CanonicalResponse | undefined): Usage | undefined {
  return response || !('wire' in served) ? undefined : served.codec?.usageIn?.(served.wire.body!)
}

function usageOf(exchange: Exchange, decode: () => CanonicalResponse): Usage | undefined {
  try {
    const response = decode()
    if (response.usage) return response.usage
    return 'choices' in response ? estimate(exchange, JSON.stringify(response.choices).length) : undefined
  } catch (err) {
    exchange.log[exchange.raw ? 'debug' : 'warn']({ err }, 'a reply was passed on that cannot be read')
    return undefined
  }
}

async function deliverStream(kernel: Kernel, exchange: Exchange, client: Client, served: Served): Promise<void> {
  const { hooks } = kernel
  const added = await hooks.transformStream.call([], exchange)
  const stages = added.length > 0 ? new Stages(added, kernel.settings.hookTimeout) : undefined
  const bytesHold = isClients(exchange, client, served) && (exchange.raw || !stages)
  const observed = hooks.onStreamPart.usedBy(exchange)
  exchange.replyPath = !bytesHold ? 'translated' : observed ? 'observed' : 'verbatim'
  const reply = await head(kernel, exchange, served)
  if (exchange.aborted) throw exchange.aborted

  const socket = exchange.raw?.route.socket?.()
  let tell: ((error: GatewayError) => void) | undefined
  let characters = 0
  let finished = false
  const watch = (part: StreamPart, share = 1): void => {
    if (part.type === 'usage') exchange.usage = part.usage
    else if (part.type === 'finish') finished = true
    else if ('text' in part) characters += part.text.length / share
    else if (part.type === 'tool-call-delta') characters += part.arguments.length / share
    if (observed) void hooks.onStreamPart.call(part, exchange)
  }
  await new Promise<void>((resolve) => {
    let over = false
    const done: Done = (error) => {
      over = true
      exchange.waiting = undefined
      if (error) exchange.fail(error)
      resolve()
    }
    const start = (): Relay => {
      if (!('wire' in served)) {
        const parts = served.answer as AsyncIterable<StreamPart>
        return pump(parts, (source) => relayParts(source, client.openParts(exchange, reply), stages, watch, done))
      }
      const { codec, wire } = served
      if (bytesHold) {
        const framing = exchange.raw ? rawFraming(codec, wire, socket) : codec!.stream!
        const sink = client.openBytes(exchange, reply, framing)
        const say = (error: GatewayError): void => {
          const isFramed = !exchange.raw && framing.contentType !== ''
          const last = isFramed ? exchange.dialect.encodeStreamError(error, exchange.id) : socket?.farewell(error)
          if (last !== undefined) return sink.end(last)
          sink.stop() // nothing can be said within bytes of any kind
          client.destroy(error)
        }
        tell = say
        const hide = exchange.hidesUsage ? (frames: Buffer): Buffer => framing.usage!.hide(frames) : undefined
        return relayBytes(wire.stream!, sink, framing, observed, hide, watch, say, done)
      }
      const relay = relayParts(wire.stream!, client.openParts(exchange, reply), stages, watch, done)
      wire.stream!.attach(decodeInto(relay, codec!.stream!))
      return relay
    }
    const relay = start()
    if (over) return
    exchange.waiting = {
      abort(reason) {
        relay.abandon()
        if (socket && reason.code !== 'client_closed') tell?.(reason)
        done(reason)
      },
    }
  })
  if (exchange.raw ? exchange.raw.route.reads !== 'chat' || !(finished || characters) : exchange.operation !== 'chat')
    return
  if (!exchange.usage) exchange.usage = estimate(exchange, characters)
  else if (!finished) exchange.usage = soFar(exchange.usage, characters)
}

/** What a provider counted at a stream's beginning says nothing about the output of one that never finished. */
function soFar(usage: Usage, characters: number): Usage {
  const total = Math.ceil(characters / 4)
  return total <= usage.output.total ? usage : { ...usage, output: { ...usage.output, total }, estimated: true }
}

function rawFraming(codec: AnyCodec | undefined, { headers }: WireReply, socket?: SocketReader): StreamCodec {
  if (socket) return { ...BYTES, reader: () => socket, skimmer: () => socket }
  const stream = codec?.stream
  return stream && headers['content-type']?.startsWith(stream.contentType) ? beside(stream) : BYTES
}

/** Whether the answer is bytes that this client understands. */
function isClients(exchange: Exchange, client: Client, served: Served): boolean {
  return 'wire' in served && client.takesBytes && served.dialect === exchange.dialect
}

/** Status and headers of a model's reply, after `onResponse` has seen them. */
async function head(kernel: Kernel, exchange: Exchange, served: Served): Promise<Reply> {
  const headers: { [name: string]: string } = {}
  if ('wire' in served && served.dialect === exchange.dialect) {
    const passes = kernel.passes(served.dialect).reply
    if (exchange.raw) Object.assign(headers, rawReplyHeaders(served.wire.headers, passes))
    else copyHeaders(served.wire.headers, passes, headers)
    const type = served.wire.headers['content-type']
    if (type) headers['content-type'] = type
  }
  const target = exchange.attempts.at(-1)?.target
  if (target) headers['x-sluice-model'] = `${target.provider}/${target.model}`
  headers['x-sluice-attempts'] = String(exchange.attempts.length)
  if (exchange.cache) headers['x-sluice-cache'] = exchange.cache
  if (exchange.dropped.length > 0) headers['x-sluice-dropped-params'] = headerList(exchange.dropped)
  headers['x-sluice-overhead-ms'] = exchange.overhead().toFixed(2)
  headers['x-sluice-revision'] = String(exchange.start.revision)
  const reply = { status: 'wire' in served ? served.wire.status : 200, headers }
  exchange.reply = reply
  await kernel.hooks.onResponse.call(reply, exchange)
  exchange.firstByteAt = performance.now()
  return reply
}

/** What an answer without reported usage was worth: four characters a token, which errs by a few percent in English. */
function estimate(exchange: Exchange, characters: number): Usage {
  const asked = exchange.bytesIn || JSON.stringify(exchange.request).length
  return {
    input: { total: Math.ceil(asked / 4), cacheRead: 0, cacheWrite: 0 },
    output: { total: Math.ceil(characters / 4), reasoning: 0 },
    estimated: true,
  }
}

function parse(body: Buffer): JsonObject {
  try {
    return JSON.parse(body.toString()) as JsonObject
  } catch (cause) {
    throw new GatewayError('upstream_error', 'The upstream sent a reply that is not JSON.', { cause })
  }
}
