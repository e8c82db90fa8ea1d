import { didYouMean, GatewayError, parseTarget } from '@sluice/core'
import type { Gateway } from '@sluice/core'
import type { Policy } from './options.ts'

const LISTS = ['fallbacks', 'contextWindowFallbacks', 'contentPolicyFallbacks', 'budgetFallbacks'] as const

/**
 * @param written policies by the place where they stand, e.g. `models[fast].resilience`
 * @param probed targets by theirs
 * @throws GatewayError `config_invalid` with every name behind which nothing stands
 */
export function checkModels(
  written: readonly (readonly [at: string, policy: Policy])[],
  probed: readonly [at: string, targets: readonly string[]],
  gateway: Gateway,
): void {
  const models = new Set(gateway.models().map(({ name }) => name))
  const providers = gateway.inspect().providers.map(({ id }) => id)
  const problems: string[] = []
  const check = (at: string, names: readonly string[]): void => {
    for (const [index, name] of names.entries()) {
      const { provider, model } = parseTarget(name)
      if (models.has(name) || (model !== '' && providers.includes(provider))) continue
      const guess = didYouMean(name, [...models]) || didYouMean(provider, providers)
      problems.push(`${at}[${index}]: there is no model "${name}".${guess}`)
    }
  }
  for (const [at, policy] of written) for (const list of LISTS) check(`${at}.${list}`, policy[list] ?? [])
  check(...probed)
  if (problems.length === 0) return
  const title = `The config has ${problems.length === 1 ? '1 problem' : `${problems.length} problems`}:`
  throw new GatewayError('config_invalid', [title, ...problems].join('\n  - '), { problems })
}
