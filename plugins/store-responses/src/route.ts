/** Where requests go that are about a response: to who keeps it. */
import type { Dialect, Exchange, Target } from '@sluice/core'
import { RECORD } from './desk.ts'
import { isOurs } from './ids.ts'
import type { Records } from './records.ts'
import type { Speakers } from './speakers.ts'
import { STATE } from './state.ts'

export interface Routing {
  /** Id of this plugin's provider. */
  own: string
  /** That of `/v1/responses/{id}`. */
  dialect: Dialect
  records: Records
  speakers: Speakers
}

/** @returns undefined for "as they are" @throws GatewayError `overloaded` if the store fails */
export async function routed(
  targets: readonly Target[],
  exchange: Exchange,
  { own, dialect, records, speakers }: Routing,
): Promise<readonly Target[] | undefined> {
  const state = exchange.get(STATE)
  if (state?.background) {
    const able = targets.filter(({ provider }) => speakers.has(provider) !== false)
    return [...able, { provider: own, model: exchange.model }]
  }
  if (state?.keptBy !== undefined) {
    const rank = ({ provider }: Target): number => (provider === state.keptBy ? 0 : speakers.has(provider) ? 1 : 2)
    return targets.toSorted((a, b) => rank(a) - rank(b))
  }
  if (exchange.dialect !== dialect) return undefined
  const { id = '' } = exchange.start.params
  const record = isOurs(id) ? await records.response(id, exchange.principal) : undefined
  if (record) {
    exchange.set(RECORD, record)
    return undefined
  }
  const origin = await records.origin(id, exchange.principal)
  if (origin?.visible === false) return undefined
  const keepers = origin ? [origin.provider] : candidates(speakers)
  return [...keepers.map((provider) => ({ provider, model: 'state' })), ...targets]
}

/** The only one that may keep a response of which nothing is known. */
function candidates(speakers: Speakers): string[] {
  const certain = speakers.list(true)
  return certain.length > 1 ? [] : [...certain, ...speakers.list(undefined)]
}
