/** What was decided about one exchange, and why. */
import { describe } from '@sluice/core'
import type { Exchange, GatewayError, Target } from '@sluice/core'
import { targetName } from '@sluice/route-kit'
import { dollars, estimateTokens } from '@sluice/usage-kit'
import type { Estimate, Prices } from '@sluice/usage-kit'
import { Notebook, NOTEBOOK } from './notebook.ts'
import type { Remarks } from './notebook.ts'

/** A target that was thought of. */
export interface Candidate {
  target: string
  /** 1 is called first; null if it is not called. */
  place: number | null
  excluded: Remarks['excluded']
  scores: Remarks['scores']
  traits: Omit<Target, 'provider' | 'model'>
  /** US dollars that the request costs there at most; null if nobody knows. */
  mostUsd: number | null
}

export interface Report {
  model: string
  operation: string
  stream: boolean
  /** `inputTokens` is an estimate from above; `limited`: the request itself says how much may be answered. */
  estimate: { inputTokens: number; outputTokens: number; limited: boolean } | null
  candidates: Candidate[]
  orders: Notebook['orders']
  notes: Notebook['notes']
  attempts: { target: string; ms: number; error?: string }[]
  error: { code: string; status: number; message: string; plugin?: string; hook?: string } | null
  /** Milliseconds, by hook. */
  timings: { [hook: string]: number }
}

/** @param targets as they are to be called, or were; none if it did not come to that */
export function reportOf(exchange: Exchange, targets: readonly Target[], prices: Prices | undefined): Report {
  const notebook = exchange.get(NOTEBOOK) ?? new Notebook()
  const { model, operation, stream, error, timings } = exchange
  const estimate = estimated(exchange)
  return {
    model,
    operation,
    stream,
    estimate: estimate
      ? { inputTokens: estimate.input, outputTokens: estimate.output, limited: estimate.limited }
      : null,
    candidates: candidatesOf(exchange, notebook, targets, (target) => most(target, estimate, prices)),
    orders: notebook.orders,
    notes: notebook.notes,
    attempts: exchange.attempts.map((attempt) => ({
      target: targetName(attempt.target),
      ms: rounded((attempt.endedAt || performance.now()) - attempt.startedAt),
      ...(attempt.error && { error: attempt.error.code }),
    })),
    error: error ? shown(error) : null,
    timings: Object.fromEntries([...(timings ?? [])].map(([hook, ms]) => [hook, rounded(ms)])),
  }
}

/** In the order of their places, then as they were met. */
function candidatesOf(
  exchange: Exchange,
  notebook: Notebook,
  targets: readonly Target[],
  price: (target: Target) => number | null,
): Candidate[] {
  const all = new Map<string, Target>()
  const meet = (target: Target): unknown => all.has(targetName(target)) || all.set(targetName(target), target)
  targets.forEach(meet)
  const called = all.size
  for (const target of notebook.candidates ?? exchange.targets) meet(target)
  for (const { target } of notebook.targets.values()) meet(target)
  return Array.from(all, ([name, target], index): Candidate => {
    const { provider: _, model: __, ...traits } = target
    const { excluded = [], scores = [] } = notebook.targets.get(name) ?? {}
    const place = index < called ? index + 1 : null
    return { target: name, place, excluded, scores, traits, mostUsd: price(target) }
  })
}

/** What limits would reckon with; undefined of a request that they cannot read. */
function estimated(exchange: Exchange): Estimate | undefined {
  try {
    return estimateTokens(exchange)
  } catch {
    return undefined
  }
}

function most(target: Target, estimate: Estimate | undefined, prices: Prices | undefined): number | null {
  const quote = estimate && prices?.quote(target)
  return quote ? dollars(quote.most(estimate.input, estimate.output)) : null
}

/** Operators are told what clients are not. */
function shown(error: GatewayError): NonNullable<Report['error']> {
  const { code, status, message, plugin, hook, cause } = error
  return {
    code,
    status,
    message: code === 'plugin_error' && cause !== undefined ? describe(cause) : message,
    ...(plugin !== undefined && { plugin }),
    ...(hook !== undefined && { hook }),
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
