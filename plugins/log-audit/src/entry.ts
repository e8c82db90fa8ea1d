import type { AuditEvent } from '@sluice/admin-kit'
import type { JsonObject } from '@sluice/core'

/** An event with the moment it happened, milliseconds since the epoch. */
export type Entry = AuditEvent & { time: number }

/** Characters of a text, and of the details, at most. */
const TEXT = 256
const DETAILS = 4096

/** The event, bounded, and without what a database may not take. */
export function entryOf(event: AuditEvent, time: number): Entry {
  const { action, actor, subject, outcome, ip, exchange, details } = event
  return {
    time,
    action: plain(action),
    actor: plain(actor),
    ...(subject !== undefined && { subject: plain(subject) }),
    outcome,
    ...(ip !== undefined && { ip: plain(ip) }),
    ...(exchange !== undefined && { exchange: plain(exchange) }),
    ...(details && { details: bounded(details) }),
  }
}

function plain(text: string): string {
  return text
    .slice(0, TEXT)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '\ufffd')
}

function bounded(details: JsonObject): JsonObject {
  const text = JSON.stringify(details)
  return text.length > DETAILS ? { tooLong: text.length } : (JSON.parse(text) as JsonObject)
}
