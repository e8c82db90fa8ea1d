/** Which providers speak the Responses API, and so keep state themselves. */
import type { Gateway, Provider } from '@sluice/core'
import { RESPONSES } from './state.ts'

export function speaks(provider: Provider | undefined): boolean {
  return provider?.kind === 'wire' && (provider.dialect === RESPONSES || provider.also?.includes(RESPONSES) === true)
}

/** By id. Of those that speak several dialects it is known from their first attempt on. */
export class Speakers {
  readonly #own: string
  readonly #known = new Map<string, boolean | undefined>()

  /** @param own id of the provider that this plugin adds */
  constructor(own: string) {
    this.#own = own
  }

  learnFrom(gateway: Gateway): void {
    for (const { id, kind, dialect } of gateway.inspect().providers)
      if (id !== this.#own) this.#known.set(id, kind === 'local' ? false : dialect === RESPONSES || undefined)
  }

  learn(id: string, provider: Provider): void {
    if (id !== this.#own) this.#known.set(id, speaks(provider))
  }

  /** Undefined if it is not known yet. */
  has(id: string): boolean | undefined {
    return this.#known.get(id)
  }

  /** Ids of those that do, or of those of which it is not known. */
  list(speaks: true | undefined): string[] {
    return [...this.#known].filter(([, known]) => known === speaks).map(([id]) => id)
  }
}
