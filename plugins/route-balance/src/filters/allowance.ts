import type { Target } from '@sluice/core'
import type { Passage } from '../passage.ts'
import type { TargetRecord } from '../target-record.ts'
import type { Exclusion } from './exclusion.ts'

/** Tokens that the request is expected to take of the target's minute. */
export function tokensOf(passage: Passage): number {
  return passage.estimate.input + passage.expectedOutput
}

/** Whether the target's own `requests` and `tokens` of the minute are used up. */
export function exhausted(
  { requests, tokens }: Target,
  record: TargetRecord,
  passage: Passage,
  now: number,
): Exclusion | undefined {
  const isOver = requests !== undefined && record.requests.used(now) + 1 > requests
  if (isOver)
    return used(`its limit of ${requests} requests a minute is used up`, record.requests.wait(requests - 1, now))
  if (tokens === undefined) return undefined
  // What is larger than the whole minute may go when nothing else does.
  const left = tokens - Math.min(tokens, tokensOf(passage))
  if (record.tokens.used(now) <= left) return undefined
  return used(`too little is left of its limit of ${tokens} tokens a minute`, record.tokens.wait(left, now))
}

function used(reason: string, wait: number): Exclusion {
  return { lack: 'allowance', reason, wait }
}
