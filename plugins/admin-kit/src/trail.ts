/** What becomes of operators' calls, for the audit trail. */
import { ERRORS, asGatewayError, exchangeKey } from '@sluice/core'
import type { Exchange, TObject } from '@sluice/core'
import type { Audit, AuditEvent } from './audit.ts'
import type { AdminCall, AdminRoute } from './contract.ts'
import type { Sent } from './send.ts'

/** Set on an exchange that is in the trail as what it was, so that nobody notes it a second time. */
export const AUDITED = exchangeKey<true>('admin-kit/audited')

/** How a call ended. `call` is undefined if it was not even understood. */
export type Ended = { call: AdminCall<never, never> | undefined; id: string | undefined; sent?: Sent; thrown?: unknown }

/** Notes what became of a call, if its route is audited. Never throws. */
export async function note(
  audit: Audit | undefined,
  route: AdminRoute<TObject, TObject>,
  exchange: Exchange,
  ended: Ended,
): Promise<void> {
  const { action } = route
  if (!audit || action === undefined) return
  exchange.set(AUDITED, true)
  try {
    await audit.record(eventOf(action, route, exchange, ended))
  } catch (err) {
    exchange.log.error({ err, action }, 'an action could not be audited')
  }
}

function eventOf(action: string, route: AdminRoute<TObject, TObject>, exchange: Exchange, ended: Ended): AuditEvent {
  const { principal, id, start } = exchange
  const { call, thrown } = ended
  const event: AuditEvent = { action, actor: principal.id, outcome: 'done', exchange: id }
  const subject = subjectOf(route, ended)
  if (subject !== undefined) event.subject = subject
  if (start.ip !== '') event.ip = start.ip
  const fields = Object.keys(call?.body ?? {})
  if (fields.length > 0) event.details = { fields }
  if (thrown !== undefined) {
    const { code } = asGatewayError(thrown)
    event.outcome = ERRORS[code].fault === 'client' ? 'refused' : 'failed'
    event.details = { ...event.details, code }
  }
  return event
}

/** E.g. `key:key_abc`. */
function subjectOf(route: AdminRoute<TObject, TObject>, { call, id, sent }: Ended): string | undefined {
  if (call && route.subject) return route.subject(call)
  const body = sent?.body
  const made = typeof body === 'object' && 'id' in body ? body.id : undefined
  const of = id ?? (typeof made === 'string' ? made : undefined)
  const [, resource = ''] = route.path.split('/')
  return of === undefined ? undefined : `${resource.replace(/s$/, '')}:${of}`
}
