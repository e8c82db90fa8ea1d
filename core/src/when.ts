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

/**
 * Whether a text matches one of `patterns`, in which `*` stands for any run of characters. Takes time in proportion
 * to the text, whatever the patterns are: they may come from an API, and texts from any client.
 */
export function globs(patterns: readonly string[]): (text: string) => boolean {
  if (patterns.includes('*')) return () => true
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')))
  const wild = patterns.filter((pattern) => pattern.includes('*')).map((pattern) => pattern.split('*'))
  return (text) => exact.has(text) || wild.some((pieces) => fits(pieces, text))
}

/** The pieces between stars, in their order: the first at the beginning, the last at the end, each as early as it can be. */
function fits(pieces: readonly string[], text: string): boolean {
  const last = pieces.length - 1
  const end = text.length - pieces[last]!.length
  let at = pieces[0]!.length
  if (at > end || !text.startsWith(pieces[0]!) || !text.endsWith(pieces[last]!)) return false
  for (let index = 1; index < last; index++) {
    const found = text.indexOf(pieces[index]!, at)
    if (found < 0) return false
    at = found + pieces[index]!.length
  }
  return at <= end
}
