/** What a request asks of all limits that hold for it. */
import type { Exchange } from '@sluice/core'
import { counterPart } from '@sluice/limit-kit'
import type { Priority, SectionReader } from '@sluice/limit-kit'
import type { Claim } from '@sluice/store-kit'
import { estimateTokens } from '@sluice/usage-kit'
import type { Estimate } from '@sluice/usage-kit'
import { claimOn } from './count.ts'
import type { Count, Unit } from './count.ts'
import type { CompiledRule } from './rule.ts'
import { priorityIn } from './scopes.ts'
import type { ScopeLimits } from './scopes.ts'

/** Claims, and in the same order what they are of. */
export interface Demand {
  claims: Claim[]
  counts: Count[]
  /** Whether a limit is divided among classes. */
  isDivided: boolean
}

/** Looks the rules up for one exchange. */
export class Demands {
  readonly #rules: () => readonly (readonly CompiledRule[])[]
  readonly #scopes: SectionReader<ScopeLimits>
  readonly #defaultOutput: number
  /** Ids of providers whose own exchanges are limited in place of the one that asks them. */
  readonly #relays: ReadonlySet<string>

  /** @param rules in lists, as they are now */
  constructor(
    rules: () => readonly (readonly CompiledRule[])[],
    scopes: SectionReader<ScopeLimits>,
    defaultOutput: number,
    relays: ReadonlySet<string>,
  ) {
    this.#relays = relays
    this.#rules = rules
    this.#scopes = scopes
    this.#defaultOutput = defaultOutput
  }

  /** One request. */
  ofRequest(exchange: Exchange): Demand {
    return this.#collect(exchange, 'requests')
  }

  /** Its tokens, and a place among those that are served at once. */
  ofSpending(exchange: Exchange): Demand {
    return this.#collect(exchange, 'spending')
  }

  /** All of it, for a call of one provider. */
  ofAttempt(exchange: Exchange, provider: string): Demand {
    const demand: Demand = { claims: [], counts: [], isDivided: false }
    const tally = new Tally(exchange, demand, this.#defaultOutput)
    for (const rules of this.#rules()) {
      for (const rule of rules) {
        if (!rule.perAttempt || !rule.matches(exchange)) continue
        for (const suffix of rule.counted(exchange, provider)) {
          tally.add(rule.requests, suffix)
          tally.add(rule.spending, suffix)
        }
      }
    }
    return demand
  }

  priorityOf(exchange: Exchange): Priority {
    const own = priorityIn(exchange.principal, this.#scopes)
    if (own) return own
    for (const rules of this.#rules())
      for (const { priority, matches } of rules) if (priority && matches(exchange)) return priority
    return 'normal'
  }

  #collect(exchange: Exchange, phase: 'requests' | 'spending'): Demand {
    const demand: Demand = { claims: [], counts: [], isDivided: false }
    const isRelayed = this.#relays.size > 0 && exchange.targets.every(({ provider }) => this.#relays.has(provider))
    const tally = new Tally(exchange, demand, this.#defaultOutput, isRelayed)
    for (const rules of this.#rules()) {
      for (const rule of rules) {
        const counts = rule[phase]
        if (counts.length === 0 || rule.perAttempt || !rule.matches(exchange)) continue
        for (const suffix of rule.counted(exchange, '')) tally.add(counts, suffix)
      }
    }
    const { scopes } = exchange.principal
    if (!scopes || exchange.operation === 'operator') return demand
    for (let i = 0; i < scopes.length; i++) {
      const limits = this.#scopes.read(scopes[i]!)
      if (limits && limits[phase].length > 0) tally.add(limits[phase], `|${counterPart(scopes[i]!.id)}`)
    }
    return demand
  }
}

/** Writes claims down. Tokens are estimated once, if anybody counts them. */
class Tally {
  readonly #exchange: Exchange
  readonly #demand: Demand
  readonly #defaultOutput: number
  readonly #isRelayed: boolean
  #estimate: Estimate | undefined

  constructor(exchange: Exchange, demand: Demand, defaultOutput: number, isRelayed = false) {
    this.#isRelayed = isRelayed
    this.#exchange = exchange
    this.#demand = demand
    this.#defaultOutput = defaultOutput
  }

  add(counts: readonly Count[], suffix: string): void {
    for (let i = 0; i < counts.length; i++) {
      const count = counts[i]!
      const amount = this.#amountOf(count.unit, count.limit)
      if (amount === 0) continue
      this.#demand.claims.push(claimOn(count, count.prefix + suffix, amount))
      this.#demand.counts.push(count)
      if (count.rule.shares) this.#demand.isDivided = true
    }
  }

  #amountOf(unit: Unit, limit: number): number {
    if (unit === 'requests') return 1
    // What is done on behalf of a request that has its place needs none of its own.
    if (unit === 'concurrency') return this.#exchange.start.parent ? 0 : 1
    if (this.#isRelayed) return 0
    const { input, output, limited } = (this.#estimate ??= estimateTokens(this.#exchange, this.#defaultOutput))
    if (unit === 'inputTokens') return input
    const fixed = unit === 'tokens' ? input : 0
    const amount = Math.min(fixed + output, Number.MAX_SAFE_INTEGER)
    // A guess is no reason to refuse for ever: it then takes all that there is.
    return !limited && fixed <= limit ? Math.min(amount, limit) : amount
  }
}
