/** Rules as one would ask them with pencil and paper: what the compiled ones must agree with. */
import type { Exchange } from '@sluice/core'
import type { Rule } from '../../src/rule-schema.ts'

/** Names of the rules that match, in order, up to the first that lets none follow. */
export function naive(rules: readonly Rule[], exchange: Exchange): string[] {
  const names: string[] = []
  for (const rule of rules) {
    if (!matches(rule.when ?? {}, exchange)) continue
    names.push(rule.name)
    if (rule.continue !== true) break
  }
  return names
}

function matches(when: NonNullable<Rule['when']>, { principal, model, headers, operation, json }: Exchange): boolean {
  const metadata = json['metadata'] as { [field: string]: unknown } | undefined
  return (
    within(when.models, [model], true) &&
    within(when.keys, [principal.key]) &&
    within(when.users, [principal.user]) &&
    within(when.teams, [principal.team]) &&
    within(when.tags, principal.tags ?? []) &&
    within(when.roles, principal.roles ?? []) &&
    within(when.operations, [operation]) &&
    Object.entries(when.headers ?? {}).every(([name, wanted]) => says(wanted, headers[name])) &&
    Object.entries(when.metadata ?? {}).every(([name, wanted]) => says(wanted, principal.metadata?.[name])) &&
    Object.entries(when.requestMetadata ?? {}).every(([name, wanted]) => says(wanted, metadata?.[name]))
  )
}

function within(
  wanted: readonly string[] | undefined,
  given: readonly (string | undefined)[],
  patterns = false,
): boolean {
  return !wanted || given.some((text) => wanted.some((each) => (patterns ? fits(each, text) : each === text)))
}

function says(wanted: boolean | string | readonly string[], given: unknown): boolean {
  if (typeof wanted === 'boolean') return wanted === (given !== undefined)
  return [wanted].flat().some((pattern) => typeof given === 'string' && fits(pattern, given))
}

function fits(pattern: string, text: string | undefined): boolean {
  if (text === undefined) return false
  const source = pattern
    .split('*')
    .map((piece) => piece.replace(/[^\w]/g, String.raw`\$&`))
    .join('.*')
  return new RegExp(`^${source}$`, 's').test(text)
}
