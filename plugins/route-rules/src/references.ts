/** Whether everything that the config and the rules name is there. */
import type { Aliases } from './aliases.ts'
import { parsePattern } from './alias-pattern.ts'
import type { Destination } from './destination.ts'
import { variantBase } from './name-source.ts'
import type { Names } from './names.ts'
import type { CompiledRule } from './rule.ts'
import type { Versions } from './versions.ts'

export class References {
  readonly #names: Names
  readonly #aliases: Aliases
  readonly #versions: Versions

  constructor(names: Names, aliases: Aliases, versions: Versions) {
    this.#names = names
    this.#aliases = aliases
    this.#versions = versions
  }

  /** What is wrong with aliases and versions, each with the option that says it. */
  problemsOf(written: { readonly [from: string]: string }): string[] {
    const own = [...this.#aliases.problems, ...this.#versions.problems]
    if (own.length > 0) return own
    const problems: string[] = []
    const add = (at: string, problem: string | undefined): void => {
      if (problem !== undefined) problems.push(`${at}: ${problem}`)
    }
    for (const name of Object.keys(written)) add(`aliases[${name}]`, this.#hidden(name))
    for (const name of this.#versions.names) add(`versions[${name}]`, this.#hidden(name))
    for (const { model, version, destination } of this.#versions.all)
      add(`versions[${model}].${version}`, this.#circle(model, version) ?? this.problemWith(destination))
    if (problems.length > 0) return problems // names that lead in circles cannot be followed
    for (const [name, value] of Object.entries(written)) add(`aliases[${name}]`, this.#unknownAlias(name, value))
    return problems
  }

  /** What is wrong with where a rule sends requests. */
  problemOf({ destination }: CompiledRule): string | undefined {
    return destination && this.problemWith(destination)
  }

  problemWith(destination: Destination): string | undefined {
    if ('model' in destination) return this.#unknown(destination.model)
    for (const target of destination.targets) {
      const problem = this.#names.problemWith(target)
      if (problem !== undefined) return problem
    }
    return undefined
  }

  /** The config's own models win. */
  #hidden(name: string): string | undefined {
    return this.#names.configured.has(name)
      ? 'a model of the config has this name, and wins over it. Rename one.'
      : undefined
  }

  #unknownAlias(name: string, value: string): string | undefined {
    if (!name.includes('*')) return this.#unknown(this.#aliases.resolve(name)!)
    const { prefix, suffix } = parsePattern(value)!
    if (suffix === undefined) return this.#unknown(value)
    // Which names it will stand for only clients know; of a provider it is plain whether it is there.
    if (!prefix.includes('/') || this.#aliases.resolve(`${prefix}x${suffix}`) !== undefined) return undefined
    return this.#names.isDirect(`${prefix}x`) ? undefined : this.#unknown(value)
  }

  #unknown(name: string): string | undefined {
    if (this.#exists(name)) return undefined
    return this.#names.unknown(name, [...this.#aliases.names, ...this.#versions.names])
  }

  #exists(name: string): boolean {
    if (this.#names.models.has(name) || this.#names.isDirect(name) || this.#versions.named(name).length > 0) return true
    const behind = this.#aliases.resolve(name) ?? variantBase(name)
    return behind !== undefined && this.#exists(behind)
  }

  /** Where a version leads back to itself. */
  #circle(model: string, version: string): string | undefined {
    const start = `${model}@${version}`
    const seen = new Set<string>()
    const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
      if (path.length > 0 && (name === start || name === model)) return [...path, name]
      if (seen.has(name)) return undefined
      seen.add(name)
      for (const next of this.#nextOf(name)) {
        const found = visit(next, [...path, name])
        if (found) return found
      }
      return undefined
    }
    const circle = visit(start, [])
    return circle && `it leads in a circle: ${circle.join(' → ')}.`
  }

  #nextOf(name: string): readonly string[] {
    if (this.#names.configured.has(name)) return []
    const versions = this.#versions.named(name)
    if (versions.length > 0)
      return versions.flatMap(({ destination }) => ('model' in destination ? [destination.model] : []))
    const behind = this.#aliases.resolve(name) ?? variantBase(name)
    return behind === undefined ? [] : [behind]
  }
}
