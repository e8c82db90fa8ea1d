/** Compiles an instance's `when` into one function, at boot. */
import type { Exchange } from './exchange.ts'
import type { When } from './plugin.ts'

/** @returns whether the plugin applies to an exchange; undefined if it always does */
export function compileWhen(when: When | undefined): ((exchange: Exchange) => boolean) | undefined {
  if (!when) return undefined
  const { models, operations, keys: { ids, tags, teams } = {}, headers = {}, predicate } = when
  const isModel = models && globs(models)
  const includes = (list: readonly string[] | undefined, value: string | undefined): boolean =>
    list === undefined || (value !== undefined && list.includes(value))
  const wanted = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  return (exchange) =>
    // Before the model is known (onRequest, authenticate) a model condition cannot hold.
    (!isModel || (exchange.model !== '' && isModel(exchange.model))) &&
    includes(operations, exchange.operation) &&
    includes(ids, exchange.principal.key) &&
    includes(teams, exchange.principal.team) &&
    (!tags || (exchange.principal.tags ?? []).some((tag) => tags.includes(tag))) &&
    wanted.every(([name, value]) => (value === true ? name in exchange.headers : exchange.headers[name] === value)) &&
    (!predicate || predicate(exchange))
}

/** Whether a text matches one of `patterns`, in which `*` stands for any run of characters. */
export function globs(patterns: readonly string[]): (text: string) => boolean {
  const any = patterns
    .map((pattern) =>
      pattern
        .split(/\*+/)
        .map((text) => text.replace(/\W/g, '\\$&'))
        .join('.*'),
    )
    .join('|')
  const matcher = new RegExp(`^(?:${any})$`, 's')
  return (text) => matcher.test(text)
}
