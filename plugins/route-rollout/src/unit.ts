/** What an exchange is assigned to an arm by: whoever comes again comes to the same one. */
import { ANONYMOUS } from '@sluice/core'
import type { Exchange, JsonObject, Principal } from '@sluice/core'
import type { Plan } from './plan.ts'

const SESSION = 'x-session-id'
/** Characters that count: clients choose the text. */
const LONGEST = 256

/** Undefined if the exchange says nothing of the kind: it is then a unit of its own. */
export function unitOf({ by, header }: Pick<Plan, 'by' | 'header'>, exchange: Exchange): string | undefined {
  const { principal } = exchange
  switch (by) {
    case 'request':
      return undefined
    case 'key':
      return callerOf(principal)
    case 'user':
      return principal.user ?? userIn(exchange) ?? callerOf(principal)
    case 'session':
      return headerOf(exchange, SESSION)
    case 'header':
      return headerOf(exchange, header)
  }
}

/** Nobody in particular is not one caller. */
function callerOf(principal: Principal): string | undefined {
  return principal === ANONYMOUS ? undefined : (principal.key ?? principal.id)
}

/** What came from outside may be sent on behalf of which a gateway's own exchange is. */
function headerOf(exchange: Exchange, name: string): string | undefined {
  for (let at: Exchange | undefined = exchange; at; at = at.start.parent) {
    const value = at.headers[name]
    if (typeof value === 'string' && value !== '') return value.slice(0, LONGEST)
  }
  return undefined
}

/** The end user, where OpenAI's and Anthropic's requests have it. Bodies that pass unread have none. */
function userIn(exchange: Exchange): string | undefined {
  if (exchange.raw) return undefined
  const { user, metadata } = exchange.json
  const named = user ?? (isObject(metadata) ? metadata['user_id'] : undefined)
  return typeof named === 'string' && named !== '' ? named.slice(0, LONGEST) : undefined
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null
}
