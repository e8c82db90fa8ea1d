import type { JsonObject } from '@sluice/core'
import type { StoredRecord } from '@sluice/store-kit'
import type { KeyRecord } from './record.ts'
import { dueAt, endOf, statusOf } from './schedule.ts'

/** What readers see of a key: no hash, and what its times come to. */
export function viewOf({ id, revision, value }: StoredRecord): JsonObject {
  const record = value as unknown as KeyRecord
  const { hash: _, previous, ...shown } = record
  const due = dueAt(record)
  const rotation = { rotationDueAt: iso(due), worksUntil: iso(endOf({ ...record, disabled: false })) }
  return {
    id,
    revision,
    status: statusOf(record, Date.now()),
    ...shown,
    ...(Number.isFinite(due) && rotation),
    ...(previous && { previousWorksUntil: previous.until }),
  }
}

function iso(time: number): string | undefined {
  return Number.isFinite(time) ? new Date(time).toISOString() : undefined
}
