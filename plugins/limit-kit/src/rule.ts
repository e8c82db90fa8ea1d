import { describe, GatewayError } from '@sluice/core'

/**
 * Compiles the rules of a config.
 * @throws GatewayError `plugin_options` that says which rule is wrong, and how
 */
export function compileRules<Rule extends { name: string }, Compiled>(
  rules: readonly Rule[],
  compile: (rule: Rule) => Compiled,
): Compiled[] {
  const names = new Set<string>()
  return rules.map((rule, index) => {
    const at = `rules[${index}]`
    if (names.has(rule.name))
      throw new GatewayError('plugin_options', `${at}.name: another rule is called "${rule.name}". Rename one.`)
    names.add(rule.name)
    try {
      return compile(rule)
    } catch (error) {
      throw new GatewayError('plugin_options', `${at}: ${describe(error)}`, { cause: error })
    }
  })
}
