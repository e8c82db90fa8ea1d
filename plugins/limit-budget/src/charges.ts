/** The budgets that hold for a request. */
import type { Exchange, Scope } from '@sluice/core'
import { BudgetSection, compileMatch, compilePer, counterPart, SectionReader } from '@sluice/limit-kit'
import type { Counted, Matcher } from '@sluice/limit-kit'
import { Budget } from './budget.ts'
import type { BudgetRule } from './options.ts'

export interface CompiledRule {
  budget: Budget
  matches: Matcher
  counted: Counted
}
/** A budget, and whose part of it: the rest of the counter's name. */
export type Charge = { budget: Budget; suffix: string }

/** @throws GatewayError `invalid_request` if there is no such time zone */
export function compileRule(rule: BudgetRule, timeZone: string, prefix: string): CompiledRule {
  return {
    budget: new Budget(rule.name, rule, rule.timeZone ?? timeZone, prefix),
    matches: compileMatch(rule.match),
    counted: compilePer(rule.per ?? ['global']),
  }
}

/** Looks budgets up. */
export class Charges {
  readonly #rules: () => readonly (readonly CompiledRule[])[]
  readonly #scopes: SectionReader<Budget>

  /** @param rules in lists, as they are now @param prefix of the counters of keys, users, teams and organisations */
  constructor(rules: () => readonly (readonly CompiledRule[])[], timeZone: string, prefix: string) {
    this.#rules = rules
    const compile = (kind: Scope['kind'], value: object): Budget =>
      new Budget(kind, value as BudgetSection, timeZone, `${prefix}|${kind}`)
    this.#scopes = new SectionReader({ section: 'budget', schema: BudgetSection, compile })
  }

  of(exchange: Exchange): Charge[] {
    const charges: Charge[] = []
    for (const rules of this.#rules()) {
      for (const { budget, matches, counted } of rules) {
        if (!matches(exchange)) continue
        for (const suffix of counted(exchange, '')) charges.push({ budget, suffix })
      }
    }
    const { scopes } = exchange.principal
    if (!scopes) return charges
    for (let i = 0; i < scopes.length; i++) {
      const scope = scopes[i]!
      const budget = this.#scopes.read(scope)
      if (budget) charges.push({ budget, suffix: `|${counterPart(scope.id)}` })
    }
    return charges
  }
}
