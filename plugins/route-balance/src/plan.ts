import type { Target } from '@sluice/core'
import type { StrategyName, TargetTable } from '@sluice/route-kit'
import { compileRequire } from './filters/requirement.ts'
import type { Requirement } from './filters/requirement.ts'
import { LineUp } from './line-up.ts'
import { MovingAverage } from './moving-average.ts'
import type { RouteSection } from './options.ts'
import { makeStrategy } from './strategies/make.ts'
import type { Strategy, Tools } from './strategies/strategy.ts'
import type { TargetRecord } from './target-record.ts'

/** Milliseconds until the length of an answer counts for a third. */
const OUTPUT_DECAY = 300_000

/** How one model's targets are chosen. */
export class Plan {
  readonly strategy: Strategy
  readonly name: StrategyName
  /** Of the model and of the whole gateway. */
  readonly requirement: Requirement | undefined
  /** Tokens of answers. */
  readonly output = new MovingAverage(OUTPUT_DECAY, { floor: 0.02 })
  readonly #section: RouteSection
  readonly #tools: Tools
  #lineUp: LineUp | undefined
  readonly #others = new Map<string, Strategy>()

  /** @throws GatewayError `config_invalid` if the strategy needs what is not there */
  constructor(own: RouteSection, defaults: RouteSection, tools: Tools) {
    const { strategy = 'ordered', sticky } = { ...defaults, ...own }
    this.#section = { strategy, ...(sticky && { sticky }) }
    this.#tools = tools
    this.name = strategy
    this.strategy = makeStrategy(strategy, this.#section, tools)
    this.requirement = compileRequire(defaults.require, own.require)
  }

  /** What is known of the targets of an exchange. */
  lineUp(targets: readonly Target[], table: TargetTable<TargetRecord>, now: number): LineUp {
    if (this.#lineUp?.holds(targets, table)) return this.#lineUp
    return (this.#lineUp = new LineUp(targets, this.requirement, table, now))
  }

  /** The strategy of this name, for exchanges that are told to use it. */
  named(name: StrategyName): Strategy {
    if (name === this.name) return this.strategy
    const known = this.#others.get(name) ?? makeStrategy(name, this.#section, this.#tools)
    this.#others.set(name, known)
    return known
  }
}
