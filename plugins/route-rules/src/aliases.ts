/** Names that stand for others. */
import { captured, overlaps, parsePattern } from './alias-pattern.ts'
import type { NamePattern } from './alias-pattern.ts'

type Alias = { readonly from: NamePattern; readonly to: NamePattern }

/** An alias that leads to another one is followed, to the end. A single name wins over families, then the longest text. */
export class Aliases {
  readonly #exact: ReadonlyMap<string, Alias>
  readonly #families: readonly Alias[]
  readonly #addresses: (name: string) => boolean
  /** What is wrong, with the option that says it; nothing may be resolved then. */
  readonly problems: readonly string[]

  /** @param addresses whether a name addresses a provider, be it without a model */
  constructor(written: { readonly [from: string]: string }, addresses: (name: string) => boolean) {
    const problems: string[] = []
    const aliases: Alias[] = []
    for (const [name, value] of Object.entries(written)) {
      const [from, to] = [parsePattern(name), parsePattern(value)]
      if (!from || !to)
        problems.push(`aliases[${name}]: there may be one "*" in a name, and one in what it stands for.`)
      else if (to.suffix !== undefined && from.suffix === undefined)
        problems.push(`aliases[${name}]: "${value}" has a "*", but the name has none that could stand for anything.`)
      else aliases.push({ from, to })
    }
    this.#addresses = addresses
    this.#exact = new Map(
      aliases.filter(({ from }) => from.suffix === undefined).map((alias) => [alias.from.text, alias]),
    )
    this.#families = aliases
      .filter(({ from }) => from.suffix !== undefined)
      .sort((a, b) => b.from.text.length - a.from.text.length)
    const cycle = this.#findCycle(aliases)
    if (cycle) problems.push(`aliases: they lead in a circle: ${cycle.join(' → ')}.`)
    this.problems = problems
  }

  /** Names of those that are single names. */
  get names(): readonly string[] {
    return [...this.#exact.keys()]
  }

  /** What a name stands for in the end; undefined if it is no alias. */
  resolve(name: string): string | undefined {
    let last: string | undefined
    for (let next = this.#step(name); next !== undefined; next = this.#step(next)) last = next
    return last
  }

  #step(name: string): string | undefined {
    const alias = this.#matching(name)
    if (!alias) return undefined
    const { from, to } = alias
    return to.suffix === undefined ? to.text : to.prefix + captured(from, name)! + to.suffix
  }

  #matching(name: string): Alias | undefined {
    const exact = this.#exact.get(name)
    if (exact || this.#families.length === 0) return exact
    const direct = this.#addresses(name)
    return this.#families.find(({ from }) => mayLead(direct, from) && captured(from, name) !== undefined)
  }

  /** The names on a circle, the first one again at the end. A family that may lead back to itself counts. */
  #findCycle(aliases: readonly Alias[]): string[] | undefined {
    const path: Alias[] = []
    const done = new Set<Alias>()
    const visit = (alias: Alias): string[] | undefined => {
      const at = path.indexOf(alias)
      if (at >= 0) return [...path.slice(at), alias].map(({ from }) => from.text)
      if (done.has(alias)) return undefined
      path.push(alias)
      for (const next of this.#nextOf(alias, aliases)) {
        const found = visit(next)
        if (found) return found
      }
      path.pop()
      done.add(alias)
      return undefined
    }
    for (const alias of aliases) {
      const found = visit(alias)
      if (found) return found
    }
    return undefined
  }

  #nextOf({ to }: Alias, aliases: readonly Alias[]): readonly Alias[] {
    if (to.suffix === undefined) return [this.#matching(to.text)].filter((next) => next !== undefined)
    const direct = this.#addresses(`${to.prefix}x`)
    return aliases.filter(({ from }) => mayLead(direct, from) && overlaps(to, from))
  }
}

/** A family takes names that address a provider only if it has a `/` itself: `*` is not meant for them. */
function mayLead(direct: boolean, { text, suffix }: NamePattern): boolean {
  return !direct || suffix === undefined || text.includes('/')
}
