/** Reading the trail, the newest first. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import type { Filter, Journal, Row } from '@sluice/store-kit'
import type { Entry } from './entry.ts'
import { entriesOf, JOURNAL } from './row.ts'

/** What entries are asked for: those that have one of the values of each field. */
export type Wanted = { [field in 'action' | 'actor' | 'subject' | 'outcome']?: readonly string[] }
/** An entry and its place: the row, and how many of the row are newer. */
export type Found = { entry: Entry; row: Row; index: number }

const CHUNK = 200

/**
 * @param after `placeOf` the entry that ended the page before
 * @returns `limit` entries, or all there are
 */
export async function search(
  journal: Journal,
  times: Pick<Filter, 'from' | 'to'>,
  wanted: Wanted,
  after: string | undefined,
  limit: number,
): Promise<Found[]> {
  const filter: Filter = { ...times, where: wanted }
  const found: Found[] = []
  const place = after === undefined ? undefined : parsePlace(after)
  const begun = place && (await journal.find(JOURNAL, place.id))
  if (begun) found.push(...matches(begun, wanted).filter(({ index }) => index > place.index))
  for (let from: { time: number; id: string } | undefined = place; found.length < limit;) {
    const rows = await journal.read(JOURNAL, filter, { newestFirst: true, limit: CHUNK, ...(from && { after: from }) })
    for (const row of rows) found.push(...matches(row, wanted))
    const last = rows.at(-1)
    if (!last || rows.length < CHUNK) break
    from = { time: last.time, id: last.id }
  }
  return found.slice(0, limit)
}

function matches(row: Row, wanted: Wanted): Found[] {
  const fields = Object.entries(wanted) as [keyof Wanted, readonly string[]][]
  return entriesOf(row)
    .toReversed()
    .map((entry, index) => ({ entry, row, index }))
    .filter(({ entry }) => fields.every(([field, values]) => values.includes(entry[field] ?? '')))
}

/** Where a page ended. */
export function placeOf({ row: { time, id }, index }: Found): string {
  return `${time}.${id}.${index}`
}

function parsePlace(text: string): { time: number; id: string; index: number } {
  const [, time, id = '', index] = /^(\d{1,15})\.(\d{12})\.(\d{1,3})$/.exec(text) ?? []
  if (time === undefined) throw invalidRequest('"cursor" is no cursor of a page.', 'cursor')
  return { time: Number(time), id, index: Number(index) }
}

/** An entry as operators see it. */
export function viewOf({ entry: { time, ...event }, row, index }: Found): JsonObject {
  const id = index === 0 ? row.id : `${row.id}.${index}`
  return { id, time: new Date(time).toISOString(), ...event }
}
