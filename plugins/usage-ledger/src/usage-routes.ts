/** What operators ask of the ledger: sums, rows, and all of it to take away. */
import { adminRoute, AdminReply, ListQuery, page, pageOf, pageSchema } from '@sluice/admin-kit'
import type { AdminContext } from '@sluice/admin-kit'
import { invalidRequest, Type } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import type { Filter, Page, Row, Scalar } from '@sluice/store-kit'
import type { Ledger } from '@sluice/usage-kit'
import { csv } from './csv.ts'
import { FilterFields, filterOf, PERMISSION } from './query.ts'
import { COST, rowView, sumView, TOKENS } from './view.ts'

const DIMENSIONS =
  'key user team organisation tags principal model provider target dialect operation stream status outcome error cache attempts parent rollout variant estimated priceSource'.split(
    ' ',
  )
const COLUMNS = [
  ...'id time principal key user team organisation tags dialect operation stream model provider target'.split(' '),
  ...'attempts status outcome error cache'.split(' '),
  ...TOKENS,
  ...'estimated clamped costUsd costNanoUsd priceSource ttftMs durationMs bytesIn bytesOut ip parent rollout variant'.split(
    ' ',
  ),
]
/** Lines of an answer with sums, rows of one that is taken away, and of one reading. */
const MOST_GROUPS = 10_000
const MOST_ROWS = 10_000
const READ = 1000

const anything = Type.Object({}, { additionalProperties: true })

export function mountUsage(admin: AdminContext, ledger: Ledger, metadata: readonly string[]): void {
  const fields = metadata.map((field) => `metadata.${field}`)
  const reading = { method: 'get', permission: PERMISSION, mindsTeam: true } as const
  const dimensions = [...DIMENSIONS, ...fields]

  const sums = {
    ...reading,
    path: '/usage',
    summary: 'Sum up tokens, money and requests.',
    query: Type.Object({
      ...FilterFields,
      by: Type.Optional(
        Type.Array(Type.Enum(dimensions), { maxItems: 6, description: 'A line for each value of these fields.' }),
      ),
      bucket: Type.Optional(
        Type.Enum(['minute', 'hour', 'day', 'month'], { description: 'A line for each such span of time (UTC).' }),
      ),
    }),
    response: Type.Object({ data: Type.Array(anything) }),
  }
  adminRoute(admin, sums, async ({ query, principal }) => {
    const filter = filterOf(query, principal)
    const { by = [], bucket } = query
    const grouping = { by, ...(bucket && { bucket }) }
    const priceless = { ...filter, where: { ...filter.where, [COST]: null } }
    const [found, unknown] = await Promise.all([
      ledger.sum(filter, { ...grouping, fields: [COST, ...TOKENS] }),
      ledger.sum(priceless, { ...grouping, fields: [COST] }),
    ])
    if (found.length > MOST_GROUPS) throw invalidRequest(`That is more than ${MOST_GROUPS} lines: ask for less.`, 'by')
    const unpriced = new Map<string, number>()
    for (const { group, time, count } of unknown) unpriced.set(lineKey(by, group, time), count)
    return { data: found.map((sum) => sumView(sum, unpriced.get(lineKey(by, sum.group, sum.time)) ?? 0)) }
  })

  const rows = {
    ...reading,
    path: '/usage/rows',
    summary: 'List exchanges with what they used, newest first.',
    query: Type.Object({ ...FilterFields, ...ListQuery.properties }),
    response: pageSchema(anything),
  }
  adminRoute(admin, rows, async ({ query, principal }) => {
    const { after, limit } = pageOf(query)
    const found = await ledger.read(filterOf(query, principal), {
      ...startAt(after),
      limit: limit + 1,
      newestFirst: true,
    })
    return page(found, limit, endOf, rowView)
  })

  const taking = {
    ...reading,
    path: '/usage/export',
    summary: 'Take rows away, oldest first; `x-next-cursor` leads to the next part.',
    query: Type.Object({
      ...FilterFields,
      format: Type.Optional(Type.Enum(['csv', 'ndjson'], { default: 'csv', description: 'Of the answer.' })),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: MOST_ROWS, default: MOST_ROWS, description: 'Rows at most.' }),
      ),
      cursor: ListQuery.properties.cursor,
    }),
    response: anything,
  }
  adminRoute(admin, taking, async ({ query, principal }) => {
    const { format = 'csv', limit = MOST_ROWS } = query
    const { after } = pageOf(query.cursor === undefined ? {} : { cursor: query.cursor })
    const filter = filterOf(query, principal)
    const found = await readMany(ledger, filter, startAt(after), limit + 1)
    const taken = found.slice(0, limit)
    const views = taken.map(rowView)
    const next = found.length > limit ? Buffer.from(endOf(taken.at(-1)!)).toString('base64url') : undefined
    const headers = {
      'content-disposition': `attachment; filename="usage.${format}"`,
      ...(next !== undefined && { 'x-next-cursor': next }),
    }
    return format === 'csv'
      ? new AdminReply(csv([...COLUMNS, ...fields], views, after === undefined), {
          headers,
          contentType: 'text/csv; charset=utf-8',
        })
      : new AdminReply(ndjson(views), { headers, contentType: 'application/x-ndjson' })
  })
}

async function readMany(ledger: Ledger, filter: Filter, start: Page, limit: number): Promise<Row[]> {
  const rows: Row[] = []
  let from = start
  while (rows.length < limit) {
    const read = await ledger.read(filter, { ...from, limit: Math.min(READ, limit - rows.length) })
    rows.push(...read)
    const last = read.at(-1)
    if (!last || read.length < READ) break
    from = { after: { time: last.time, id: last.id } }
  }
  return rows
}

function ndjson(rows: readonly JsonObject[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}

function lineKey(by: readonly string[], group: { [field: string]: Scalar }, time: number | undefined): string {
  return JSON.stringify([time, ...by.map((field) => group[field] ?? null)])
}

/** How a page ends, which is where the next one starts. */
function endOf({ time, id }: Row): string {
  return `${time}:${id}`
}

function startAt(after: string | undefined): Page {
  if (after === undefined) return {}
  const [, time, id] = /^(\d{1,16}):(.+)$/s.exec(after) ?? []
  if (time === undefined || id === undefined) throw invalidRequest('"cursor" is no cursor of a page.', 'cursor')
  return { after: { time: Number(time), id } }
}
