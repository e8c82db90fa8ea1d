import type { Facts } from './facts.ts'
import { failing } from './rule.ts'
import type { CallerField, CompiledRule } from './rule.ts'

/** Models whose rules are remembered: clients choose their names. */
const REMEMBERED = 1000
const NONE: readonly CompiledRule[] = []

/**
 * Rules, found without a look at all of them: those for certain callers by caller, the others by model.
 */
export class RuleIndex {
  /** In their order. */
  readonly rules: readonly CompiledRule[]
  readonly #callers: { readonly [field in CallerField]: ReadonlyMap<string, readonly CompiledRule[]> }
  /** By exact name. */
  readonly #named: ReadonlyMap<string, readonly CompiledRule[]>
  /** For all models, or for patterns of names. */
  readonly #open: readonly CompiledRule[]
  readonly #byModel = new Map<string, readonly CompiledRule[]>()

  /** @param list in the order in which they are asked */
  constructor(list: readonly CompiledRule[]) {
    const rules = list.map((rule, position) => ({ ...rule, position }))
    const others = rules.filter(({ callers }) => !callers)
    this.rules = rules
    this.#callers = { keys: byCaller(rules, 'keys'), users: byCaller(rules, 'users'), teams: byCaller(rules, 'teams') }
    this.#named = group(others.filter(isNamed), ({ models }) => models!)
    this.#open = others.filter((rule) => !isNamed(rule))
  }

  /** Those that match, in their order, up to the first that lets no other follow. */
  matching(facts: Facts): readonly CompiledRule[] {
    const candidates = this.#candidates(facts)
    let found: CompiledRule[] | undefined
    for (let i = 0; i < candidates.length; i++) {
      const rule = candidates[i]!
      if (failing(rule, facts) !== undefined) continue
      found ??= []
      found.push(rule)
      if (!rule.goesOn) break
    }
    return found ?? NONE
  }

  /** Those that may match. */
  #candidates(facts: Facts): readonly CompiledRule[] {
    const { key, user, team } = facts.exchange.principal
    let found = this.#forModel(facts)
    found = both(found, find(this.#callers.keys, key))
    found = both(found, find(this.#callers.users, user))
    return both(found, find(this.#callers.teams, team))
  }

  #forModel(facts: Facts): readonly CompiledRule[] {
    const { model, bareModel } = facts
    const name = bareModel === model ? model : `${model}\n${bareModel}`
    const known = this.#byModel.get(name)
    if (known) return known
    const named = new Set([...find(this.#named, model), ...find(this.#named, bareModel)])
    const open = this.#open.filter(({ isForModel }) => !isForModel || isForModel(facts))
    const found = [...named, ...open].sort(byPosition)
    if (this.#byModel.size >= REMEMBERED) this.#byModel.clear()
    this.#byModel.set(name, found)
    return found
  }
}

function isNamed({ models }: CompiledRule): boolean {
  return models !== undefined && !models.some((model) => model.includes('*'))
}

function byCaller(rules: readonly CompiledRule[], by: CallerField): ReadonlyMap<string, readonly CompiledRule[]> {
  return group(
    rules.filter(({ callers }) => callers?.by === by),
    ({ callers }) => callers!.ids,
  )
}

function group(
  rules: readonly CompiledRule[],
  names: (rule: CompiledRule) => readonly string[],
): ReadonlyMap<string, readonly CompiledRule[]> {
  const groups = new Map<string, CompiledRule[]>()
  for (const rule of rules) {
    for (const name of new Set(names(rule))) {
      const list = groups.get(name) ?? []
      list.push(rule)
      groups.set(name, list)
    }
  }
  return groups
}

function find(map: ReadonlyMap<string, readonly CompiledRule[]>, name: string | undefined): readonly CompiledRule[] {
  return (name !== undefined && map.get(name)) || NONE
}

/** Two lists as one, in order. */
function both(a: readonly CompiledRule[], b: readonly CompiledRule[]): readonly CompiledRule[] {
  if (a.length === 0) return b
  return b.length === 0 ? a : [...a, ...b].sort(byPosition)
}

function byPosition(one: CompiledRule, other: CompiledRule): number {
  return one.position - other.position
}
