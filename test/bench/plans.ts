/** What a run measures: the comparison with other proxies, or every pair of wire formats. */
import { CONTENDERS } from './contenders/index.ts'
import { pairTable, scenarioTable } from './report.ts'
import type { Results } from './results.ts'
import { PAIR_SCENARIOS, SCENARIOS } from './scenarios.ts'
import type { Scenario } from './scenarios.ts'

export interface Plan {
  scenarios: readonly Scenario[]
  contenders: readonly string[]
  rounds: number
  /**
   * Rounds that are thrown away: until V8 has compiled what is hot, which takes some ten thousand requests in
   * every scenario, a contender pays for the compiler too.
   */
  warmUp: number
  /** Of a slice's length, where that is a time. */
  share: number
  tables(results: Results, scenarios: readonly Scenario[], labels: readonly string[]): string[]
}

export const COMPARISON: Plan = {
  scenarios: SCENARIOS,
  contenders: Object.keys(CONTENDERS).filter((name) => name !== 'sluice-wires'),
  rounds: 7,
  warmUp: 6,
  share: 1,
  tables: (results, scenarios, labels) => scenarios.map((scenario) => scenarioTable(results, scenario, labels)),
}

/** Each codec takes part in eleven pairs, so that fewer rounds warm it. */
export const PAIRWISE: Plan = {
  scenarios: PAIR_SCENARIOS,
  contenders: ['sluice-wires'],
  rounds: 5,
  warmUp: 3,
  share: 0.75,
  tables: (results) => [pairTable(results)],
}
