/** Calls models for a run: each call is an exchange of its own below that of the run. */
import { GatewayError } from '@sluice/core'
import type { Answer, ChatRequest, ChatResponse, Exchange, Gateway, Principal, StreamPart } from '@sluice/core'
import { countCall } from './family.ts'
import type { Family } from './family.ts'
import { Gate } from './gate.ts'
import type { Spending } from './spending.ts'

export interface CallerSettings {
  gateway: Gateway
  /** That of the run. */
  exchange: Exchange
  /** Undefined stands for the caller of the run. */
  principal: Principal | undefined
  family: Family
  spending: Spending
  /** Ends every call. */
  signal: AbortSignal
  concurrency: number
}

/** A stream that has begun. `end` must be called once nothing more is read. */
export interface OpenStream {
  parts: AsyncIterator<StreamPart>
  end(): void
  /** What went wrong, where `parts` threw. */
  reason(thrown: unknown): unknown
}

export class Caller {
  readonly #settings: CallerSettings
  readonly #gate: Gate

  constructor(settings: CallerSettings) {
    this.#settings = settings
    this.#gate = new Gate(settings.concurrency)
  }

  /** @param make makes the request when it is its turn @param timeout milliseconds @throws GatewayError */
  async ask(make: () => ChatRequest, timeout: number): Promise<ChatResponse> {
    const { answer, end } = await this.#begin(make, timeout)
    end()
    return answer as ChatResponse
  }

  /** The same for a stream, whose end is within the time limit, too. */
  async open(make: () => ChatRequest, timeout: number): Promise<OpenStream> {
    const { answer, end, reason } = await this.#begin(make, timeout)
    return { parts: (answer as AsyncIterable<StreamPart>)[Symbol.asyncIterator](), end, reason }
  }

  async #begin(
    make: () => ChatRequest,
    timeout: number,
  ): Promise<{ answer: Answer } & Pick<OpenStream, 'end' | 'reason'>> {
    const { gateway, exchange, principal, family, spending, signal } = this.#settings
    await this.#gate.enter()
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), timeout)
    const end = (): void => {
      clearTimeout(timer)
      this.#gate.leave()
    }
    const reason = (thrown: unknown): unknown => {
      if (late.signal.aborted) return tooLate(timeout)
      return signal.aborted ? signal.reason : thrown
    }
    try {
      signal.throwIfAborted()
      countCall(family)
      const answer = await gateway.dispatch(make(), {
        parent: exchange,
        ...(principal && { principal }),
        signal: AbortSignal.any([signal, late.signal]),
        begin: (call) => spending.count(call),
      })
      return { answer, end, reason }
    } catch (thrown) {
      end()
      throw reason(thrown)
    }
  }
}

function tooLate(timeout: number): GatewayError {
  return new GatewayError('upstream_timeout', `the model did not end within ${timeout / 1000} s.`)
}
