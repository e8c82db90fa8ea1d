/** One background response, from its record to its end. */
import type { ChatResponse, Codec, Exchange, Gateway, JsonObject, ReplyContext, StreamPart } from '@sluice/core'
import { asGatewayError, GatewayError } from '@sluice/core'
import { echoed, echoedStart, envelopeOf } from './echo.ts'
import { EventLog } from './event-log.ts'
import { recordOf } from './keeper.ts'
import type { ResponseRecord } from './records.ts'
import { lastFrame } from './replay.ts'
import { lastResponse, sizeOf } from './stage.ts'
import type { State } from './state.ts'

export interface RunBounds {
  /** Milliseconds. */
  timeout: number
  /** Bytes of the record, and of the events that are held for readers. */
  size: number
}

export class Run {
  readonly id: string
  /** As it is now. */
  record: ResponseRecord
  /** Undefined if it is not streamed. */
  readonly log: EventLog | undefined
  readonly #exchange: Exchange
  readonly #codec: Codec
  readonly #context: ReplyContext
  readonly #envelope: JsonObject
  readonly #bounds: RunBounds
  readonly #controller = new AbortController()

  constructor(exchange: Exchange, state: State, bounds: RunBounds) {
    const request = state.background!
    this.#exchange = exchange
    this.#codec = exchange.dialect.codecs.chat!
    this.#context = { id: exchange.id, model: exchange.model, request }
    this.#envelope = envelopeOf(this.#codec, this.#context, state)
    this.#bounds = bounds
    this.id = String(this.#envelope.id)
    this.log = request.stream ? new EventLog(bounds.size) : undefined
    const deadline = Date.now() + bounds.timeout
    this.record = { ...recordOf(this.as('in_progress'), exchange, state), deadline }
  }

  /** The response object without an answer. */
  as(status: string, more: JsonObject = {}): JsonObject {
    const { completed_at: _, ...envelope } = this.#envelope
    return { ...envelope, status, output: [], usage: null, ...more }
  }

  get isCancelled(): boolean {
    return this.record.response.status === 'cancelled'
  }

  cancel(): void {
    this.record = { ...this.record, response: this.as('cancelled') }
    this.#controller.abort()
  }

  /** Asks for the answer. Never rejects: whatever comes of it stands in the record. */
  async answer(gateway: Gateway): Promise<void> {
    const options = { parent: this.#exchange, signal: this.#controller.signal }
    const timer = setTimeout(() => this.#controller.abort(), this.#bounds.timeout)
    try {
      const answer = await gateway.dispatch(this.#context.request, options)
      if (Symbol.asyncIterator in answer) await this.#readStream(answer)
      else this.#finish(this.#whole(answer as ChatResponse))
    } catch (thrown) {
      this.fail(this.#controller.signal.aborted ? new GatewayError('upstream_timeout', TOO_LATE) : thrown)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Puts an error in the answer's place, unless it was cancelled. */
  fail(thrown: unknown): void {
    const error = asGatewayError(thrown)
    if (error.code === 'plugin_error')
      this.#exchange.log.error({ err: error.cause ?? error }, 'a background response failed')
    this.#finish(this.as('failed', { error: { code: wordOf(error), message: error.message } }))
  }

  #whole(answer: ChatResponse): JsonObject {
    return this.#codec.encodeResponse(echoed(answer, { ...this.#envelope, completed_at: now() }), this.#context)
  }

  async #readStream(parts: AsyncIterable<StreamPart>): Promise<void> {
    const writer = this.#codec.stream.writer(this.#context)
    let size = 0
    for await (const part of parts) {
      size += sizeOf(part)
      if (size > this.#bounds.size) throw new GatewayError('upstream_error', TOO_LARGE)
      this.log?.append(String(writer.push(part.type === 'start' ? echoedStart(part, this.#envelope) : part)))
    }
    const frames = String(writer.end())
    const response = lastResponse(frames)
    if (response === undefined) throw new GatewayError('upstream_error', 'The model broke off its answer.')
    this.#finish(response, frames)
  }

  /** @param frames that tell a reader of it */
  #finish(response: JsonObject, frames?: string): void {
    const told = this.isCancelled ? undefined : frames
    if (!this.isCancelled) this.record = { ...this.record, response }
    if (this.log && !this.log.ended) this.log.end(told ?? lastFrame(this.record.response, this.log.next))
  }
}

const TOO_LATE = 'The model did not end in time.'
export const TOO_LARGE = 'The answer is larger than what is kept here.'
const now = (): number => Math.floor(Date.now() / 1000)

/** What the API calls an error of a response. */
function wordOf({ code }: GatewayError): string {
  return code === 'rate_limit_exceeded' || code === 'quota_exceeded' ? 'rate_limit_exceeded' : 'server_error'
}
