/** What holds for every target that is tried for an exchange, whoever brings it in. */
import { exchangeKey, GatewayError } from '@sluice/core'
import type { Attempt, Exchange, Target } from '@sluice/core'
import { noTarget, targetName, why } from '@sluice/route-kit'
import type { Excluded } from '@sluice/route-kit'
import type { Objection } from './requirements.ts'

const GUARDS = exchangeKey<Objection[]>('route-rules/guards')

export function addGuard(exchange: Exchange, objection: Objection): void {
  const guards = exchange.get(GUARDS)
  if (guards) guards.push(objection)
  else exchange.set(GUARDS, [objection])
}

/** The targets that may serve, when all others have had their say. @throws GatewayError `no_target_available` if none may */
export function screen(targets: readonly Target[], exchange: Exchange, plugin: string): readonly Target[] {
  const guards = exchange.get(GUARDS)
  if (!guards) return targets
  return permitted(targets, guards, { exchange, plugin, onNone: (excluded) => noTarget(exchange, excluded) })
}

/** The same for targets that are brought in after a failure. @throws GatewayError `no_target_available` */
export function checkAttempt({ target }: Attempt, exchange: Exchange): void {
  const guards = exchange.get(GUARDS)
  if (!guards) return
  const reason = objectionTo(target, guards)
  if (reason !== undefined)
    throw new GatewayError('no_target_available', `${targetName(target)} may not serve this request: ${reason}.`)
}

function objectionTo(target: Target, objections: readonly Objection[]): string | undefined {
  for (const objection of objections) {
    const reason = objection(target)
    if (reason !== undefined) return reason
  }
  return undefined
}

/** @returns those to which nobody objects. @throws what `onNone` makes, if that is none at all */
export function permitted(
  targets: readonly Target[],
  objections: readonly Objection[],
  { exchange, plugin, onNone }: { exchange: Exchange; plugin: string; onNone: (excluded: Excluded[]) => GatewayError },
): readonly Target[] {
  const excluded: Excluded[] = []
  const left = targets.filter((target) => {
    const reason = objectionTo(target, objections)
    if (reason === undefined) return true
    why(exchange)?.excluded(target, plugin, reason)
    excluded.push({ target, reason })
    return false
  })
  if (left.length === 0) throw onNone(excluded)
  return left
}
