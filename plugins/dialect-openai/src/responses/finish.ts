/** Why an answer ended: `status` and `incomplete_details`. */
import type { Finish, FinishKind, JsonObject } from '@sluice/core'
import { objectOf, textOf } from '@sluice/dialect-kit'

const REASONS: ReadonlyMap<string, FinishKind> = new Map<string, FinishKind>([
  ['completed', 'stop'],
  ['max_output_tokens', 'length'],
  ['content_filter', 'content-filter'],
  ['failed', 'error'],
])

const STATUSES: ReadonlySet<string> = new Set([
  'completed',
  'failed',
  'in_progress',
  'cancelled',
  'queued',
  'incomplete',
])

/** What the answer held: an answer that ends with calls, or is a refusal, is just completed. */
export interface Said {
  calls: boolean
  refused: boolean
}

/** `raw` is the reason of an incomplete answer, the status of any other. */
export function decodeFinish({ status, incomplete_details: details }: JsonObject, said: Said): Finish {
  const reason = status === 'incomplete' ? textOf(objectOf(details)?.reason) : undefined
  const raw = reason ?? textOf(status)
  if (raw === undefined) return { unified: 'other' }
  let unified = REASONS.get(raw) ?? 'other'
  if (unified === 'stop' && said.calls) unified = 'tool-calls'
  else if (unified === 'stop' && said.refused) unified = 'refusal'
  return { unified, raw }
}

/** The fields of the response. @param own whether this dialect decoded the finish, so that its word is this API's */
export function encodeFinish({ unified, raw }: Finish, own: boolean): JsonObject {
  if (own && raw !== undefined) return STATUSES.has(raw) ? { status: raw } : incomplete(raw)
  if (unified === 'length') return incomplete('max_output_tokens')
  if (unified === 'content-filter') return incomplete('content_filter')
  if (unified !== 'error') return { status: 'completed' }
  // OpenAI has no `type` here, but clients of it check for one.
  const error = { type: 'server_error', code: 'server_error', message: 'The model failed while answering.' }
  return { status: 'failed', error }
}

function incomplete(reason: string): JsonObject {
  return { status: 'incomplete', incomplete_details: { reason } }
}
