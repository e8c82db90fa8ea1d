/** One thing that a rule counts: its limit, and the words for it. Made at boot. */
import { COUNTS, parseRate } from '@sluice/limit-kit'
import type { Priority } from '@sluice/limit-kit'
import type { Claim } from '@sluice/store-kit'

export type Unit = keyof typeof COUNTS
export const UNITS = Object.keys(COUNTS) as readonly Unit[]
/** What a rule says of its counts. */
export type Amounts = { readonly [U in Unit]?: string | number }

/** `max` requests wait, each for `timeout` milliseconds. */
export type Queue = { max: number; timeout: number }
/** Parts of a limit by class, and the part of a class's own that may be in use before others stop to borrow of it. */
export type Shares = { readonly of: { readonly [P in Priority]: number }; readonly saturation: number }
/** What all counts of a rule have in common. `perAttempt`: counted by provider, for each call of one. */
export type RuleTraits = { name: string; perAttempt: boolean; queue?: Queue | undefined; shares?: Shares | undefined }

export interface Count {
  unit: Unit
  rule: RuleTraits
  /** What the names of its counters begin with. */
  prefix: string
  limit: number
  /** Milliseconds; 0 of what is counted at once. */
  period: number
  /** `1000 tokens per minute` */
  text: string
  /** Items of the header fields `RateLimit` and `RateLimit-Policy`. */
  label: string
  policy: string
}

/** What is counted, in words and (draft-ietf-httpapi-ratelimit-headers) as a quota unit. */
const WORDS: { readonly [U in Unit]: readonly [words: string, quotaUnit: string] } = {
  requests: ['requests', ''],
  tokens: ['tokens', ';qu="tokens"'],
  inputTokens: ['input tokens', ';qu="input-tokens"'],
  outputTokens: ['output tokens', ';qu="output-tokens"'],
  concurrency: ['requests at once', ';qu="concurrent-requests"'],
}

/** @param prefix unique to the rule @throws GatewayError `invalid_request` if an amount cannot be read */
export function countsOf(amounts: Amounts, prefix: string, rule: RuleTraits): Count[] {
  return UNITS.filter((unit) => amounts[unit] !== undefined).map((unit) => {
    const amount = amounts[unit]!
    const [words, quotaUnit] = WORDS[unit]
    const rate = typeof amount === 'number' ? { limit: amount, period: 0, span: '' } : parseRate(amount)
    const label = `"${rule.name}-${unit}"`
    const window = rate.period === 0 ? '' : `;w=${Math.ceil(rate.period / 1000)}`
    return {
      unit,
      rule,
      prefix: `${prefix}|${unit}`,
      limit: rate.limit,
      period: rate.period,
      text: `${rate.limit} ${words}${rate.period === 0 ? '' : ` per ${rate.span}`}`,
      label,
      policy: `${label};q=${rate.limit}${quotaUnit}${window}`,
    }
  })
}

export function claimOn({ limit, period }: Count, key: string, amount: number): Claim {
  return period === 0 ? { kind: 'slots', key, amount, limit } : { kind: 'bucket', key, amount, limit, period }
}
