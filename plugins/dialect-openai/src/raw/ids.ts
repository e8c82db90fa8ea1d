/** Ids that say which provider made them: `file-abc@azure`. */
import type { JsonObject } from '@sluice/core'
import { isObject } from '@sluice/dialect-kit'

const FIELDS = [
  'id',
  'file_id',
  'upload_id',
  'input_file_id',
  'output_file_id',
  'error_file_id',
  'first_id',
  'last_id',
] as const
/** The kinds of objects whose ids these are. */
const KINDS: ReadonlySet<unknown> = new Set(['file', 'list', 'upload', 'upload.part', 'batch'])

/** An id and the provider it names, if it names one. */
export function splitId(id: string): { id: string; provider?: string } {
  const at = id.lastIndexOf('@')
  return at === -1 ? { id } : { id: id.slice(0, at), provider: id.slice(at + 1) }
}

/** What a provider replied, with its name on the ids; the same object if it holds none of these. */
export function tagged(body: JsonObject, provider: string): JsonObject {
  return KINDS.has(body.object) ? mapIds(body, (id) => `${id}@${provider}`) : body
}

/** A copy with every id changed: those of the object, of its list's items, and of a file in it. The same object if nothing changes. */
export function mapIds(object: JsonObject, change: (id: string) => string): JsonObject {
  let changed: JsonObject | undefined
  const set = (field: string, value: unknown): void => {
    if (value !== object[field]) (changed ??= { ...object })[field] = value
  }
  for (const field of FIELDS) {
    const id = object[field]
    if (typeof id === 'string') set(field, change(id))
  }
  if (isObject(object.file)) set('file', mapIds(object.file, change))
  set(
    'data',
    each(object.data, (item) => (isObject(item) ? mapIds(item, change) : item)),
  )
  set(
    'part_ids',
    each(object.part_ids, (id) => (typeof id === 'string' ? change(id) : id)),
  )
  return changed ?? object
}

/** The same list if nothing changes, and the same value if it is none. */
function each(list: unknown, change: (item: unknown) => unknown): unknown {
  if (!Array.isArray(list)) return list
  const changed = list.map(change)
  return changed.some((item, index) => item !== list[index]) ? changed : list
}
