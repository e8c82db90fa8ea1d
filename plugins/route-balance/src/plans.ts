import { describe, GatewayError } from '@sluice/core'
import type { RouteSection } from './options.ts'
import { Plan } from './plan.ts'
import type { Tools } from './strategies/strategy.ts'

/** Clients may ask for any model of a provider: beyond this many plans all are made anew. */
const MOST = 20_000

/** The plans of all models, each made when it is first needed. */
export class Plans {
  readonly #plans = new Map<string, Plan>()
  readonly #sectionOf: (model: string) => RouteSection | undefined
  readonly #defaults: RouteSection
  readonly #tools: Tools

  /** @param sectionOf what the config says of a model */
  constructor(sectionOf: (model: string) => RouteSection | undefined, defaults: RouteSection, tools: Tools) {
    this.#sectionOf = sectionOf
    this.#defaults = defaults
    this.#tools = tools
  }

  of(model: string): Plan {
    return this.#plans.get(model) ?? this.#add(model)
  }

  #add(model: string): Plan {
    const plan = new Plan(this.#sectionOf(model) ?? {}, this.#defaults, this.#tools)
    if (this.#plans.size >= MOST) this.#plans.clear()
    this.#plans.set(model, plan)
    return plan
  }

  /** Makes them while there is somebody to be told of mistakes. @throws GatewayError `config_invalid` with all of them */
  check(models: readonly string[]): void {
    const problems = models.flatMap((model) => {
      try {
        this.of(model)
        return []
      } catch (error) {
        return [`models[${model}].route.${describe(error)}`]
      }
    })
    if (problems.length > 0) throw new GatewayError('config_invalid', problems.join('\n'), { problems })
  }
}
