import { invalidRequest, parseTarget } from '@sluice/core'
import type { Exchange, Static, Target, TObject } from '@sluice/core'
import { targetName } from '@sluice/route-kit'
import type { Destination as Schema } from './rule-schema.ts'

type Written = Static<TObject<typeof Schema>>
type FindTargets = (model: string, exchange: Exchange) => readonly Target[] | undefined

/** Where requests are sent: to what stands behind a model, or to these targets. */
export type Destination = { readonly model: string } | { readonly targets: readonly Target[] }

/** @returns undefined if none is written @throws GatewayError `invalid_request` if there are two */
export function compileDestination({ target, targets, model }: Written): Destination | undefined {
  const given = [target, targets, model].filter((each) => each !== undefined)
  if (given.length > 1) throw invalidRequest('Give one of "target", "targets" and "model", not several.')
  if (model !== undefined) return { model }
  const list = target === undefined ? targets : [target]
  return list && { targets: list.map(targetOf) }
}

function targetOf(written: string | ({ target: string } & Omit<Target, 'provider' | 'model'>)): Target {
  if (typeof written === 'string') return parseTarget(written)
  const { target, ...traits } = written
  return { ...parseTarget(target), ...traits }
}

/**
 * Its targets for an exchange. Those that are among `candidates` keep what the config says of them there.
 * @returns undefined if nothing stands behind the model (any more)
 */
export function targetsOf(
  destination: Destination,
  exchange: Exchange,
  findTargets: FindTargets,
  candidates: readonly Target[] = [],
): readonly Target[] | undefined {
  if ('model' in destination) return findTargets(destination.model, exchange)
  return candidates.length === 0 ? destination.targets : destination.targets.map((target) => known(target, candidates))
}

/** A target without traits of its own is that of the candidates. */
function known(target: Target, candidates: readonly Target[]): Target {
  if (Object.keys(target).length > 2) return target
  return candidates.find((each) => targetName(each) === targetName(target)) ?? target
}
