/** Where else a request may go: targets of other models, found before the first call so that all who filter see them. */
import { GatewayError } from '@sluice/core'
import type { Exchange, Target } from '@sluice/core'
import type { Policies } from './policy.ts'

/** By what they are for. No target is in a list twice, or among the model's own. */
export interface Alternatives {
  /** If no target of the model answers. */
  general: readonly Target[]
  contextWindow: readonly Target[]
  contentPolicy: readonly Target[]
  budget: readonly Target[]
}

const NONE: readonly Target[] = []
export const NO_ALTERNATIVES: Alternatives = Object.freeze({
  general: NONE,
  contextWindow: NONE,
  contentPolicy: NONE,
  budget: NONE,
})

export interface GuideSettings {
  policies: Policies
  findTargets: (model: string, exchange: Exchange) => readonly Target[] | undefined
  /** Models that the client itself wants to be asked. */
  wishesOf: (exchange: Exchange) => readonly string[]
}

export class Guide {
  readonly #settings: GuideSettings

  constructor(settings: GuideSettings) {
    this.#settings = settings
  }

  /** @param model whose policy holds @param own its targets; undefined where there are no alternatives */
  of(exchange: Exchange, model: string, own: readonly Target[]): Alternatives | undefined {
    const { policies, wishesOf } = this.#settings
    const policy = policies.of(model)
    const wishes = wishesOf(exchange)
    if (!policy.hasFallbacks && wishes.length === 0) return undefined
    const find = (models: readonly string[]): readonly Target[] => this.#find(models, exchange, own)
    const { special } = policy
    return {
      general: find([...wishes, ...this.#chain(model)]),
      contextWindow: find([...special.contextWindow, ...wishes]),
      contentPolicy: find([...special.contentPolicy, ...wishes]),
      budget: find(policy.budgetFallbacks),
    }
  }

  /** Its fallbacks, then those of these, and so on; each model once, whoever names it. */
  #chain(model: string): readonly string[] {
    const { policies } = this.#settings
    const chain = [model]
    for (let next = 0; next < chain.length; next++) {
      for (const name of policies.of(chain[next]!).fallbacks) if (!chain.includes(name)) chain.push(name)
    }
    return chain.slice(1)
  }

  #find(models: readonly string[], exchange: Exchange, own: readonly Target[]): readonly Target[] {
    if (models.length === 0) return NONE
    const found: Target[] = []
    for (const model of models) {
      for (const target of this.#targets(model, exchange)) {
        if (!own.some((each) => isSame(each, target)) && !found.some((each) => isSame(each, target))) found.push(target)
      }
    }
    return found
  }

  /** What cannot be had right now is no alternative. */
  #targets(model: string, exchange: Exchange): readonly Target[] {
    try {
      return this.#settings.findTargets(model, exchange) ?? NONE
    } catch (error) {
      if (!GatewayError.is(error)) throw error
      exchange.log.debug({ err: error, model }, 'a fallback cannot be had')
      return NONE
    }
  }
}

function isSame(a: Target, b: Target): boolean {
  return a === b || (a.model === b.model && a.provider === b.provider)
}
