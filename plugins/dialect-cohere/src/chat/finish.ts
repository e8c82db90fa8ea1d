/** `finish_reason` in both directions. */
import type { Finish, FinishKind } from '@sluice/core'
import { textOf } from '@sluice/dialect-kit'

const KINDS: ReadonlyMap<string, FinishKind> = new Map([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop-sequence'],
  ['MAX_TOKENS', 'length'],
  ['TOOL_CALL', 'tool-calls'],
  ['ERROR', 'error'],
  ['TIMEOUT', 'error'],
])

const REASONS: { readonly [kind in FinishKind]: string } = {
  stop: 'COMPLETE',
  'stop-sequence': 'STOP_SEQUENCE',
  length: 'MAX_TOKENS',
  'tool-calls': 'TOOL_CALL',
  // Cohere has no word for an answer that a filter cut, and any other would call it whole.
  'content-filter': 'ERROR',
  refusal: 'COMPLETE',
  pause: 'COMPLETE',
  error: 'ERROR',
  other: 'COMPLETE',
}

export function decodeFinish(reason: unknown): Finish {
  const raw = textOf(reason)
  return { unified: (raw === undefined ? undefined : KINDS.get(raw)) ?? 'other', ...(raw !== undefined && { raw }) }
}

/**
 * @param calls whether the answer calls tools, which some providers end with a plain stop
 * @param own whether the finish was decoded by this dialect, so that its word is Cohere's
 */
export function encodeFinish({ unified, raw }: Finish, calls: boolean, own: boolean): string {
  if (unified === 'stop' && calls && !own) return 'TOOL_CALL'
  if (raw !== undefined && (KINDS.get(raw) ?? (own ? 'other' : undefined)) === unified) return raw
  return REASONS[unified]
}
