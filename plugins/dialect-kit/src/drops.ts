/** Tells the kernel, once each, what a request said that this dialect has no word for. */
import type { DialectName, Extensions, RequestContext } from '@sluice/core'

/** Made for one request to a target of `dialect`. */
export class Drops {
  readonly #context: RequestContext
  readonly #dialect: DialectName
  readonly #told = new Set<string>()

  constructor(context: RequestContext, dialect: DialectName) {
    this.#context = context
    this.#dialect = dialect
  }

  add(param: string, why: string): void {
    if (this.#told.has(param)) return
    this.#told.add(param)
    this.#context.drop(param, why)
  }

  /** Every field that only another dialect knows and that says something. `prefix` is the path of the object that had them, with its dot. */
  addForeign(extensions: Extensions | undefined, prefix = ''): void {
    for (const dialect in extensions) {
      if (dialect === this.#dialect) continue
      for (const [field, value] of Object.entries(extensions[dialect] ?? {})) {
        if (value !== null) this.add(prefix + field, `only ${dialect} knows it`)
      }
    }
  }
}

/** The same for requests of other dialects whose extensions are all foreign, told as often as they come. */
export function dropExtensions(extensions: Extensions, drop: RequestContext['drop']): void {
  for (const [dialect, fields] of Object.entries(extensions))
    for (const [field, value] of Object.entries(fields)) if (value !== null) drop(field, `only ${dialect} has it`)
}
