/** One upstream call: what is sent to a target, and what its answer means. */
import { codecOf } from './dialect.ts'
import type { AnyCodec, Dialect } from './dialect.ts'
import { GatewayError, invalidRequest, withinStack } from './errors.ts'
import type { Answer, Exchange } from './exchange.ts'
import { copyHeaders } from './http.ts'
import type { Kernel } from './kernel.ts'
import { mask } from './logger.ts'
import type { JsonObject, StreamPart } from './model.ts'
import { DEFAULT_TIMEOUTS } from './provider.ts'
import type { Attempt, LocalProvider, Target, WireProvider, WireReply } from './provider.ts'
import { rawReplyHeaders, rawRequest } from './raw.ts'

/** An answer: a dialect's bytes, or canonical from a cache or a local provider. */
export type Served = { dialect: Dialect; codec: AnyCodec | undefined; wire: WireReply } | { answer: Answer }

export function newAttempt(kernel: Kernel, number: number, target: Target): Attempt {
  const provider = kernel.registry.providers.get(target.provider)
  if (!provider) throw new GatewayError('no_target_available', `The provider "${target.provider}" is not configured.`)
  return {
    number,
    target,
    provider,
    headers: {},
    timeouts: { ...DEFAULT_TIMEOUTS, ...provider.timeouts },
    startedAt: performance.now(),
    firstByteAt: 0,
    endedAt: 0,
    status: 0,
    error: undefined,
  }
}

/** Calls the target. Nothing reaches the client here. @throws GatewayError if there is no usable answer */
export async function callTarget(kernel: Kernel, exchange: Exchange, attempt: Attempt): Promise<Served> {
  if (exchange.aborted) throw exchange.aborted
  exchange.dropped = []
  const { provider } = attempt
  try {
    const local = provider.kind === 'local'
    if (local && exchange.raw) throw notOffered(exchange, attempt)
    if (local && exchange.operation === 'count-tokens') return { answer: estimateTokens(exchange) }
    const called = local ? callLocal(exchange, attempt, provider) : callWire(kernel, exchange, attempt, provider)
    return inForm(exchange, await called)
  } catch (thrown) {
    throw GatewayError.is(thrown) ? withoutSecrets(thrown, kernel.config.secrets) : thrown
  } finally {
    attempt.firstByteAt = performance.now()
    // One of two calls may end when the answer of the other is on its way already, which is what can be stopped then.
    if (!exchange.answered) exchange.waiting = undefined
  }
}

/** What a refusal quotes of the gateway's credentials is not for clients. */
function withoutSecrets(error: GatewayError, secrets: ReadonlySet<string>): GatewayError {
  // Three stars in place of digits would be no JSON.
  const hidden = (_: string, field: unknown): unknown =>
    typeof field === 'number' && mask(`${field}`, secrets) !== `${field}` ? '***' : field
  const masked = <T>(value: T): T => JSON.parse(mask(JSON.stringify(value, hidden), secrets)) as T
  const { message, param, upstream, reply } = error
  Object.assign(error, masked({ message, param, upstream }))
  if (!reply) return error
  reply.headers = masked(reply.headers)
  if (Buffer.isBuffer(reply.body)) reply.body = Buffer.from(mask(reply.body.toString('latin1'), secrets), 'latin1')
  return error
}

/** Passes on an answer that has the form asked for, whole or streamed. @throws GatewayError `upstream_error` on the other */
export function inForm(exchange: Exchange, served: Served): Served {
  const streamed = 'wire' in served ? served.wire.stream !== undefined : Symbol.asyncIterator in served.answer
  if (exchange.raw) exchange.stream = streamed
  if (streamed === exchange.stream) return served
  if ('wire' in served) served.wire.stream?.abort()
  const how = streamed ? 'streamed although nobody asked' : 'did not stream as asked'
  throw new GatewayError('upstream_error', `The upstream ${how}.`)
}

async function callLocal(exchange: Exchange, { target, timeouts }: Attempt, provider: LocalProvider): Promise<Served> {
  const controller = new AbortController()
  const late = Promise.withResolvers<never>()
  const stop = (reason: GatewayError): void => {
    end()
    controller.abort(reason)
    late.reject(reason)
  }
  exchange.waiting = { abort: stop }
  late.promise.catch(() => undefined)
  exchange.signal.addEventListener('abort', () => stop(exchange.aborted!), { once: true })
  const timer = setTimeout(
    () => stop(new GatewayError('upstream_timeout', 'The model did not end in time.')),
    timeouts.total,
  )
  const request = { ...exchange.request, model: target.model }
  const end = (): void => clearTimeout(timer)
  try {
    const given = await Promise.race([provider.answer(request, { exchange, signal: controller.signal }), late.promise])
    if (Symbol.asyncIterator in given) return { answer: until(given, late.promise, () => (end(), controller.abort())) }
    end()
    return { answer: given }
  } catch (error) {
    end()
    throw error
  }
}

/** The parts until `late` rejects; `end` runs when nobody wants more. */
async function* until(
  parts: AsyncIterable<StreamPart>,
  late: Promise<never>,
  end: () => void,
): AsyncGenerator<StreamPart> {
  const iterator = parts[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), late])
      if (next.done) return
      yield next.value
    }
  } finally {
    end()
    void iterator.return?.().catch(() => undefined)
  }
}

async function callWire(kernel: Kernel, exchange: Exchange, attempt: Attempt, provider: WireProvider): Promise<Served> {
  const { operation, stream, raw } = exchange
  const { model } = attempt.target
  const dialect = wireDialect(kernel, exchange, provider)
  // Raw bodies are of the client's dialect, unless that is none, as where a provider's own paths are called.
  const isDialect = operation !== 'passthrough' || Object.keys(exchange.dialect.codecs).length > 0
  if (raw && isDialect && dialect !== exchange.dialect) throw notOffered(exchange, attempt)
  const spoken = raw?.route.dialect === undefined ? dialect : kernel.registry.dialects.get(raw.route.dialect)
  const codec = spoken && codecOf(spoken, raw?.route.reads ?? operation)
  if (!codec && !raw) {
    if (operation === 'count-tokens') return { answer: estimateTokens(exchange) }
    throw notOffered(exchange, attempt)
  }
  const passes = kernel.passes(exchange.dialect)
  const outgoing = raw && rawRequest(exchange, model, passes.request)
  const body = outgoing?.body ?? requestBody(kernel, exchange, attempt, provider, dialect, codec!)
  if ((kernel.settings.strictParams || exchange.strictParams) && exchange.dropped.length > 0) {
    throw invalidRequest(`The target cannot take: ${exchange.dropped.join(', ')}.`, exchange.dropped[0])
  }
  const headers: { [name: string]: string } = {}
  if (!raw && dialect === exchange.dialect) copyHeaders(exchange.headers, passes.request, headers)
  Object.assign(headers, attempt.headers)
  attempt.startedAt = performance.now()
  const call = provider.send({
    operation,
    dialect: dialect.name,
    model,
    stream,
    headers,
    body,
    timeouts: attempt.timeouts,
    codec: codec?.stream,
    raw: outgoing?.raw,
  })
  exchange.waiting = call
  // A large body in parsed form would be copied by every collection while the model thinks.
  exchange.json = undefined
  const wire = await call.reply
  attempt.status = wire.status
  if (raw) judgeRaw(wire, spoken ?? dialect, passes.reply)
  else judge(wire, dialect, codec!)
  return { dialect: raw ? exchange.dialect : dialect, codec, wire }
}

/** The client's own dialect if the provider speaks it, else the first one that has the operation. */
function wireDialect({ registry: { dialects } }: Kernel, exchange: Exchange, provider: WireProvider): Dialect {
  const { dialect, operation, raw } = exchange
  const isSpoken = provider.dialect === dialect.name || provider.also?.includes(dialect.name)
  if (isSpoken && (raw || codecOf(dialect, operation))) return dialect
  const first = dialects.get(provider.dialect)!
  if (codecOf(first, operation)) return first
  const others = provider.also?.map((name) => dialects.get(name))
  return others?.find((each) => each && codecOf(each, operation)) ?? first
}

function notOffered({ operation }: Exchange, { target }: Attempt): GatewayError {
  return invalidRequest(`The provider "${target.provider}" does not offer ${operation}.`, 'model')
}

/** Four characters a token, as for answers whose usage nobody reports. An image is no text: at most a thousand tokens. */
function estimateTokens({ request }: Exchange): Answer {
  const asked = JSON.stringify(request, (key, value: unknown) => {
    return key === 'data' && typeof value === 'string' ? value.slice(0, 4000) : value
  })
  return { operation: 'count-tokens', inputTokens: Math.ceil(asked.length / 4), estimated: true, extensions: {} }
}

/** Same dialect and nothing changed: the client's bytes. Else the canonical request, encoded afresh. */
function requestBody(
  { asksUsage }: Kernel,
  exchange: Exchange,
  attempt: Attempt,
  provider: WireProvider,
  dialect: Dialect,
  codec: AnyCodec,
): Buffer {
  const { model } = attempt.target
  const bytesHold = dialect === exchange.dialect && !exchange.transformed
  const asking = bytesHold && asksUsage && exchange.stream ? codec.stream?.usage : undefined
  const asked = asking?.ask(exchange.json, exchange.body)
  exchange.hidesUsage = asked !== undefined
  const bytes = asked?.bytes ?? exchange.body
  // A client may have named the model in the path alone.
  const isNamed = model === exchange.model && (!bytesHold || exchange.json['model'] !== undefined)
  if (bytesHold && !provider.adapt) return isNamed ? bytes : codec.withModel(bytes, model)
  const vital = codecOf(exchange.dialect, exchange.operation)?.vital
  const drop = (param: string, why: string): void => {
    if (vital?.includes(param)) throw invalidRequest(`The target cannot take "${param}": ${why}.`, param)
    if (exchange.dropped.includes(param) || (asked && !(param in exchange.json))) return
    exchange.dropped.push(param)
    exchange.log.debug({ param, why, target: attempt.target }, 'the target cannot take a parameter')
  }
  const json = bytesHold
    ? (asked?.body ?? exchange.json)
    : withinStack(() => codec.encodeRequest(exchange.request, { model, drop }))
  const { operation, stream } = exchange
  const adapted = provider.adapt?.(json, drop, { operation, dialect: dialect.name, model, stream }) ?? json
  if (!bytesHold) return Buffer.from(JSON.stringify(adapted))
  if (adapted !== json) return codec.withModel(Buffer.from(JSON.stringify(adapted)), model)
  return isNamed ? bytes : codec.withModel(bytes, model)
}

/** Throws the refusal that an answer is. It passes as it came, unless it is about the gateway's own credential. */
function judgeRaw(wire: WireReply, dialect: Dialect, passes: (name: string) => boolean): void {
  const { status, headers, body } = wire
  if (status < 400) return
  const error = dialect.decodeError(status, headers, parsed(body))
  if (error.status === status && body) error.reply = { status, headers: rawReplyHeaders(headers, passes), body }
  throw error
}

/** Throws the error that an answer is, be it by status or inside a 200. */
function judge({ status, headers, body }: WireReply, dialect: Dialect, codec: AnyCodec): void {
  if (status >= 400) throw dialect.decodeError(status, headers, parsed(body))
  if (status >= 300)
    throw new GatewayError(
      'upstream_error',
      `The upstream answered with a redirect (${status}), which is not followed.`,
    )
  if (!body) return
  const type = headers['content-type'] ?? 'no content type'
  if (!type.includes('json'))
    throw new GatewayError('upstream_error', `The upstream answered with ${type} instead of JSON.`)
  if (!isObjectLike(body))
    throw new GatewayError('upstream_error', 'The upstream sent a reply that is not a JSON object.')
  // Some vendors say 200 and put the error in the body, where it comes first: decoding throws it.
  const json = body.toString('latin1', 0, 32).includes('"error"') ? parsed(body) : undefined
  if (typeof json === 'object') codec.decodeResponse(json as JsonObject)
}

/** Whether a body can be a JSON object, by its first and last bytes. Some vendors send blanks while they think. */
function isObjectLike(body: Buffer): boolean {
  let from = 0
  let to = body.length - 1
  while (body[from]! <= 32) from++
  while (body[to]! <= 32) to--
  return body[from] === 123 && body[to] === 125
}

/** The body as JSON, or as text if it is none. */
export function parsed(body: Buffer = Buffer.alloc(0)): unknown {
  const text = body.toString()
  try {
    return JSON.parse(text) ?? text
  } catch {
    return text
  }
}
