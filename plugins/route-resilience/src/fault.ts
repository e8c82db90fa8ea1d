/** What kinds of failure there are, and what each means for whoever may try again. */
import type { GatewayError } from '@sluice/core'

/** Of these, the same call may succeed a little later. */
export const AGAIN = [
  'unreachable',
  'reset',
  'timeout',
  'conflict',
  'rateLimit',
  'overloaded',
  'server',
  'garbled',
] as const
export type AgainFault = (typeof AGAIN)[number]

/**
 * `credential`, `account`: the operator's trouble with the provider. `unknownModel`: the provider does not have it.
 * `unfit`: the target cannot take such a request. `limit`, `budget`: the gateway's own refusal to call this target.
 * `contextWindow`, `contentPolicy`: another model may take it. `client`: nobody will. `cancelled`: nobody wants it
 * any more. `gateway`: a defect of ours.
 */
export type Fault =
  | AgainFault
  | 'credential'
  | 'account'
  | 'unknownModel'
  | 'unfit'
  | 'limit'
  | 'budget'
  | 'contextWindow'
  | 'contentPolicy'
  | 'client'
  | 'cancelled'
  | 'gateway'

/** `again`: here or elsewhere. `elsewhere`: at another target. `special`: at another model that is made for it. */
export type Way = 'again' | 'elsewhere' | 'special' | 'nowhere'
/**
 * What it says of the target: `failure` that it may be out of order, `certain` that it is, `nothing`.
 * `way`: where the request may go. `told`: false if the client learns more from an earlier error.
 */
type Meaning = { way: Way; blame: 'nothing' | 'failure' | 'certain'; told: boolean }

const meaning = (way: Way, blame: Meaning['blame'], told = true): Meaning => ({ way, blame, told })
export const MEANINGS: { readonly [F in Fault]: Meaning } = {
  unreachable: meaning('again', 'failure'),
  reset: meaning('again', 'failure'),
  timeout: meaning('again', 'failure'),
  conflict: meaning('again', 'nothing'),
  rateLimit: meaning('again', 'failure'),
  overloaded: meaning('again', 'failure'),
  server: meaning('again', 'failure'),
  garbled: meaning('again', 'failure'),
  credential: meaning('elsewhere', 'certain'),
  account: meaning('elsewhere', 'certain'),
  unknownModel: meaning('elsewhere', 'nothing'),
  unfit: meaning('elsewhere', 'nothing', false),
  limit: meaning('elsewhere', 'nothing', false),
  budget: meaning('elsewhere', 'nothing', false),
  contextWindow: meaning('special', 'nothing'),
  contentPolicy: meaning('special', 'nothing'),
  client: meaning('nowhere', 'nothing'),
  cancelled: meaning('nowhere', 'nothing'),
  gateway: meaning('nowhere', 'nothing'),
}

export function isAgain(fault: Fault): fault is AgainFault {
  return MEANINGS[fault].way === 'again'
}

/** Which kind of failure ended an attempt. */
export function faultOf(error: GatewayError): Fault {
  const { code, hook, upstream } = error
  if (code === 'client_closed' || code === 'shutting_down') return 'cancelled'
  if (code === 'plugin_error') return 'gateway'
  if (hook === 'beforeAttempt') return code === 'budget_exceeded' ? 'budget' : 'limit'
  if (code === 'content_blocked') return 'contentPolicy'
  return upstream ? answered(error, upstream.status) : unanswered(error)
}

/** The upstream said what is wrong. */
function answered({ code, upstream, message }: GatewayError, status: number): Fault {
  const words = [upstream!.code, upstream!.type]
  if (status === 402 || words.some((word) => word !== undefined && NO_MONEY.has(word))) return 'account'
  if (code === 'upstream_timeout') return 'timeout'
  if (code === 'rate_limit_exceeded') return 'rateLimit'
  if (code === 'model_not_found') return 'unknownModel'
  if (status === 409) return 'conflict'
  if (code === 'upstream_error') {
    // What is the client's fault has another code: this is about who asked.
    if (status >= 400 && status < 500 && status !== 424 && status !== 499) return 'credential'
    if (status === 503 || status === 529) return 'overloaded'
    return status < 400 ? 'garbled' : 'server'
  }
  const isTooLong = words.includes('context_length_exceeded') || TOO_LONG.test(message)
  return isTooLong ? 'contextWindow' : 'client'
}

const NO_MONEY: ReadonlySet<string> = new Set(['insufficient_quota', 'billing_error', 'billing_not_active'])

/**
 * As OpenAI, Anthropic, Gemini, Bedrock, Cohere, Mistral, vLLM and llama.cpp say that a request is too long; most have
 * no word for it but `invalid_request_error`.
 */
const TOO_LONG =
  /context (?:length|window|size|limit)|(?:prompt|input) is too long|input token count|too many (?:input )?tokens|maximum number of (?:input )?tokens/i

/** There was no answer, none that can be read, or no call. */
function unanswered({ code, cause }: GatewayError): Fault {
  if (code === 'upstream_timeout') return codeOf(cause) === undefined ? 'timeout' : 'unreachable'
  if (code === 'rate_limit_exceeded') return 'rateLimit'
  if (code === 'overloaded') return 'overloaded'
  if (code !== 'upstream_error') return 'unfit'
  const reason = codeOf(cause)
  if (reason === undefined) return 'garbled'
  return UNREACHABLE.has(reason) ? 'unreachable' : 'reset'
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

function codeOf(cause: unknown): string | undefined {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : undefined
}
