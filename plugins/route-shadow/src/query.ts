/** Which rows an operator asks for. */
import { invalidRequest, Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import type { Filter, Page, Row } from '@sluice/store-kit'

const DAY = 86_400_000
/** Days that are looked at if nothing else is asked for. */
const DAYS = 7

const moment = (description: string) => Type.Optional(Type.String({ maxLength: 40, description }))
const Values = (description: string) =>
  Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 50, description }))

/** Spread into the query of a route. */
export const SpanFields = {
  from: moment(`ISO 8601, or milliseconds since the epoch; default: ${DAYS} days before \`to\`.`),
  to: moment('The same; rows before it. Default: now.'),
  model: Values('Models as clients name them: one of these.'),
}
export const RowFields = { ...SpanFields, target: Values('Targets of copies: one of these.') }
const RowQuery = Type.Object(RowFields)

/** @throws GatewayError `invalid_request` */
export function filterOf({ from, to, model, target }: Static<typeof RowQuery>): Filter {
  const until = momentOf(to, 'to') ?? Date.now() + 1
  return {
    from: momentOf(from, 'from') ?? until - DAYS * DAY,
    to: until,
    where: { ...(model && { model }), ...(target && { target }) },
  }
}

/** How a page ends, which is where the next one starts. */
export function endOf({ time, id }: Row): string {
  return `${time}:${id}`
}

/** @throws GatewayError `invalid_request` if `after` is no end of a page */
export function startAt(after: string | undefined): Page {
  if (after === undefined) return {}
  const [, time, id] = /^(\d{1,16}):(.+)$/s.exec(after) ?? []
  if (time === undefined || id === undefined) throw invalidRequest('"cursor" is no cursor of a page.', 'cursor')
  return { after: { time: Number(time), id } }
}

function momentOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const moment = /^\d{1,16}$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isSafeInteger(moment)) return moment
  throw invalidRequest(`"${name}" is no moment: write it like 2026-11-20T12:00:00Z.`, name)
}
