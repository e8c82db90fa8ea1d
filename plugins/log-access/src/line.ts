import type { Attempt, Exchange, GatewayError } from '@sluice/core'
import { costOf, dollars } from '@sluice/usage-kit'

/** What is logged of an exchange. Times are in milliseconds; what is not known is left out. */
export interface AccessLine {
  exchange: string
  /** The exchange on whose behalf the gateway made this one. */
  parent: string | undefined
  /** ISO 8601. */
  startedAt: string
  method: string
  path: string
  ip: string | undefined
  dialect: string
  operation: string
  stream: boolean
  status: number | undefined
  outcome: string | undefined
  /** Code of the error. */
  error: string | undefined
  /** Its text, where the client is not to blame, in the gateway's own words: those of others may quote what was asked. */
  reason: string | undefined
  replyPath: string
  cache: string | undefined
  principal: string
  /** Id of the gateway key, never the key. */
  key: string | undefined
  team: string | undefined
  /** As the client named it, and who served it. */
  model: string | undefined
  target: string | undefined
  attempts: number
  tries: Try[] | undefined
  inputTokens: number | undefined
  outputTokens: number | undefined
  cacheReadTokens: number | undefined
  cacheWriteTokens: number | undefined
  reasoningTokens: number | undefined
  /** Whether the gateway counted the tokens because the upstream did not. */
  estimated: boolean | undefined
  /** US dollars, where a plugin prices exchanges; null if nobody knows the price. */
  costUsd: number | null | undefined
  ttftMs: number | undefined
  durationMs: number
  overheadMs: number
  bytesIn: number
  bytesOut: number
  /** Parameters that the target could not take. */
  dropped: string[] | undefined
  prompt?: string | undefined
}

/** `insufficient_quota` */
const WORD = /^[\w.-]{1,64}$/

type Try = { target: string; status: number; ms: number; error: string | undefined }

/** @param ip whether to tell the client's address */
export function lineOf(exchange: Exchange, ip: boolean): AccessLine {
  const { start, principal, usage, error, attempts, startedAt, firstByteAt, endedAt, dropped } = exchange
  const last = attempts.at(-1)
  const cost = costOf(exchange)
  return {
    exchange: exchange.id,
    parent: start.parent?.id,
    startedAt: new Date(exchange.time).toISOString(),
    method: start.method,
    path: start.path,
    ip: ip && start.ip !== '' ? start.ip : undefined,
    dialect: exchange.dialect.name,
    operation: exchange.operation,
    stream: exchange.stream,
    status: exchange.reply?.status,
    outcome: exchange.outcome,
    error: error?.code,
    reason: exchange.outcome === 'failed' ? error && reasonOf(error) : undefined,
    replyPath: exchange.replyPath,
    cache: exchange.cache,
    principal: principal.id,
    key: principal.key,
    team: principal.team,
    model: exchange.model || undefined,
    target: last && firstByteAt > 0 ? nameOf(last) : undefined,
    attempts: attempts.length,
    tries: last && attempts.map(tryOf),
    inputTokens: usage?.input.total,
    outputTokens: usage?.output.total,
    cacheReadTokens: usage?.input.cacheRead,
    cacheWriteTokens: usage?.input.cacheWrite,
    reasoningTokens: usage?.output.reasoning,
    estimated: usage?.estimated,
    costUsd: cost && dollars(cost.nanoUsd),
    ttftMs: firstByteAt > 0 ? rounded(firstByteAt - startedAt) : undefined,
    durationMs: rounded(endedAt - startedAt),
    // Until the answer begins, as in the reply's header: afterwards the gateway waits for both sides.
    overheadMs: rounded(exchange.overhead(firstByteAt || endedAt)),
    bytesIn: exchange.bytesIn,
    bytesOut: exchange.bytesOut,
    dropped: dropped.length > 0 ? dropped : undefined,
  }
}

/** Of what an upstream said, only its status and what are words of its API. */
function reasonOf({ message, upstream }: GatewayError): string {
  if (!upstream) return message
  const words = [upstream.type, upstream.code].filter((word) => word !== undefined && WORD.test(word))
  return `The upstream answered with HTTP status ${upstream.status}${words.map((word) => `, ${word}`).join('')}.`
}

function nameOf({ target }: Attempt): string {
  return `${target.provider}/${target.model}`
}

function tryOf(attempt: Attempt): Try {
  const ms = rounded(attempt.endedAt - attempt.startedAt)
  return { target: nameOf(attempt), status: attempt.status, ms, error: attempt.error?.code }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}
