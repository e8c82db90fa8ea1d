import { Type } from '@sluice/core'
import type { JsonObject, Static, TObject, TSchema } from '@sluice/core'
import type { StoredRecord } from '@sluice/store-kit'
import { check } from './check.ts'
import { ADMIN_PATH } from './contract.ts'
import type { AdminCall, AdminContext } from './contract.ts'
import { etag } from './etag.ts'
import { mergePatch } from './merge.ts'
import { operationOf } from './operation.ts'
import { ListQuery, page, pageOf, pageSchema } from './pages.ts'
import { Records } from './records.ts'
import { AdminReply } from './reply.ts'
import { adminRoute, closed, mountRoute } from './route.ts'

export interface AdminResource<S extends TObject> {
  /** Plural: segment of the path, collection in the Store, and what the permissions are for: `teams`. */
  name: string
  /** What the permissions are for instead, where several resources share them: `routing`. */
  permissions?: string
  /** One of them, for people: `team`. */
  title: string
  /** `team_` */
  idPrefix: string
  /** What may be written. What is stored has these fields, and may have more. */
  schema: S
  /** Id of a new record, where its writer chooses it; 409 if it is taken. Default: a new one. */
  idOf?: (input: Static<S>) => string | undefined
  /** The team that a record belongs to. With it, callers whose permission reaches only their own team get at its records. */
  teamOf?: (record: StoredRecord) => string | undefined
  /** What readers see; default: `{ id, revision, ...value }`. */
  view?: (record: StoredRecord) => JsonObject
  /** What is stored; default: the input. May refuse with a GatewayError. `current` is undefined for a new record. */
  beforeWrite?: (
    input: Static<S>,
    call: AdminCall<unknown, Static<S>>,
    current: StoredRecord | undefined,
  ) => JsonObject | Promise<JsonObject>
  /** Fields of the answer to a creation that are shown this once, e.g. a secret. */
  afterCreate?: (record: StoredRecord, call: AdminCall<unknown, Static<S>>) => JsonObject
  /** May refuse with a GatewayError. */
  beforeDelete?: (record: StoredRecord, call: AdminCall) => void | Promise<void>
}

const PATCH = { required: [], description: 'Fields that are not named stay; null removes one.' }
const ANY = Type.Object({}, { additionalProperties: true })

/**
 * Mounts a collection: list in pages, show, create, replace, change (JSON Merge Patch, RFC 7396) and delete, with the
 * permissions `<name>:read` and `<name>:write`. A record's revision is its etag; a write with `If-Match` is refused
 * with 412 if the record has changed, one that another write overtakes with 409.
 */
export function adminResource<S extends TObject>(admin: AdminContext, resource: AdminResource<S>): void {
  const { name, title, permissions = name, afterCreate, teamOf } = resource
  const mindsTeam = teamOf !== undefined
  const records = new Records(admin.store, resource)
  const schema = closed(resource.schema)
  const view = resource.view ?? (({ id, revision, value }) => ({ id, revision, ...value }))
  const whole = (record: StoredRecord): AdminReply => {
    return new AdminReply(view(record), { headers: { etag: etag(record.revision) } })
  }

  const shown = viewSchema(schema)
  const reading = { method: 'get', permission: `${permissions}:read`, mindsTeam } as const
  const writing = {
    permission: `${permissions}:write`,
    mindsTeam,
    subject: ({ params: { id } }: AdminCall) => `${title}:${id}`,
  }
  const item = { path: `/${name}/:id`, response: shown }

  const listing = {
    ...reading,
    path: `/${name}`,
    summary: `List ${name}.`,
    query: ListQuery,
    response: pageSchema(shown),
  }
  adminRoute(admin, listing, async ({ query, principal }) => {
    const { after, limit } = pageOf(query)
    return page(await records.list(principal, after, limit + 1), limit, ({ id }) => id, view)
  })

  adminRoute(admin, { ...reading, ...item, summary: `Show a ${title}.` }, async (call) =>
    whole(await records.find(call, 'read')),
  )

  const creation = {
    method: 'post',
    path: `/${name}`,
    permission: `${permissions}:write`,
    mindsTeam,
    summary: `Create a ${title}.`,
    body: schema,
    response: shown,
    status: 201,
    action: `${name}.create`,
  } as const
  adminRoute(admin, creation, async (call) => {
    const record = await records.write(call.body, call, undefined)
    const headers = { etag: etag(record.revision), location: `${ADMIN_PATH}/${name}/${record.id}` }
    return new AdminReply({ ...view(record), ...afterCreate?.(record, call) }, { status: 201, headers })
  })

  const replacing = { ...writing, ...item, method: 'put', action: `${name}.replace` } as const
  adminRoute(admin, { ...replacing, summary: `Replace a ${title}.`, body: schema }, async (call) => {
    return whole(await records.write(call.body, call, await records.find(call)))
  })

  // A patch has no schema of its own: what it leads to has one.
  const changing = { ...writing, ...item, method: 'patch', summary: `Change fields of a ${title}.` } as const
  const about = operationOf({ ...changing, body: { ...schema, ...PATCH } })
  mountRoute(admin, { ...changing, body: ANY, action: `${name}.update` }, about, async (call) => {
    const current = await records.find(call)
    const input = mergePatch(writable(schema, current), call.body as JsonObject)
    check(schema, input)
    const body = input as Static<S>
    return whole(await records.write(body, { ...call, body }, current))
  })

  const deleting = { ...writing, path: item.path, method: 'delete', summary: `Delete a ${title}.` } as const
  adminRoute(admin, { ...deleting, action: `${name}.delete` }, async (call) => {
    await records.remove(call)
    return undefined
  })
}

/** What of a record its schema lets clients write. */
function writable({ properties }: TObject, { value }: StoredRecord): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([field]) => Object.hasOwn(properties, field)))
}

function viewSchema({ properties, required }: TObject): TSchema {
  const own = { id: Type.String(), revision: Type.Integer() }
  return Type.Unsafe({ type: 'object', properties: { ...own, ...properties }, required: ['id', ...(required ?? [])] })
}
