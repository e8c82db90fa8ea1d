/** `stop_reason` in both directions. */
import type { Finish, FinishKind, JsonObject } from '@sluice/core'
import { textOf } from '@sluice/dialect-kit'

const KINDS: ReadonlyMap<string, FinishKind> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['pause_turn', 'pause'],
  ['refusal', 'refusal'],
])

const REASONS: { readonly [kind in FinishKind]: string } = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
  error: 'end_turn',
  other: 'end_turn',
}

/** @param message with `stop_reason` and `stop_sequence`: a message, or the delta of one */
export function decodeFinish(message: JsonObject): Finish {
  const raw = textOf(message.stop_reason)
  const stopSequence = textOf(message.stop_sequence)
  return {
    unified: (raw === undefined ? undefined : KINDS.get(raw)) ?? 'other',
    ...(raw !== undefined && { raw }),
    ...(stopSequence !== undefined && { stopSequence }),
  }
}

/** What the answer held: some providers call every end a plain stop. */
export interface Held {
  toolCall: boolean
  refusal: boolean
}

/** `stop_reason` and `stop_sequence`. @param own whether the finish was decoded by this dialect, so that its word is Anthropic's */
export function encodeFinish({ unified, raw, stopSequence }: Finish, held: Held, own: boolean): JsonObject {
  return { stop_reason: reasonOf(unified, raw, held, own), stop_sequence: stopSequence ?? null }
}

function reasonOf(unified: FinishKind, raw: string | undefined, held: Held, own: boolean): string {
  if (unified === 'stop' && held.refusal) return 'refusal'
  if (unified === 'stop' && held.toolCall) return 'tool_use'
  if (raw !== undefined && (KINDS.get(raw) ?? (own ? 'other' : undefined)) === unified) return raw
  return REASONS[unified]
}
