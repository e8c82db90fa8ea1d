/** Asks the rules where an exchange goes. */
import type { Exchange, Target } from '@sluice/core'
import { noTarget, ROUTED_MODEL, STRATEGY, targetName, why } from '@sluice/route-kit'
import type { Explanation, StrategyName } from '@sluice/route-kit'
import { targetsOf } from './destination.ts'
import type { Destination } from './destination.ts'
import { Facts } from './facts.ts'
import { addGuard, permitted } from './guards.ts'
import type { Objection } from './requirements.ts'
import { failing } from './rule.ts'
import type { CompiledRule } from './rule.ts'
import { RuleIndex } from './rule-index.ts'
import { noteVersion } from './versions.ts'

export interface RuleRouterSettings {
  /** Of the plugin instance. */
  id: string
  configured: readonly CompiledRule[]
  /** Another list after every change, and only then. */
  stored?: (() => readonly CompiledRule[]) | undefined
  findTargets: (model: string, exchange: Exchange) => readonly Target[] | undefined
  /** Milliseconds since the epoch. */
  now?: () => number
}

const NONE: readonly CompiledRule[] = []

/** What all rules that matched come to. Of two that say the same thing the later one holds; requirements add up. */
type Decision = {
  destination: Destination | undefined
  strategy: StrategyName | undefined
  objections: Objection[]
}

export class RuleRouter {
  readonly #settings: RuleRouterSettings
  readonly #now: () => number
  #stored: readonly CompiledRule[] | undefined
  #index = new RuleIndex([])

  constructor(settings: RuleRouterSettings) {
    this.#settings = settings
    this.#now = settings.now ?? Date.now
  }

  /** @throws GatewayError if a rule refuses, or no target has what the rules require */
  route(targets: readonly Target[], exchange: Exchange): readonly Target[] {
    const decision = this.#decide(exchange)
    if (!decision) return targets
    const { id } = this.#settings
    const { destination, strategy, objections } = decision
    if (strategy) exchange.set(STRATEGY, strategy)
    for (const objection of objections) addGuard(exchange, objection)
    const chosen = destination ? this.#follow(destination, exchange, targets) : targets
    const onNone = noTarget.bind(undefined, exchange)
    if (chosen.length === 0) throw onNone([])
    return objections.length > 0 ? permitted(chosen, objections, { exchange, plugin: id, onNone }) : chosen
  }

  #follow(destination: Destination, exchange: Exchange, candidates: readonly Target[]): readonly Target[] {
    noteVersion(exchange, undefined)
    if ('model' in destination) exchange.set(ROUTED_MODEL, destination.model)
    return targetsOf(destination, exchange, this.#settings.findTargets, candidates) ?? []
  }

  /** @returns undefined if no rule matches */
  #decide(exchange: Exchange): Decision | undefined {
    const index = this.#current()
    if (index.rules.length === 0) return undefined
    const facts = new Facts(exchange, this.#now())
    const matching = index.matching(facts)
    const explanation = why(exchange)
    if (explanation) this.#explain(explanation, index.rules, facts)
    if (matching.length === 0) return undefined
    const decision: Decision = { destination: undefined, strategy: undefined, objections: [] }
    for (const { refusal, destination, strategy, objection } of matching) {
      if (refusal) throw refusal()
      decision.destination = destination ?? decision.destination
      decision.strategy = strategy ?? decision.strategy
      if (objection) decision.objections.push(objection)
    }
    return decision
  }

  /** Also of the rules that were never looked at. */
  #explain(explanation: Explanation, rules: readonly CompiledRule[], facts: Facts): void {
    for (const rule of rules) {
      const reason = failing(rule, facts)
      const said = reason === undefined ? `matches${deeds(rule)}` : `does not match: ${reason}`
      explanation.note(this.#settings.id, `the rule "${rule.name}" ${said}`)
      if (reason === undefined && !rule.goesOn) return
    }
  }

  #current(): RuleIndex {
    const { configured, stored } = this.#settings
    const list = stored?.() ?? NONE
    if (list !== this.#stored) {
      this.#stored = list
      // Of those with the same position, who has the lower id comes first.
      this.#index = new RuleIndex([...configured, ...list.toSorted((a, b) => a.position - b.position)])
    }
    return this.#index
  }
}

/** In words. */
function deeds({ destination, strategy, objection, refusal, goesOn }: CompiledRule): string {
  if (refusal) return ' and refuses'
  const done: string[] = []
  if (destination) {
    const where = 'model' in destination ? [destination.model] : destination.targets.map(targetName)
    done.push(`sends it to ${where.join(', ')}`)
  }
  if (strategy) done.push(`orders by "${strategy}"`)
  if (objection) done.push('sets requirements')
  if (goesOn) done.push('lets others follow')
  return ` and ${done.join(', ')}`
}
