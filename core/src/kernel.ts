/** One generation of the gateway: a config, built whole. Exchanges keep the one they started with. */
import { isModelName } from './config.ts'
import type { ResolvedConfig, ServerSettings } from './config.ts'
import type { Dialect, Endpoint, ModelEntry } from './dialect.ts'
import { GatewayError, invalidRequest } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { Gateway } from './gateway.ts'
import type { Hooks } from './hooks.ts'
import { headerFilter } from './http.ts'
import type { Logger } from './logger.ts'
import { didYouMean } from './options.ts'
import type { Target } from './provider.ts'
import { Registry } from './registry.ts'

/** A dialect's endpoint. */
export type Mount = { dialect: Dialect; endpoint: Endpoint }
type HeaderTests = { request: (name: string) => boolean; reply: (name: string) => boolean }

export class Kernel {
  readonly revision: number
  readonly config: ResolvedConfig
  readonly settings: ServerSettings
  readonly registry: Registry
  readonly hooks: Hooks
  readonly log: Logger
  readonly #models: readonly ModelEntry[]
  /** Whether anybody would look at an exchange's usage. */
  readonly wantsUsage: boolean
  /** Whether upstreams are asked for the usage of streams even if the client does not ask. */
  readonly asksUsage: boolean
  readonly #headers: ReadonlyMap<Dialect, HeaderTests>
  /** In no order. Not a Set: the tables it outgrows link to their successors and keep what is over from dying young. */
  readonly #inFlight: Exchange[] = []
  #onIdle: (() => void) | undefined

  /** @throws GatewayError with every problem of the config; nothing is left running then */
  static async build(revision: number, config: ResolvedConfig, gateway: Gateway, log: Logger): Promise<Kernel> {
    return new Kernel(revision, config, await Registry.build(config, gateway, log), log)
  }

  private constructor(revision: number, config: ResolvedConfig, registry: Registry, log: Logger) {
    this.revision = revision
    this.config = config
    this.settings = config.server
    this.registry = registry
    this.hooks = registry.hooks
    this.log = log
    this.#models = modelList(config, registry)
    this.wantsUsage = registry.hooks.onUsage.used || registry.hooks.onComplete.used
    this.asksUsage = registry.plugins.some(({ definition }) => definition.countsUsage)
    this.#headers = new Map(
      [...registry.dialects.values()].map((dialect) => {
        return [dialect, { request: headerFilter(dialect.requestHeaders), reply: headerFilter(dialect.replyHeaders) }]
      }),
    )
  }

  /** Which headers pass between a client and an upstream of one dialect. */
  passes(dialect: Dialect): HeaderTests {
    return this.#headers.get(dialect)!
  }

  /** Endpoints by method and path; those that `match` before those that take the rest. */
  mounts(): Map<string, Mount[]> {
    const all = [...this.registry.dialects.values()].flatMap((dialect) =>
      dialect.endpoints.map((endpoint): Mount => ({ dialect, endpoint })),
    )
    all.sort((a, b) => Number(!a.endpoint.match) - Number(!b.endpoint.match))
    return Map.groupBy(all, ({ endpoint }) => `${endpoint.method} ${endpoint.path}`)
  }

  get models(): readonly ModelEntry[] {
    const { models: sources } = this.registry
    if (sources.length === 0) return this.#models
    const added = sources.flatMap((source) => source.list?.() ?? [])
    const known = new Set(this.#models.map(({ name }) => name))
    return [...this.#models, ...added.filter(({ name }) => !known.has(name) && known.add(name))]
  }

  /**
   * The targets behind the model that was asked for: those of the config or of a plugin, or the one that
   * `provider/model` names.
   * @throws GatewayError `invalid_request` if it cannot be a name, `model_not_found` if nothing is behind it
   */
  targets(exchange: Exchange): readonly Target[] {
    const { model: name } = exchange
    if (!isModelName(name)) throw invalidRequest('"model" holds characters that no model name has.', 'model')
    const found = this.registry.findTargets(name, exchange)
    if (found) return found
    const guess = didYouMean(
      name,
      this.models.map((entry) => entry.name),
    )
    throw new GatewayError('model_not_found', `The model "${name}" does not exist here.${guess}`, { param: 'model' })
  }

  /** An exchange begins. */
  enter(exchange: Exchange): void {
    exchange.slot = this.#inFlight.push(exchange) - 1
  }

  /** It is over, onComplete included. */
  leave(exchange: Exchange): void {
    const last = this.#inFlight.pop()!
    if (last !== exchange) {
      this.#inFlight[exchange.slot] = last
      last.slot = exchange.slot
    }
    if (this.#inFlight.length === 0) this.#onIdle?.()
  }

  /** Gives up every exchange in flight. */
  abort(reason: GatewayError): void {
    for (const exchange of this.#inFlight) exchange.abort(reason)
  }

  /** Waits until no exchange is in flight, then disposes of everything. */
  async retire(gateway: Gateway): Promise<void> {
    if (this.#inFlight.length > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
    try {
      await this.hooks.close.call(gateway)
    } catch (error) {
      this.log.error({ err: error }, 'a plugin failed in the close hook')
    }
    await this.registry.dispose()
  }
}

function modelList({ models }: ResolvedConfig, { providers }: Registry): ModelEntry[] {
  const created = Math.floor(Date.now() / 1000)
  const named = [...models.values()].map(({ name, targets, about }): ModelEntry => {
    return { name, owners: [...new Set(targets.map(({ provider }) => provider))], created, about }
  })
  const direct = [...providers].flatMap(([id, provider]) =>
    (provider.models ?? []).map((model): ModelEntry => ({ name: `${id}/${model}`, owners: [id], created })),
  )
  return [...named, ...direct.filter(({ name }) => !models.has(name))]
}
