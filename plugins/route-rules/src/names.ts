/** Which names exist, for references in the config and in rules. */
import { didYouMean, parseTarget } from '@sluice/core'
import type { Gateway, ModelEntry, Target } from '@sluice/core'

export class Names {
  /** All that model lists show. */
  readonly models: ReadonlyMap<string, ModelEntry>
  /** Those of the config, which win over all others. */
  readonly configured: ReadonlySet<string>
  /** By id of the instance. */
  readonly #vendors: ReadonlyMap<string, string | undefined>

  /** @param gateway whose plugins are all ready */
  constructor(gateway: Gateway) {
    const { models, providers } = gateway.inspect()
    this.models = new Map(gateway.models().map((entry) => [entry.name, entry]))
    this.configured = new Set(models.map(({ name }) => name))
    this.#vendors = new Map(providers.map(({ id, vendor }) => [id, vendor]))
  }

  /** Whose models a provider serves. */
  vendorOf(provider: string): string | undefined {
    return this.#vendors.get(provider)
  }

  /** Whether it addresses a configured provider, be it without a model. */
  addresses(name: string): boolean {
    return this.#vendors.has(parseTarget(name).provider)
  }

  /** Whether it names a model of a configured provider, as far as can be told without asking there. */
  isDirect(name: string): boolean {
    return parseTarget(name).model !== '' && this.addresses(name)
  }

  /** What is wrong with a target's provider; undefined if it is there. */
  problemWith({ provider, model }: Target): string | undefined {
    if (this.#vendors.has(provider)) return undefined
    const ids = [...this.#vendors.keys()]
    const known = ids.join(', ') || 'none'
    return `target "${provider}/${model}" names no configured provider. Providers: ${known}.${didYouMean(provider, ids)}`
  }

  /** What to say of a name behind which nothing stands. */
  unknown(name: string, others: readonly string[] = []): string {
    return `there is no model "${name}".${didYouMean(name, [...this.models.keys(), ...others])}`
  }
}
