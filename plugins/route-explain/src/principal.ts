/** On whose behalf a dry run is made. */
import { invalidRequest, Type } from '@sluice/core'
import type { JsonObject, Principal, Scope, Static } from '@sluice/core'
import type { Store } from '@sluice/store-kit'

const Name = (description: string) => Type.String({ minLength: 1, maxLength: 256, description })
const Names = (description: string) => Type.Array(Name(description), { maxItems: 100, description })

/** What may be said of a caller. It gets no permissions by saying so, but those of its roles. */
const Caller = Type.Object(
  {
    id: Type.Optional(Name('Its id; default: `dry-run`.')),
    key: Type.Optional(Name('Id of its key.')),
    user: Type.Optional(Name('Id of its user.')),
    team: Type.Optional(Name('Id of its team.')),
    organisation: Type.Optional(Name('Id of its organisation.')),
    tags: Type.Optional(Names('A tag of it.')),
    roles: Type.Optional(Names('A role of it.')),
    metadata: Type.Optional(
      Type.Unsafe<JsonObject>({ type: 'object', maxProperties: 50, description: 'Whatever its owner keeps.' }),
    ),
  },
  { additionalProperties: false },
)

/** Of the body: id of a key, or the fields of a principal. */
export const As = Type.Union([Name('Id of a key.'), Caller], {
  description: 'On whose behalf: the id of a key, or the fields of a principal. Default: the caller itself.',
})
export type As = Static<typeof As>

/** Where `auth-keys` keeps keys; the fields are those of `/admin/v1/keys`. */
const KEYS = 'keys'
const FIELDS = ['name', 'user', 'team', 'organisation', 'tags', 'roles', 'metadata'] as const
const SECTIONS = ['limits', 'budget']

/** @throws GatewayError `invalid_request` if there is no such key */
export async function principalOf(as: As | undefined, store: Store, caller: Principal): Promise<Principal> {
  if (as === undefined) return caller
  if (typeof as === 'object') return { ...as, id: as.id ?? 'dry-run' }
  const record = await store.get(KEYS, as)
  if (!record) throw invalidRequest(`There is no key with the id "${as}".`, 'as')
  const fields = picked(record, FIELDS) as Partial<Principal>
  const scopes: Scope[] = [{ kind: 'key', id: as, sections: picked(record, SECTIONS) }]
  if (fields.user !== undefined) scopes.push({ kind: 'user', id: fields.user, sections: {} })
  return { ...fields, id: as, key: as, scopes }
}

function picked(record: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (record[name] === undefined ? [] : [[name, record[name]]])))
}
