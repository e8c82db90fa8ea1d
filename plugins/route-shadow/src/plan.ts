import { compileWhen, GatewayError, milliseconds } from '@sluice/core'
import type { Exchange } from '@sluice/core'
import type { RouteClock } from '@sluice/route-kit'
import { MEASURES } from './options.ts'
import type { Measure, ShadowSection } from './options.ts'

/** Dialect of exchanges that the gateway makes by itself. */
const OWN = 'gateway'

/** What is done with a model's requests. */
export interface Plan {
  targets: readonly string[]
  /** 0 to 100. */
  percent: number
  recordPercent: number
  isFor: (exchange: Exchange) => boolean
  compare: ReadonlySet<Measure>
  judge: ShadowSection['judge']
  maxInFlight: number
  /** Milliseconds. */
  timeout: number
  keepTexts: boolean
  /** Copies under way. */
  inFlight: number
}

/** What is done with one request; undefined for nothing. */
export type Lot = { plan: Plan; mirror: boolean; record: boolean }

/**
 * @param at where it stands, for errors @returns undefined if nothing would be done
 * @throws GatewayError `config_invalid` if it asks for a judge and names none
 */
export function planOf(section: ShadowSection, at: string): Plan | undefined {
  const { target = [], when, judge, record } = section
  const targets = [target].flat()
  const percent = targets.length > 0 ? (section.percent ?? 100) : 0
  const recordPercent = record?.percent ?? 0
  if (percent === 0 && recordPercent === 0) return undefined
  const compare = new Set(section.compare ?? MEASURES.filter((measure) => measure !== 'judge' || judge !== undefined))
  if (compare.has('judge') && !judge)
    throw new GatewayError('config_invalid', `${at}: "compare" names "judge", but there is none. Add judge.model.`)
  return {
    targets,
    percent,
    recordPercent,
    isFor: compileWhen(when) ?? (() => true),
    compare,
    judge,
    maxInFlight: section.maxInFlight ?? 10,
    timeout: milliseconds(section.timeout ?? '60s'),
    keepTexts: section.keepTexts ?? false,
    inFlight: 0,
  }
}

/** The plans of all models. Models without one of their own share one. */
export class Plans {
  readonly #clock: Pick<RouteClock, 'random'>
  readonly #defaults: ShadowSection
  readonly #default: Plan | undefined
  readonly #own = new Map<string, Plan | undefined>()

  /** @param id of the plugin instance, for errors */
  constructor(defaults: ShadowSection, clock: Pick<RouteClock, 'random'>, id = 'route-shadow') {
    this.#clock = clock
    this.#defaults = defaults
    this.#default = planOf(defaults, `plugins[${id}]`)
  }

  /** What a model's own section says wins over the defaults, option by option. */
  add(model: string, section: ShadowSection): void {
    this.#own.set(model, planOf({ ...this.#defaults, ...section }, `models[${model}].shadow`))
  }

  /** Every target that gets copies. */
  get targets(): ReadonlySet<string> {
    return new Set(
      [this.#default, ...this.#own.values()].flatMap((plan) => (plan && plan.percent > 0 ? plan.targets : [])),
    )
  }

  /** Whether some of the exchange's like are drawn: chats of clients, not what the gateway asks by itself. */
  concern(exchange: Exchange): boolean {
    return exchange.operation === 'chat' && exchange.dialect.name !== OWN && this.#of(exchange) !== undefined
  }

  /** Draws: one number for the copy and one for the recording. */
  draw(exchange: Exchange): Lot | undefined {
    const plan = this.#of(exchange)
    if (!plan?.isFor(exchange)) return undefined
    const mirror = this.#clock.random() * 100 < plan.percent
    const record = this.#clock.random() * 100 < plan.recordPercent
    return mirror || record ? { plan, mirror, record } : undefined
  }

  #of({ model }: Exchange): Plan | undefined {
    return this.#own.has(model) ? this.#own.get(model) : this.#default
  }
}
