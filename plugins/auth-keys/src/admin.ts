/** Keys below `/admin/v1/keys`. */
import { AdminReply, adminResource, adminRoute, etag, mayReach } from '@sluice/admin-kit'
import type { AdminCall, AdminContext } from '@sluice/admin-kit'
import type { Roles } from '@sluice/auth-kit'
import { GatewayError, Type } from '@sluice/core'
import type { JsonObject, Principal } from '@sluice/core'
import type { StoredRecord } from '@sluice/store-kit'
import { KEYS } from './collections.ts'
import { bounded, checkWithin } from './delegation.ts'
import type { Own } from './delegation.ts'
import type { Hasher } from './hasher.ts'
import { issue, reissue, rewrite } from './issue.ts'
import type { Issued } from './issue.ts'
import { newKeyId } from './key-text.ts'
import { Grace, KeyInput } from './record.ts'
import type { KeyRecord } from './record.ts'
import { graceOf, span } from './schedule.ts'
import { validate } from './validate.ts'
import { viewOf } from './view.ts'

export interface KeyAdmin extends AdminContext {
  hasher: Hasher
  roles: Roles | undefined
  /** The record of the key that a caller uses. */
  ownOf: (principal: Principal) => Promise<Own>
  /** Makes this process forget what it knew of a key. */
  changed: (id: string) => void
}

const recordOf = ({ value }: StoredRecord): KeyRecord => value as unknown as KeyRecord
const teamOf = (record: StoredRecord): string | undefined => recordOf(record).team

/** Mounts the collection `keys`, and what rotates and revokes one. */
export function mountKeys(admin: KeyAdmin): void {
  const { hasher, roles, ownOf } = admin
  /** What is made for a request, until it is answered. */
  const drafts = new WeakMap<object, Issued & { id: string }>()

  adminResource(admin, {
    name: KEYS,
    title: 'key',
    idPrefix: 'key_',
    schema: KeyInput,
    idOf: (input) => drafts.get(input)?.id,
    teamOf,
    view: viewOf,
    async beforeWrite(input, { principal }, current) {
      validate(input)
      const own = await ownOf(principal)
      const wanted = bounded(input, principal, own)
      if (current) checkWithin(recordOf(current), principal, own, roles)
      checkWithin(wanted, principal, own, roles)
      if (current) return { ...rewrite(wanted, recordOf(current)) }
      const id = newKeyId()
      const issued = issue(id, wanted, principal.id, hasher)
      drafts.set(input, { ...issued, id })
      return { ...issued.record }
    },
    afterCreate: (_, { body }) => ({ key: drafts.get(body)!.text }),
  })
  mountRotation(admin)
  mountRevocation(admin)
}

function mountRotation(admin: KeyAdmin): void {
  const { store, hasher, roles, ownOf, changed } = admin
  const route = {
    method: 'post',
    path: '/keys/:id/rotate',
    permission: 'keys:write',
    summary: 'Give a key another text, which is shown this once.',
    body: Type.Object({ grace: Type.Optional(Grace) }, { additionalProperties: false }),
    response: Type.Object({ id: Type.String(), key: Type.String() }, { additionalProperties: true }),
    action: 'keys.rotate',
    mindsTeam: true,
  } as const
  adminRoute(admin, route, async (call) => {
    const { id, revision, value } = await findKey(admin, call)
    const current = value as unknown as KeyRecord
    // Whoever gets the text can do what the key can.
    checkWithin(current, call.principal, await ownOf(call.principal), roles)
    const { grace } = call.body
    const { record, text } = reissue(id, current, grace === undefined ? graceOf(current) : span(grace), hasher)
    const written = await store.put(KEYS, id, { ...record }, { revision })
    changed(id)
    return shown({ id, revision: written, value: { ...record } }, { key: text })
  })
}

function mountRevocation(admin: KeyAdmin): void {
  const { store, changed } = admin
  const route = {
    method: 'post',
    path: '/keys/:id/revoke',
    permission: 'keys:write',
    summary: 'Disable a key, with all its texts.',
    response: Type.Object({ id: Type.String() }, { additionalProperties: true }),
    action: 'keys.revoke',
    mindsTeam: true,
  } as const
  adminRoute(admin, route, async (call) => {
    const { id, revision, value } = await findKey(admin, call)
    const record = { ...value, disabled: true }
    const written = await store.put(KEYS, id, record, { revision })
    changed(id)
    return shown({ id, revision: written, value: record })
  })
}

async function findKey({ store }: KeyAdmin, { params, principal, ifMatch }: AdminCall): Promise<StoredRecord> {
  const id = params['id']!
  const record = await store.find(KEYS, id)
  if (!record || !mayReach(principal, 'keys:write', teamOf(record)))
    throw new GatewayError('not_found', `There is no key "${id}".`, { param: 'id' })
  if (ifMatch !== undefined && ifMatch !== record.revision)
    throw new GatewayError('precondition_failed', 'The key has changed since. Read it and try again.')
  return record
}

function shown(record: StoredRecord, once: JsonObject = {}): AdminReply {
  return new AdminReply({ ...viewOf(record), ...once }, { headers: { etag: etag(record.revision) } })
}
