/** Requests that go their way up to the first call of a target, which is not made. */
import { exchangeKey, GatewayError } from '@sluice/core'
import type { Attempt, CanonicalRequest, Exchange, Gateway, Principal, Reply, Target } from '@sluice/core'
import { EXPLANATION } from '@sluice/route-kit'
import { Notebook, NOTEBOOK } from './notebook.ts'

/** What is to be known of it when it is over. */
export interface DryRun {
  /** As they would have been called; undefined if it did not come to that. */
  targets: readonly Target[] | undefined
  /** What the client would have been told of its limits. */
  limits: { [header: string]: string }
}

interface Running extends DryRun {
  over: (exchange: Exchange) => void
}

const DRY = exchangeKey<Running>('route-explain/dry')

export interface DryRequest {
  request: CanonicalRequest
  principal: Principal
  /** Names in lower case. */
  headers: { readonly [name: string]: string }
  /** The exchange that asks for it. */
  parent: Exchange
}

/** Resolves when all is over, and what had been reserved is given back. */
export async function runDry(gateway: Gateway, dry: DryRequest): Promise<{ exchange: Exchange; run: DryRun }> {
  const { promise, resolve } = Promise.withResolvers<Exchange>()
  const run: Running = { targets: undefined, limits: {}, over: resolve }
  const { request, principal, parent } = dry
  const begin = (exchange: Exchange): void => {
    const notebook = new Notebook()
    exchange.timings = new Map()
    Object.assign(exchange.headers, dry.headers)
    exchange.set(NOTEBOOK, notebook)
    exchange.set(EXPLANATION, notebook)
    exchange.set(DRY, run)
  }
  try {
    const answer = await gateway.dispatch(request, { parent, principal, begin })
    if (Symbol.asyncIterator in answer) for await (const _ of answer) break
  } catch {
    // That nothing is answered is what was wanted; why is in the exchange.
  }
  return { exchange: await promise, run }
}

/** Also of exchanges that are made on behalf of a dry one, as a guard's judge. */
export function isDry(exchange: Exchange): boolean {
  for (let each: Exchange | undefined = exchange; each; each = each.start.parent) if (each.get(DRY)) return true
  return false
}

/** For `beforeAttempt`: whoever watches calls sees a client that left. */
export function stop(_: Attempt, exchange: Exchange): never {
  const run = exchange.get(DRY)
  if (run) run.targets = exchange.targets
  const stopped = new GatewayError('client_closed', 'This was a dry run: no model is asked.')
  exchange.abort(stopped)
  throw stopped
}

/** For `afterAttempt`: no call was made, so that none is counted. */
export function forget(attempt: Attempt, exchange: Exchange): void {
  exchange.attempts.splice(exchange.attempts.indexOf(attempt), 1)
}

/** For `onResponse`. */
export function noteLimits({ headers }: Reply, exchange: Exchange): void {
  const limits = Object.entries(headers).filter(([name]) => /^(x-)?ratelimit/.test(name))
  Object.assign(exchange.get(DRY)?.limits ?? {}, Object.fromEntries(limits))
}

/** For `onComplete`. */
export function finish(exchange: Exchange): void {
  // The other taps of the hook begin in the same turn; what they do at once is done then.
  const { over } = exchange.get(DRY) ?? {}
  if (over) setImmediate(over, exchange)
}
