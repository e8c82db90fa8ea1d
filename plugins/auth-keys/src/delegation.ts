/** Nobody gives a key more than they have themselves. */
import { isAllPowerful } from '@sluice/auth-kit'
import type { Roles } from '@sluice/auth-kit'
import { GatewayError, globs } from '@sluice/core'
import type { Principal } from '@sluice/core'
import { mayReach } from '@sluice/admin-kit'
import { DEFAULT_ROLES } from './record.ts'
import type { KeyInput, KeyRecord } from './record.ts'

const WRITE = 'keys:write'

/** What bounds the caller: the record of its own key, if that is one of ours. */
export type Own = KeyRecord | undefined

/** A new or changed key with what its writer leaves open filled in from what bounds the writer. */
export function bounded(input: KeyInput, principal: Principal, own: Own): KeyInput {
  if (isAllPowerful(principal)) return input
  const isOfTeam = principal.team !== undefined && !mayReach(principal, WRITE, undefined)
  return {
    ...(isOfTeam && { team: principal.team! }),
    ...(isOfTeam && principal.organisation !== undefined && { organisation: principal.organisation }),
    ...(own?.models && { models: own.models }),
    ...(own?.operations && { operations: own.operations }),
    ...(own?.providers && { providers: own.providers }),
    ...input,
  }
}

/**
 * Whether the caller may hold this key itself, and so make it, change it and have its text.
 * @throws GatewayError `permission_denied` that says what is beyond the caller
 */
export function checkWithin(key: KeyInput, principal: Principal, own: Own, roles: Roles | undefined): void {
  if (isAllPowerful(principal)) return
  if (!roles) throw denied('Only who may do everything may manage keys here: no plugin says what roles permit.')
  if (!roles.mayGrant(principal, key.roles ?? DEFAULT_ROLES))
    throw denied('These roles permit more than yours.', 'roles')
  if (!mayReach(principal, WRITE, key.team)) throw denied('This is not your own team.', 'team')
  if (!mayReach(principal, WRITE, undefined) && key.organisation !== principal.organisation)
    throw denied('This is not your own organisation.', 'organisation')
  if (own?.models && !covers(own.models, key.models)) throw denied('These models are beyond your own.', 'models')
  if (own?.operations && !includes(own.operations, key.operations))
    throw denied('These operations are beyond your own.', 'operations')
  if (own?.providers && !includes(own.providers, key.providers))
    throw denied('These providers are beyond your own.', 'providers')
}

/** A pattern covers another one exactly if it matches it as a text: only a star matches a star. */
function covers(own: readonly string[], wanted: readonly string[] | undefined): boolean {
  return wanted !== undefined && wanted.every(globs(own))
}

function includes(own: readonly string[], wanted: readonly string[] | undefined): boolean {
  return wanted !== undefined && wanted.every((each) => own.includes(each))
}

function denied(message: string, param?: string): GatewayError {
  return new GatewayError('permission_denied', message, param === undefined ? {} : { param })
}
