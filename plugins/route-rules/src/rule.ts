/** A rule as it is written → what is asked at each request. */
import { GatewayError, invalidRequest } from '@sluice/core'
import type { StrategyName } from '@sluice/route-kit'
import { compileConditions, compileModels } from './conditions.ts'
import type { Condition } from './conditions.ts'
import { compileDestination } from './destination.ts'
import type { Destination } from './destination.ts'
import type { Facts } from './facts.ts'
import { compileRequirement } from './requirements.ts'
import type { Objection } from './requirements.ts'
import type { Rule } from './rule-schema.ts'
import type { TimeZones } from './time-window.ts'

export interface CompiledRule {
  readonly name: string
  /** Lower ones are asked first. */
  readonly position: number
  /** Whether rules behind it are asked, too. */
  readonly goesOn: boolean
  /** `models` as they are written, and as a test; undefined for all. */
  readonly models: readonly string[] | undefined
  readonly isForModel: ((facts: Facts) => boolean) | undefined
  /** `keys`, `users` or `teams`: exchanges of others need not be looked at. */
  readonly callers: { readonly by: CallerField; readonly ids: readonly string[] } | undefined
  readonly conditions: readonly Condition[]
  readonly destination: Destination | undefined
  readonly strategy: StrategyName | undefined
  readonly objection: Objection | undefined
  readonly refusal: (() => GatewayError) | undefined
}

const CALLER_FIELDS = ['keys', 'users', 'teams'] as const
export type CallerField = (typeof CALLER_FIELDS)[number]

/** @throws GatewayError `invalid_request` that says what does not go together */
export function compileRule(rule: Rule, position: number, zones: TimeZones): CompiledRule {
  const { name, when = {}, then } = rule
  const { refuse, require, strategy, ...written } = then
  if (refuse && Object.keys(then).length > 1)
    throw invalidRequest(`The rule "${name}" refuses: nothing else can be done then.`, 'then')
  if (when.minTokens !== undefined && when.maxTokens !== undefined && when.minTokens > when.maxTokens)
    throw invalidRequest(`The rule "${name}" can never match: "minTokens" is more than "maxTokens".`, 'when.minTokens')
  const by = CALLER_FIELDS.find((field) => when[field])
  return {
    name,
    position,
    goesOn: rule.continue ?? false,
    models: when.models,
    isForModel: compileModels(when.models),
    callers: by && { by, ids: when[by]! },
    conditions: compileConditions(when, name, zones),
    destination: compileDestination(written),
    strategy,
    objection: require && compileRequirement(require),
    refusal: refuse && (() => new GatewayError(refuse.code ?? 'permission_denied', refuse.message)),
  }
}

/** The first condition that does not hold, by the option that says it; undefined if the rule matches. */
export function failing({ isForModel, conditions }: CompiledRule, facts: Facts): string | undefined {
  if (isForModel && !isForModel(facts)) return 'models'
  for (let i = 0; i < conditions.length; i++) if (!conditions[i]!.holds(facts)) return conditions[i]!.name
  return undefined
}
