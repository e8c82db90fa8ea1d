import type { ModelSource, Target } from '@sluice/core'
import type { Rollouts } from './rollouts.ts'

/** Models that are rollouts alone: the config need not know them. */
export function modelsOf(rollouts: Rollouts): ModelSource {
  const created = Math.floor(Date.now() / 1000)
  return {
    find(name): readonly Target[] | undefined {
      const live = rollouts.ofModel(name)
      return live && live.plan.arms[0]!.targets.length > 0 ? live.targets : undefined
    },
    list: () =>
      rollouts
        .all()
        .filter(({ plan }) => plan.arms[0]!.targets.length > 0)
        .map(({ plan, targets }) => ({
          name: plan.model,
          owners: [...new Set(targets.map(({ provider }) => provider))],
          created,
        })),
  }
}
