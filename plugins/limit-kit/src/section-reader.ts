import { checkValue } from '@sluice/core'
import type { Scope, TSchema } from '@sluice/core'

export interface SectionReaderSettings<T> {
  /** E.g. `limits`. */
  section: string
  schema: TSchema
  compile: (kind: Scope['kind'], value: object) => T
}

/**
 * Reads a section of scopes. Each is compiled once, for as long as whoever found the principal keeps it.
 */
export class SectionReader<T> {
  readonly #settings: SectionReaderSettings<T>
  /** By kind, too: a section that stands for a key's and a team's is compiled for each. */
  readonly #known: { readonly [K in Scope['kind']]: WeakMap<object, T> }

  constructor(settings: SectionReaderSettings<T>) {
    this.#settings = settings
    this.#known = { key: new WeakMap(), user: new WeakMap(), team: new WeakMap(), organisation: new WeakMap() }
  }

  /** Undefined if there is none. @throws Error if it cannot be read: nobody goes unlimited by mistake */
  read({ kind, sections }: Scope): T | undefined {
    const { section } = this.#settings
    const value = sections[section]
    if (value === undefined || value === null) return undefined
    if (typeof value !== 'object') throw new Error(`"${section}" of a ${kind} is no object.`)
    const known = this.#known[kind].get(value)
    if (known !== undefined) return known
    const compiled = this.#compile(kind, value)
    this.#known[kind].set(value, compiled)
    return compiled
  }

  #compile(kind: Scope['kind'], value: object): T {
    const { section, schema, compile } = this.#settings
    const [mistake] = checkValue(schema, value)
    if (mistake) throw new Error(`"${section}" of a ${kind} cannot be read: ${mistake.at} ${mistake.text}`)
    return compile(kind, value)
  }
}
