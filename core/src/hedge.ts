/** Hedged calls: where one target is slow, another one is asked for the same answer. */
import { callTarget } from './attempt.ts'
import type { Served } from './attempt.ts'
import { asGatewayError, GatewayError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { Kernel } from './kernel.ts'
import type { Attempt } from './provider.ts'

/** A call under way, with what it has set in the exchange, where the other one sets its own. */
type Call = Pick<Exchange, 'waiting' | 'dropped' | 'hidesUsage'> & { served: Promise<Served> }

export interface Hedge {
  /** A new attempt at the next target, if there is one. */
  next(): Attempt | undefined
  /** An attempt has come to nothing while the other one goes on. */
  end(attempt: Attempt, error: GatewayError): void
}

/**
 * Calls a target and, if no answer has begun after its `hedgeAfter`, the next one beside it. The first usable answer
 * wins, the other call is given up. The attempt that counts is the last of the exchange then.
 * @throws GatewayError of the call that failed last
 */
export async function callHedged(kernel: Kernel, exchange: Exchange, first: Attempt, hedge: Hedge): Promise<Served> {
  /** Attempts that may still answer; without a call before it has begun. */
  const running = new Map<Attempt, Call | undefined>()
  const all = { abort: (reason: GatewayError) => running.forEach((call) => call?.waiting?.abort(reason)) }
  const decided = Promise.withResolvers<Attempt>()
  let failure: GatewayError | undefined

  const begin = (attempt: Attempt): void => {
    const served = callTarget(kernel, exchange, attempt)
    const { waiting, dropped, hidesUsage } = exchange
    running.set(attempt, { served, waiting, dropped, hidesUsage })
    exchange.waiting = all
    served.then(
      () => decided.resolve(attempt),
      (thrown) => failed(attempt, asGatewayError(thrown)),
    )
  }
  const failed = (attempt: Attempt, error: GatewayError): void => {
    if (!running.has(attempt)) return // it had been given up
    exchange.waiting = all
    if (running.size > 1 && error.code !== 'plugin_error') {
      running.delete(attempt)
      return hedge.end(attempt, error)
    }
    failure = error
    decided.resolve(attempt)
  }
  const beginBeside = async (): Promise<void> => {
    const second = hedge.next()
    if (!second) return
    running.set(second, undefined)
    try {
      await kernel.hooks.beforeAttempt.call(second, exchange)
      if (running.has(second)) begin(second)
    } catch (thrown) {
      failed(second, asGatewayError(thrown))
    }
  }

  begin(first)
  const timer = setTimeout(() => void beginBeside(), first.hedgeAfter)
  const counting = await decided.promise
  clearTimeout(timer)
  const call = running.get(counting)
  running.delete(counting)
  for (const [attempt, other] of running) {
    running.delete(attempt)
    const quicker = new GatewayError('client_closed', 'It was given up, as another target was quicker.')
    other?.waiting?.abort(quicker)
    hedge.end(attempt, quicker)
  }
  const { attempts } = exchange
  attempts.push(...attempts.splice(attempts.indexOf(counting), 1))
  if (failure || !call) throw failure
  const { dropped, hidesUsage } = call
  Object.assign(exchange, { waiting: undefined, dropped, hidesUsage })
  return call.served
}
