import type { Target } from '@sluice/core'
import type { TargetTable } from '@sluice/route-kit'
import type { Requirement } from './filters/requirement.ts'
import type { TargetRecord } from './target-record.ts'

type Records = TargetTable<TargetRecord>

/** What is known of a list of targets, place by place. Most models have the same list, request after request. */
export class LineUp {
  readonly targets: readonly Target[]
  readonly records: readonly TargetRecord[]
  /** Why the rules of the config keep a target out; undefined if they do not. */
  readonly unmet: readonly (string | undefined)[]
  readonly #generation: number

  constructor(targets: readonly Target[], requirement: Requirement | undefined, table: Records, now: number) {
    this.#generation = table.generation
    this.targets = targets
    this.records = targets.map((target) => table.get(target, now))
    this.unmet = targets.map((target) => requirement?.(target))
  }

  /** Whether it is the one of these targets, and its records are those of the table. */
  holds(targets: readonly Target[], table: Records): boolean {
    return this.targets === targets && this.#generation === table.generation
  }
}
