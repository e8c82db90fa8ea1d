/** What copies came to, for operators. */
import { adminRoute, ListQuery, page, pageOf, pageSchema } from '@sluice/admin-kit'
import type { AdminContext } from '@sluice/admin-kit'
import { Type } from '@sluice/core'
import type { Journal } from '@sluice/store-kit'
import { endOf, filterOf, RowFields, startAt } from './query.ts'
import { ROWS } from './shadow.ts'
import { summaryOf } from './summary.ts'
import { rowView } from './view.ts'

export const READ = 'routing:read'
export const WRITE = 'routing:write'
export const anything = Type.Object({}, { additionalProperties: true })

export function mountShadow(admin: AdminContext, journal: Journal): void {
  const sums = {
    method: 'get',
    path: '/shadow',
    permission: READ,
    summary: 'Compare models with the targets that got copies of their requests.',
    query: Type.Object(RowFields),
    response: Type.Object({ data: Type.Array(anything) }),
  } as const
  adminRoute(admin, sums, async ({ query }) => ({ data: await summaryOf(journal, filterOf(query)) }))

  const rows = {
    method: 'get',
    path: '/shadow/rows',
    permission: READ,
    summary: 'List copies with how they compare, newest first.',
    query: Type.Object({ ...RowFields, ...ListQuery.properties }),
    response: pageSchema(anything),
  } as const
  adminRoute(admin, rows, async ({ query }) => {
    const { after, limit } = pageOf(query)
    const found = await journal.read(ROWS, filterOf(query), { ...startAt(after), limit: limit + 1, newestFirst: true })
    return page(found, limit, endOf, rowView)
  })
}
