/** Lists in pages: `{ data, next }`, where `next` goes back as `cursor`. */
import { invalidRequest, Type } from '@sluice/core'
import type { JsonObject, Static, TSchema } from '@sluice/core'

const LIMIT = 50

/** Query of every list; spread its `properties` into that of a list with filters. */
export const ListQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, default: LIMIT, description: 'Entries of a page at most.' }),
    ),
    cursor: Type.Optional(Type.String({ maxLength: 1000, description: '`next` of the page before.' })),
  },
  { additionalProperties: false },
)

/** Schema of a page. */
export function pageSchema(item: TSchema): TSchema {
  const data = Type.Array(item)
  const next = Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'Cursor of the next page.' })
  return Type.Object({ data, next })
}

/** A page that has been asked for, with one entry too many, which tells whether there is another page. */
export interface PageOfRecords {
  /** What stands in the cursor: how the page before ended. */
  after: string | undefined
  limit: number
}

/** @throws GatewayError `invalid_request` if the cursor is none of ours */
export function pageOf({ limit = LIMIT, cursor }: Static<typeof ListQuery>): PageOfRecords {
  if (cursor === undefined) return { after: undefined, limit }
  const after = Buffer.from(cursor, 'base64url').toString()
  if (after === '' || cursorOf(after) !== cursor) throw invalidRequest('"cursor" is no cursor of a page.', 'cursor')
  return { after, limit }
}

/**
 * The page as it is answered.
 * @param entries up to one more than `limit`
 * @param last how a page ends with this entry: `after` of the next one
 */
export function page<T>(
  entries: readonly T[],
  limit: number,
  last: (entry: T) => string,
  view: (entry: T) => JsonObject,
): JsonObject {
  const data = entries.slice(0, limit)
  const next = entries.length > limit ? cursorOf(last(data.at(-1)!)) : null
  return { data: data.map(view), next }
}

function cursorOf(after: string): string {
  return Buffer.from(after).toString('base64url')
}
