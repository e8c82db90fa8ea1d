/** Rollouts of the config: those of the options, and the sections of models. */
import { describe, didYouMean, GatewayError, parseTarget } from '@sluice/core'
import type { Gateway } from '@sluice/core'
import type { Options, RolloutDefinition } from './options.ts'
import { planOf } from './plan.ts'
import type { Plan } from './plan.ts'

/** The section of a model. */
export type Section = Omit<RolloutDefinition, 'model'> & { name?: string }

/**
 * Their plans. @param sectionOf the section of a model, if it has one
 * @throws GatewayError `config_invalid` that lists every mistake
 */
export function configuredPlans(
  { rollouts = {} }: Pick<Options, 'rollouts'>,
  sectionOf: (model: string) => Section | undefined,
  gateway: Gateway,
): Plan[] {
  const { models, providers } = gateway.inspect()
  const ids = providers.map(({ id }) => id)
  const problems: string[] = []
  const plans: Plan[] = []
  const add = (place: string, name: string, definition: RolloutDefinition): void => {
    try {
      const plan = planOf(name, definition)
      problems.push(...conflicts(plan, plans), ...strangers(plan, ids))
      plans.push(plan)
    } catch (error) {
      problems.push(`${place}: ${describe(error)}`)
    }
  }
  for (const [name, definition] of Object.entries(rollouts)) add(`rollouts.${name}`, name, definition)
  for (const { name: model } of models) {
    const section = sectionOf(model)
    if (!section) continue
    const { name = model.replaceAll(/[^\w.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, ''), ...definition } = section
    add(`models[${model}].rollout`, name, { ...definition, model })
  }
  if (problems.length === 0) return plans
  throw new GatewayError('config_invalid', problems.join('\n  - '), { problems })
}

function conflicts({ name, model }: Plan, others: readonly Plan[]): string[] {
  const twin = others.find((other) => other.name === name)
  if (twin) return [`two rollouts are called "${name}": give the one of "${model}" another name.`]
  const rival = others.find((other) => other.model === model)
  return rival ? [`the model "${model}" has two rollouts, "${rival.name}" and "${name}".`] : []
}

/** What is wrong with targets whose providers are not there. */
export function strangers({ name, arms }: Plan, providers: readonly string[]): string[] {
  const targets = arms.flatMap((arm) => arm.targets)
  return targets.flatMap((target) => {
    const { provider } = parseTarget(target)
    if (providers.includes(provider)) return []
    const guess = didYouMean(provider, providers)
    return [`rollout "${name}": target "${target}" names no configured provider.${guess}`]
  })
}
