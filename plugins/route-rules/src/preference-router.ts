/** Applies what clients prefer to the candidates. */
import { invalidRequest } from '@sluice/core'
import type { Attempt, Exchange, Target, Verdict } from '@sluice/core'
import { noTarget, STRATEGY, targetName, why } from '@sluice/route-kit'
import type { TargetStats } from '@sluice/route-kit'
import { estimateTokens } from '@sluice/usage-kit'
import type { Estimate, Prices } from '@sluice/usage-kit'
import { addGuard, permitted } from './guards.ts'
import { preferencesOf } from './preferences.ts'
import type { Preferences } from './preferences.ts'
import { unitPrice } from './price.ts'
import type { Objection } from './requirements.ts'
import { ranked } from './ranked.ts'

/** What targets must be tagged with where the client's data may not be collected. */
const NO_COLLECTION = 'no-training'

export interface PreferenceSettings {
  /** Of the plugin instance. */
  id: string
  vendorOf: (provider: string) => string | undefined
  prices: Prices | undefined
  stats: TargetStats | undefined
}

export class PreferenceRouter {
  readonly #settings: PreferenceSettings

  constructor(settings: PreferenceSettings) {
    this.#settings = settings
  }

  /**
   * Leaves out what the client does not want, and orders what is left, if it said how.
   * @throws GatewayError `invalid_request` if that leaves nothing
   */
  route(targets: readonly Target[], exchange: Exchange): readonly Target[] {
    const preferences = preferencesOf(exchange)
    if (!preferences) return targets
    if (preferences.require_parameters) exchange.strictParams = true
    const estimate = estimateTokens(exchange)
    const objections = this.#objections(preferences, estimate)
    for (const objection of objections) addGuard(exchange, objection)
    const left = permitted(targets, objections, {
      exchange,
      plugin: this.#settings.id,
      onNone: (excluded) => invalidRequest(noTarget(exchange, excluded).message, 'provider'),
    })
    return this.#ordered(left, preferences, estimate, exchange)
  }

  /** When all others have had their say: a client that wants no fallback gets the first target, or none. */
  settle(targets: readonly Target[], exchange: Exchange): readonly Target[] {
    const preferences = preferencesOf(exchange)
    const [first] = targets
    if (preferences?.allow_fallbacks !== false || preferences.order?.length || !first) return targets
    addGuard(exchange, (target) => (targetName(target) === targetName(first) ? undefined : 'fallbacks are not allowed'))
    return [first]
  }

  #objections(
    { order, only, ignore, max_price, data_collection, allow_fallbacks }: Preferences,
    estimate: Estimate,
  ): Objection[] {
    const objections: Objection[] = []
    const { prices } = this.#settings
    const wanted = allow_fallbacks === false && order?.length ? order : undefined
    if (only) objections.push((target) => (this.#isNamed(target, only) ? undefined : 'it is none of "only"'))
    if (wanted) objections.push((target) => (this.#isNamed(target, wanted) ? undefined : 'it is none of "order"'))
    if (ignore) objections.push((target) => (this.#isNamed(target, ignore) ? 'it is one of "ignore"' : undefined))
    if (data_collection === 'deny')
      objections.push(({ tags }) => (tags?.includes(NO_COLLECTION) ? undefined : `it has no tag "${NO_COLLECTION}"`))
    if (max_price) {
      const { prompt = Infinity, completion = Infinity } = max_price
      objections.push((target) => {
        const price = unitPrice(target, estimate.input, prices)
        if (!price) return 'its price is not known'
        return price.prompt > prompt || price.completion > completion ? 'it costs more' : undefined
      })
    }
    return objections
  }

  #ordered(
    targets: readonly Target[],
    { order, sort }: Preferences,
    estimate: Estimate,
    exchange: Exchange,
  ): readonly Target[] {
    if (!order?.length && !sort) return targets
    const { id } = this.#settings
    exchange.set(STRATEGY, 'ordered')
    const place = (target: Target): number => {
      const at = order?.findIndex((name) => this.#isNamed(target, [name])) ?? 0
      return at < 0 ? order!.length : at
    }
    const score = sort && this.#scorer(sort, estimate)
    const explanation = why(exchange)
    const ordered = ranked(targets, place, (target) => {
      const value = score?.(target)
      if (value !== undefined) explanation?.scored(target, id, value, sort!)
      return value
    })
    explanation?.ordered(id, ordered)
    return ordered
  }

  /** Lower is better; undefined is not known. */
  #scorer(sort: NonNullable<Preferences['sort']>, { input, output }: Estimate): (target: Target) => number | undefined {
    const { prices, stats } = this.#settings
    switch (sort) {
      case 'price':
        return (target) => {
          const price = unitPrice(target, input, prices)
          return price && (price.prompt * input + price.completion * output) / 1e6
        }
      case 'throughput':
        return (target) => {
          const speed = stats?.of(target).tokensPerSecond
          return speed === undefined ? undefined : -speed
        }
      case 'latency':
        return (target) => stats?.of(target).ttftMs
    }
  }

  /** By instance, vendor, `provider/region` or `provider/model`. */
  #isNamed(target: Target, names: readonly string[]): boolean {
    const { provider, region } = target
    return names.some((written) => {
      const name = written.toLowerCase()
      if (name === provider.toLowerCase() || name === this.#settings.vendorOf(provider)?.toLowerCase()) return true
      const isPlace = region !== undefined && name === `${provider}/${region}`.toLowerCase()
      return isPlace || name === targetName(target).toLowerCase()
    })
  }
}

/** Where all parameters are required, a target that cannot take one gives way to the next. */
export function onUntakenParameter({ error }: Attempt, exchange: Exchange): Verdict | undefined {
  const isUntaken = error?.code === 'invalid_request' && !error.upstream && exchange.dropped.length > 0
  return isUntaken && preferencesOf(exchange)?.require_parameters ? 'next' : undefined
}
