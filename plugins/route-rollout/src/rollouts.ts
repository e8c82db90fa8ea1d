/** All rollouts, of the config and of the Store, with their states. */
import { checkValue, describe, GatewayError } from '@sluice/core'
import type { Logger } from '@sluice/core'
import type { RouteClock } from '@sluice/route-kit'
import { Mirror } from '@sluice/store-kit'
import type { Store, StoredRecord } from '@sluice/store-kit'
import { Live } from './live.ts'
import { StoredRollout } from './options.ts'
import type { RolloutDefinition } from './options.ts'
import { planOf } from './plan.ts'
import type { Plan } from './plan.ts'
import { changed, readState, startOf } from './state.ts'
import type { Order, State } from './state.ts'

export const DEFINITIONS = 'rollouts'
export const STATES = 'rollout-states'
/** How often a change is tried when others change the same rollout at the same time. */
const TRIES = 5

export interface RolloutsSettings {
  store: Store
  log: Logger
  clock: RouteClock
  /** Milliseconds since the epoch. */
  wall: () => number
}

export class Rollouts {
  readonly #settings: RolloutsSettings
  #configured: readonly Live[] = []
  /** Those of the Store, with the texts of their definitions. */
  #stored: ReadonlyMap<string, { live: Live; text: string }> = new Map()
  #names: ReadonlyMap<string, Live> = new Map()
  #models: ReadonlyMap<string, Live> = new Map()
  #providers: ReadonlySet<string> = new Set()
  #definitions: Mirror | undefined
  #states: Mirror | undefined
  readonly #definitionRecords = new Map<string, StoredRecord>()
  readonly #stateRecords = new Map<string, StoredRecord>()

  constructor(settings: RolloutsSettings) {
    this.#settings = settings
  }

  /** Takes those of the config, reads the Store, and keeps up with it. Rejects if it cannot be read. */
  async open(plans: readonly Plan[], providers: ReadonlySet<string>): Promise<void> {
    this.#providers = providers
    this.#configured = plans.map((plan) => this.#live(plan, 'config'))
    this.#states = await this.#mirror(STATES, this.#stateRecords, () => this.#learnStates(false))
    this.#definitions = await this.#mirror(DEFINITIONS, this.#definitionRecords, () => this.#learnDefinitions())
    await Promise.all(this.all().map((live) => this.begin(live)))
  }

  #mirror(collection: string, records: Map<string, StoredRecord>, settled: () => void): Promise<Mirror> {
    const { store, log } = this.#settings
    const set = (id: string, record: StoredRecord | undefined): void => {
      if (record) records.set(id, record)
      else records.delete(id)
    }
    return Mirror.open({ store, collection, log, set, settled })
  }

  close(): void {
    this.#definitions?.close()
    this.#states?.close()
  }

  ofModel(model: string): Live | undefined {
    return this.#models.get(model)
  }

  find(name: string): Live | undefined {
    return this.#names.get(name)
  }

  all(): Live[] {
    return [...this.#names.values()]
  }

  #live(plan: Plan, source: Live['source']): Live {
    const { clock, wall } = this.#settings
    return new Live(plan, source, startOf(plan, wall()), this.#providers, clock)
  }

  #learnDefinitions(): void {
    const records = this.#definitionRecords
    const stored = new Map<string, { live: Live; text: string }>()
    for (const record of records.values()) {
      const text = JSON.stringify(record.value)
      const known = this.#stored.get(record.id)
      const plan = known?.text === text ? known.live.plan : this.#planOf(record)
      if (known?.text === text) stored.set(record.id, known)
      else if (plan) stored.set(record.id, { live: this.#live(plan, 'store'), text })
      if (known && known.live.plan.id !== plan?.id) this.#forget(known.live.plan)
    }
    for (const [name, { live }] of this.#stored) if (!records.has(name)) this.#forget(live.plan)
    this.#stored = stored
    this.#index()
    this.#learnStates(true)
  }

  /** A plan that is followed no longer begins anew, should it ever come back. The config may follow the same one. */
  #forget({ id }: Plan): void {
    if (this.#configured.some(({ plan }) => plan.id === id)) return
    this.#settings.store.delete(STATES, id).catch((error: unknown) => {
      this.#settings.log.debug({ reason: describe(error) }, `${STATES}/${id} could not be removed`)
    })
  }

  #planOf({ id, value }: StoredRecord): Plan | undefined {
    try {
      const [mistake] = checkValue(StoredRollout, value)
      if (mistake) throw new Error(`${mistake.at} ${mistake.text}`)
      return planOf(id, value as RolloutDefinition)
    } catch (error) {
      this.#settings.log.error(`${DEFINITIONS}/${id} is not in force: ${describe(error)}`)
      return undefined
    }
  }

  /** Those of the config come first, then in the order of their names: a model has one. */
  #index(): void {
    const names = new Map<string, Live>()
    const models = new Map<string, Live>()
    const stored = [...this.#stored.keys()].sort((a, b) => (a < b ? -1 : 1)).map((id) => this.#stored.get(id)!.live)
    for (const live of [...this.#configured, ...stored]) {
      const { name, model } = live.plan
      if (names.has(name) || models.has(model)) continue
      names.set(name, live)
      models.set(model, live)
    }
    this.#names = names
    this.#models = models
  }

  /** @param mayBeOld whether what was read may have been changed long ago */
  #learnStates(mayBeOld: boolean): void {
    const { wall, log } = this.#settings
    for (const live of this.#names.values()) {
      const record = this.#stateRecords.get(live.plan.id)
      if ((record?.revision ?? 0) === live.revision) continue
      const now = mayBeOld || live.revision === 0 ? wall() : undefined
      let state = startOf(live.plan, wall())
      try {
        if (record) state = readState(live.plan, record.value)
      } catch (error) {
        log.error(`${STATES}/${live.plan.id} cannot be read, and counts as begun anew: ${describe(error)}`)
      }
      live.learn(state, record?.revision ?? 0, now)
    }
  }

  /** Writes down that a rollout has begun, unless that is known. */
  async begin(live: Live): Promise<void> {
    if (live.revision > 0) return
    const { store } = this.#settings
    try {
      await store.put(STATES, live.plan.id, startOf(live.plan, this.#settings.wall()), { revision: 0 })
    } catch (error) {
      if (!isConflict(error)) throw error
    }
    await this.#states!.refresh(live.plan.id)
  }

  /**
   * Changes a rollout, once whoever else does so at the same time. `isPatient`: applies the order to what others have
   * made of it meanwhile. @throws GatewayError `conflict` if somebody was first, or there is nothing to change
   */
  async change(live: Live, order: Omit<Order, 'now' | 'elapsed'>, isPatient: boolean): Promise<State> {
    const { store, wall } = this.#settings
    const { plan } = live
    for (let tries = 1; ; tries++) {
      const next = changed(plan, live.state, { ...order, now: wall(), elapsed: live.elapsed })
      try {
        await store.put(STATES, plan.id, next, { revision: live.revision })
        await this.#states!.refresh(plan.id)
        return next
      } catch (error) {
        if (!isConflict(error)) throw error
        await this.#states!.refresh(plan.id)
        if (!isPatient || tries >= TRIES) throw error
      }
    }
  }
}

function isConflict(error: unknown): boolean {
  return GatewayError.is(error) && error.code === 'conflict'
}
