/** `finishReason` in both directions. */
import type { Finish, FinishKind } from '@sluice/core'

const KINDS: ReadonlyMap<string, FinishKind> = new Map([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['CONTINUATION', 'pause'],
  ['SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['BLOCKLIST', 'content-filter'],
  ['PROHIBITED_CONTENT', 'content-filter'],
  ['SPII', 'content-filter'],
  ['MODEL_ARMOR', 'content-filter'],
  ['JAILBREAK', 'content-filter'],
  ['IMAGE_SAFETY', 'content-filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
  ['IMAGE_RECITATION', 'content-filter'],
  ['MALFORMED_FUNCTION_CALL', 'error'],
  ['MALFORMED_RESPONSE', 'error'],
  ['UNEXPECTED_TOOL_CALL', 'error'],
  ['TOO_MANY_TOOL_CALLS', 'error'],
  ['MISSING_THOUGHT_SIGNATURE', 'error'],
])

/** With `$alt=json;enum-encoding=int`. Gemini and Vertex AI number the reasons behind these differently. */
const NUMBERED = ['FINISH_REASON_UNSPECIFIED', 'STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'OTHER']

const REASONS: { readonly [kind in FinishKind]: string } = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  pause: 'STOP',
  error: 'OTHER',
  other: 'OTHER',
}

/** Whether a candidate has come to its end, though it may still go on. */
export function isReason(reason: unknown): reason is string | number {
  if (typeof reason === 'number') return reason > 0
  return typeof reason === 'string' && reason !== '' && reason !== NUMBERED[0]
}

/** @param hasCalls whether the answer calls tools, which Gemini does not tell from a plain stop */
export function decodeFinish(reason: unknown, hasCalls: boolean): Finish {
  if (!isReason(reason)) return { unified: 'other' }
  const raw = typeof reason === 'number' ? (NUMBERED[reason] ?? String(reason)) : reason
  const unified = KINDS.get(raw) ?? 'other'
  return { unified: unified === 'stop' && hasCalls ? 'tool-calls' : unified, raw }
}

/** @param own whether the finish was decoded by this dialect, so that its word is Gemini's */
export function encodeFinish({ unified, raw }: Finish, own: boolean): string {
  if (raw === undefined) return REASONS[unified]
  const kind = KINDS.get(raw) ?? (own ? 'other' : undefined)
  const isSame = kind === unified || (kind === 'stop' && unified === 'tool-calls')
  return isSame ? raw : REASONS[unified]
}
