/** Requests that the gateway makes by itself, for the sake of comparison. */
import { asGatewayError, exchangeKey, GatewayError } from '@sluice/core'
import type {
  Answer,
  CanonicalResponse,
  ChatRequest,
  ChatResponse,
  ErrorCode,
  Exchange,
  Gateway,
  Principal,
} from '@sluice/core'
import { Collector } from '@sluice/dialect-kit'
import { MOST_ANSWERED } from './answer.ts'
import { measure } from './measure.ts'
import type { Measured } from './measure.ts'

/** What became of a copy. `timeout`: it was cut off. */
export interface Mirrored extends Measured {
  /** Id of its exchange. */
  id: string
  outcome: 'ok' | 'failed' | 'timeout'
  error: ErrorCode | undefined
  /** Undefined unless it is `ok`, and if it was too long. */
  response: ChatResponse | undefined
}

/** Set on exchanges of this plugin: to be called when one is over. */
export const MIRROR = exchangeKey<() => void>('route-shadow/mirror')

/** `end`: whoever waits for it waits no longer. */
type Running = { cut: AbortController; end: () => void }

export class Mirror {
  readonly #gateway: Gateway
  readonly #principal: Principal
  readonly #running = new Set<Running>()

  constructor(gateway: Gateway, principal: Principal) {
    this.#gateway = gateway
    this.#principal = principal
  }

  /**
   * Asks `model` the same. Never rejects.
   * @param timeout milliseconds; what takes longer is cut off
   * @param parent the exchange on whose behalf, for the ledger: its limits and its caller have no part in it
   */
  async ask(request: ChatRequest, model: string, timeout: number, parent: Exchange): Promise<Mirrored> {
    const over = Promise.withResolvers<void>()
    const running: Running = { cut: new AbortController(), end: over.resolve }
    let late = false
    const timer = setTimeout(() => {
      late = true
      running.cut.abort()
    }, timeout)
    this.#running.add(running)
    let exchange: Exchange | undefined
    const begin = (made: Exchange): void => {
      exchange = made
      made.set(MIRROR, over.resolve)
    }
    let response: ChatResponse | undefined
    let error: ErrorCode | undefined
    try {
      const options = { parent, principal: this.#principal, signal: running.cut.signal, begin }
      response = await whole(await this.#gateway.dispatch({ ...request, model, includeUsage: request.stream }, options))
    } catch (thrown) {
      error = asGatewayError(thrown).code
    }
    // Usage and cost are known when it is over, which is a little later than the answer.
    if (exchange) await over.promise
    clearTimeout(timer)
    this.#running.delete(running)
    const outcome = error === undefined ? 'ok' : late ? 'timeout' : 'failed'
    return { id: exchange?.id ?? '', outcome, error, response, ...(exchange ? measure(exchange) : NOTHING) }
  }

  /** Cuts off what is under way. */
  close(): void {
    for (const { cut, end } of this.#running) {
      cut.abort()
      end()
    }
  }
}

const NOTHING: Measured = {
  served: undefined,
  durationMs: 0,
  ttftMs: undefined,
  usage: undefined,
  costNanoUsd: undefined,
}

/** Puts a stream together. @throws GatewayError if it breaks off */
async function whole(answer: Answer): Promise<ChatResponse | undefined> {
  if (!(Symbol.asyncIterator in answer)) return chat(answer)
  const collector = new Collector(MOST_ANSWERED)
  for await (const part of answer) {
    if (part.type === 'error') throw part.error
    collector.push(part)
  }
  return collector.response()
}

function chat(response: CanonicalResponse): ChatResponse {
  if (response.operation === 'chat') return response
  throw new GatewayError('upstream_error', `The answer is one to "${response.operation}".`)
}
