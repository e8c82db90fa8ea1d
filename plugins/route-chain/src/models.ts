import { didYouMean, globs } from '@sluice/core'
import type { Gateway } from '@sluice/core'
import { asks } from './chain.ts'
import type { Chain } from './chain.ts'

/**
 * Checks that the models are there that steps ask, and that chains are reached by their names.
 * @param id of the provider that answers as them @throws Error that lists what is wrong
 */
export function checkModels(chains: ReadonlyMap<string, Chain>, id: string, gateway: Gateway): void {
  const { models, providers } = gateway.inspect()
  const names = gateway.models().map(({ name }) => name)
  const isListed = globs(names)
  const prefix = `${id}/`
  const isChain = (target: string): boolean => chains.has(target.slice(prefix.length))
  const isOfProvider = (model: string): boolean =>
    model.startsWith(prefix) ? isChain(model) : providers.some((provider) => model.startsWith(`${provider.id}/`))
  const isThere = (model: string): boolean => isListed(model) || isOfProvider(model)
  const problems: string[] = []
  for (const [name, chain] of chains) {
    const hidden = models.find((model) => model.name === name)
    if (hidden && !hidden.targets.includes(prefix + name)) {
      problems.push(
        `chains.${name}: the config has a model of this name. Rename one, or make "${prefix}${name}" its target`,
      )
    }
    for (const step of chain.steps.values()) {
      if (!asks(step)) continue
      const { model, fallback } = step.work
      const asked = fallback && 'model' in fallback ? [model, fallback.model] : [model]
      for (const each of asked.filter((wanted) => !isThere(wanted))) {
        problems.push(`chains.${name}.steps.${step.name}: there is no model "${each}".${didYouMean(each, names)}`)
      }
    }
  }
  for (const target of models.flatMap(({ targets }) => targets)) {
    if (target.startsWith(prefix) && !isChain(target)) problems.push(`the target "${target}" is no chain`)
  }
  if (problems.length > 0) throw new Error(problems.join('\n  - '))
}
