/** Which targets may serve an exchange at all. */
import { invalidRequest } from '@sluice/core'
import type { GatewayError, Target } from '@sluice/core'
import { noTarget, targetName } from '@sluice/route-kit'
import type { Passage } from '../passage.ts'
import type { TargetRecord } from '../target-record.ts'
import { exhausted } from './allowance.ts'
import { missing, needsOf } from './capabilities.ts'
import { fitOf } from './context-window.ts'
import type { Fit } from './context-window.ts'
import type { Exclusion } from './exclusion.ts'

export type Excluded = Exclusion & { target: Target }

/** The filters of one exchange. What they need to know of it is found out when a target asks for it. */
export class Filter {
  readonly #passage: Passage
  readonly #only: Target | undefined
  #needs: ReturnType<typeof needsOf> | undefined

  /** @param only the target that the exchange has to keep to, if there is one */
  constructor(passage: Passage, only: Target | undefined) {
    this.#passage = passage
    this.#only = only
  }

  /**
   * Why the target may not serve; undefined if it may.
   * @param rule why the config keeps it out
   */
  exclusion(target: Target, record: TargetRecord, rule: string | undefined, now: number): Exclusion | undefined {
    if (this.#only && target !== this.#only) {
      return { lack: 'requirement', reason: `such requests keep to ${targetName(this.#only)}` }
    }
    const unmet = rule ?? this.#passage.policy?.(target)
    if (unmet !== undefined) return { lack: 'requirement', reason: unmet }
    if (target.about?.capabilities) {
      const lacking = missing(target, (this.#needs ??= needsOf(this.#passage.exchange)))
      if (lacking.length > 0) return { lack: 'capability', reason: `it cannot do ${lacking.join(', ')}` }
    }
    if (this.fit(target) === 'none') {
      return { lack: 'context', reason: `its context window has ${target.about!.contextWindow} tokens` }
    }
    if (target.requests === undefined && target.tokens === undefined) return undefined
    return exhausted(target, record, this.#passage, now)
  }

  fit(target: Target): Fit {
    return fitOf(target, this.#passage)
  }
}

/** The error of an exchange that no target may serve: the client's, if it asked for what none of them can do. */
export function refusal(excluded: readonly Excluded[], passage: Passage): GatewayError {
  const { exchange } = passage
  if (excluded.every(({ lack }) => lack === 'context')) return tooLong(excluded, passage)
  if (excluded.every(({ lack }) => lack === 'context' || lack === 'capability')) {
    const reasons = new Set(excluded.map(({ reason }) => reason))
    return invalidRequest(
      `The model "${exchange.model}" cannot serve this request: ${[...reasons].join('; ')}.`,
      'model',
    )
  }
  const wait = Math.min(...excluded.map(({ wait = Infinity }) => wait))
  return noTarget(exchange, excluded, Number.isFinite(wait) ? wait / 1000 : undefined)
}

/** Clients look for the words "maximum context length", and then shorten what they ask. */
function tooLong(excluded: readonly Excluded[], { estimate }: Passage): GatewayError {
  const most = Math.max(...excluded.map(({ target }) => target.about!.contextWindow!))
  const { input, output, limited } = estimate
  const asked = limited && output > 0 ? `${input} of input and ${output} of output` : `${input} of input`
  const text = `This model's maximum context length is ${most} tokens; the request needs about ${asked}.`
  return invalidRequest(`${text} Shorten it.`, 'messages')
}
