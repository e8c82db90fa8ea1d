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

/** @param calls whether the answer calls tools, which some end with a plain stop */
export function decodeFinish(reason: unknown, calls: boolean): Finish {
  const raw = textOf(reason)
  return { unified: meaningOf(raw, calls) ?? 'other', ...(raw !== undefined && { raw }) }
}

function meaningOf(raw: string | undefined, calls: boolean): FinishKind | undefined {
  const kind = raw === undefined ? undefined : KINDS.get(raw)
  return kind === 'stop' && calls ? 'tool-calls' : kind
}

/**
 * @param calls whether the answer calls tools
 * @param own whether the finish was decoded by this dialect, so that its word is Cohere's
 */
export function encodeFinish({ unified, raw }: Finish, calls: boolean, own: boolean): string {
  if (own && raw !== undefined && (meaningOf(raw, calls) ?? 'other') === unified) return raw
  if (unified === 'stop' && calls) return REASONS['tool-calls']
  return raw !== undefined && KINDS.get(raw) === unified ? raw : REASONS[unified]
}
