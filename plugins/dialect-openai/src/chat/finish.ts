/** Why a choice ended. */
import type { Finish, FinishKind } from '@sluice/core'

const UNIFIED: ReadonlyMap<unknown, FinishKind> = new Map<string, FinishKind>([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['length', 'length'],
  ['model_length', 'length'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
  ['error', 'error'],
  ['insufficient_system_resource', 'error'],
])

const REASONS: { readonly [kind in FinishKind]: string } = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  refusal: 'content_filter',
  // OpenAI has no word for a failure; OpenRouter and Mistral say this, and `stop` would call it an answer.
  error: 'error',
  pause: 'stop',
  other: 'stop',
}

const OFFICIAL: ReadonlySet<unknown> = new Set(['stop', 'length', 'tool_calls', 'content_filter', 'function_call'])

/** @param reason `finish_reason` as it came. A plain stop also ends calls of a tool the client named, and refusals. */
export function decodeFinish(reason: unknown, said: { calls: boolean; refused: boolean }): Finish {
  if (typeof reason !== 'string') return { unified: 'other' }
  let unified = UNIFIED.get(reason) ?? 'other'
  if (unified === 'stop' && said.calls) unified = 'tool-calls'
  else if (unified === 'stop' && said.refused) unified = 'refusal'
  return { unified, raw: reason }
}

/**
 * OpenAI's word for an ending that another dialect, or a plugin, described.
 * @param calls whether tools were called, which others may end like any answer
 */
export function encodeFinish({ unified, raw }: Finish, calls: boolean): string {
  if (unified === 'stop' && calls) return REASONS['tool-calls']
  const isVague = unified === 'other' || unified === 'pause'
  return isVague && raw !== undefined && OFFICIAL.has(raw) ? raw : REASONS[unified]
}
