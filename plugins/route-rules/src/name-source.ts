/** The models that this plugin makes: aliases, versions, and variants of all others. */
import { parseTarget } from '@sluice/core'
import type { Exchange, ModelEntry, ModelSource, Target } from '@sluice/core'
import { ROUTED_MODEL } from '@sluice/route-kit'
import type { Aliases } from './aliases.ts'
import { targetsOf } from './destination.ts'
import type { Destination } from './destination.ts'
import { BARE_MODEL } from './facts.ts'
import type { Names } from './names.ts'
import { prefer, VARIANTS } from './preferences.ts'
import { isForOpenRouter } from './provider-field.ts'
import { noteVersion } from './versions.ts'
import type { Versions } from './versions.ts'

export interface NameSourceSettings {
  aliases: Aliases
  versions: Versions
  names: Names
  /** Whether clients may put variants behind names. */
  variants: boolean
  findTargets: (model: string, exchange: Exchange) => readonly Target[] | undefined
}

export class NameSource implements ModelSource {
  readonly #settings: NameSourceSettings
  readonly #entries: readonly ModelEntry[]

  constructor(settings: NameSourceSettings) {
    const { aliases, versions } = settings
    this.#settings = settings
    const versioned = versions.all.map(({ model, version }) => `${model}@${version}`)
    this.#entries = [...new Set([...aliases.names, ...versions.names, ...versioned])].map((name) => this.#entry(name))
  }

  list(): readonly ModelEntry[] {
    return this.#entries
  }

  /** @throws GatewayError `model_not_found` if it is a model that has no such version */
  find(name: string, exchange: Exchange): readonly Target[] | undefined {
    const { aliases, versions } = this.#settings
    // Later others may ask, too, e.g. where to fall back to: that is not what is served.
    const isMeant = exchange.targets.length === 0 || exchange.get(ROUTED_MODEL) === name
    const version = versions.find(name, exchange)
    if (version) {
      if (isMeant) noteVersion(exchange, version)
      if (isMeant && name !== version.model) noteBare(exchange, name, version.model)
      return this.#follow(version.destination, exchange, isMeant)
    }
    const resolved = aliases.resolve(name)
    if (resolved !== undefined) return this.#follow({ model: resolved }, exchange, isMeant)
    return this.#findVariant(name, exchange, isMeant)
  }

  #follow(destination: Destination, exchange: Exchange, isMeant: boolean): readonly Target[] | undefined {
    if (isMeant && 'model' in destination) exchange.set(ROUTED_MODEL, destination.model)
    return targetsOf(destination, exchange, this.#settings.findTargets)
  }

  #findVariant(name: string, exchange: Exchange, isMeant: boolean): readonly Target[] | undefined {
    const { names, variants } = this.#settings
    const base = variants ? variantBase(name) : undefined
    if (base === undefined) return undefined
    if (names.isDirect(base) && isForOpenRouter(names.vendorOf(parseTarget(base).provider))) return undefined
    if (isMeant) {
      prefer(exchange, { sort: VARIANTS.get(name.slice(base.length + 1))! })
      noteBare(exchange, name, base)
    }
    return this.#follow({ model: base }, exchange, isMeant)
  }

  #entry(name: string): ModelEntry {
    return { created: Math.floor(Date.now() / 1000), ...this.#origin(name), name }
  }

  /** What is known of what stands behind a name. */
  #origin(name: string): Pick<ModelEntry, 'owners' | 'about'> {
    const { aliases, versions, names } = this.#settings
    const known = names.models.get(name)
    if (known) return known
    const several = versions.named(name)
    if (several.length > 0) {
      const origins = several.map(({ destination }) => this.#originOf(destination))
      const owners = [...new Set(origins.flatMap((origin) => origin.owners))]
      return several.length === 1 ? { ...origins[0]!, owners } : { owners }
    }
    const resolved = aliases.resolve(name) ?? variantBase(name)
    return resolved === undefined ? { owners: [parseTarget(name).provider] } : this.#origin(resolved)
  }

  #originOf(destination: Destination): Pick<ModelEntry, 'owners' | 'about'> {
    if ('model' in destination) return this.#origin(destination.model)
    return { owners: destination.targets.map(({ provider }) => provider) }
  }
}

/** The name in front of a variant; undefined if there is none. */
export function variantBase(name: string): string | undefined {
  const at = name.lastIndexOf(':')
  return at > 0 && VARIANTS.has(name.slice(at + 1)) ? name.slice(0, at) : undefined
}

/** What a client put behind a model's name does not make it another model for rules. */
function noteBare(exchange: Exchange, name: string, bare: string): void {
  if (exchange.model.startsWith(name)) exchange.set(BARE_MODEL, bare)
}
