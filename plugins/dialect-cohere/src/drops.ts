/** Tells the kernel, once each, what a request of another dialect said that Cohere has no word for. */
import type { RequestContext } from '@sluice/core'
import { NAME } from './extensions.ts'
import type { Holder } from './extensions.ts'

/** Made for one request. */
export class Drops {
  readonly #context: RequestContext
  readonly #told = new Set<string>()

  constructor(context: RequestContext) {
    this.#context = context
  }

  add(param: string, why: string): void {
    if (this.#told.has(param)) return
    this.#told.add(param)
    this.#context.drop(param, why)
  }

  /** Every field that only another dialect knows and that says something. `prefix` is the path of the object that had them, with its dot. */
  addForeign({ extensions = {} }: Holder, prefix = ''): void {
    for (const [dialect, fields] of Object.entries(extensions)) {
      if (dialect === NAME) continue
      for (const [field, value] of Object.entries(fields))
        if (value !== null) this.add(prefix + field, `only ${dialect} knows it`)
    }
  }
}
