import { capability } from '@sluice/core'
import type { JsonObject } from '@sluice/core'

/** Something that somebody did, or was kept from doing. */
export interface AuditEvent {
  /** E.g. `keys.create`, `auth.refused`. */
  action: string
  /** Principal id; `anonymous` if nobody is known. */
  actor: string
  /** What it was done to, e.g. `key:key_abc`. */
  subject?: string
  outcome: 'done' | 'refused' | 'failed'
  ip?: string
  /** Id of the exchange. */
  exchange?: string
  /** Never secrets, never prompts. */
  details?: JsonObject
}

/** Takes note of events; the record cannot be changed without that showing. */
export interface Audit {
  /** Resolves when the event is durable. Never rejects for reasons of its own caller. */
  record(event: AuditEvent): Promise<void>
}

/** Named by plugins in `uses`. */
export const Audit = capability<Audit>('Audit', { plugins: ['log-audit'] })
