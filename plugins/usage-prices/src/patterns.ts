import { globs } from '@sluice/core'

/** Values by target name, `provider/model`, in which `*` stands for any run of characters. */
export class Patterns<T> {
  readonly #exact = new Map<string, T>()
  readonly #wild: { fits: (name: string) => boolean; value: T }[] = []

  constructor(entries: { readonly [pattern: string]: T } = {}) {
    for (const [pattern, value] of Object.entries(entries)) {
      if (pattern.includes('*')) this.#wild.push({ fits: globs([pattern]), value })
      else this.#exact.set(pattern, value)
    }
  }

  /** The value of the name itself, else of the first pattern that it fits. */
  find(name: string): T | undefined {
    return this.#exact.get(name) ?? this.#wild.find(({ fits }) => fits(name))?.value
  }
}
