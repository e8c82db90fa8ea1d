/** `stopReason` in both directions. */
import type { Finish, FinishKind, JsonObject } from '@sluice/core'
import { objectOf, textOf } from '@sluice/dialect-kit'

const KINDS: ReadonlyMap<string, FinishKind> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['guardrail_intervened', 'content-filter'],
  ['content_filtered', 'content-filter'],
  ['malformed_model_output', 'error'],
  ['malformed_tool_use', 'error'],
])

/** Claude's own, in streams of InvokeModel. AWS's SDKs do not know them. */
const CLAUDES_KINDS: ReadonlyMap<string, FinishKind> = new Map([
  ['refusal', 'refusal'],
  ['pause_turn', 'pause'],
])

const REASONS: { readonly [kind in FinishKind]: string } = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'content_filtered',
  refusal: 'content_filtered',
  pause: 'end_turn',
  error: 'malformed_model_output',
  other: 'end_turn',
}

/**
 * @param body with `stopReason`: a response, or `messageStop`. The stop sequence is there only if the
 *   client asked for the model's own field of that name
 */
export function decodeFinish(body: JsonObject): Finish {
  const raw = textOf(body.stopReason)
  const stopSequence = textOf(objectOf(body.additionalModelResponseFields)?.stop_sequence)
  return {
    unified: (raw === undefined ? undefined : (KINDS.get(raw) ?? CLAUDES_KINDS.get(raw))) ?? 'other',
    ...(raw !== undefined && { raw }),
    ...(stopSequence !== undefined && { stopSequence }),
  }
}

/** What the answer held: some providers call every end a plain stop. */
export interface Held {
  toolCall: boolean
  refusal: boolean
}

/** @param own whether the finish was decoded by this dialect, so that its word is Bedrock's */
export function encodeFinish({ unified, raw }: Finish, held: Held, own: boolean): string {
  const isOwnWord = raw !== undefined && (KINDS.get(raw) ?? (own ? 'other' : undefined)) === unified
  if (own && isOwnWord) return raw
  if (unified === 'stop' && held.refusal) return REASONS.refusal
  if (unified === 'stop' && held.toolCall) return REASONS['tool-calls']
  return isOwnWord ? raw : REASONS[unified]
}
