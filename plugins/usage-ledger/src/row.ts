/** One row of the ledger: what an exchange used. */
import type { Exchange, Usage } from '@sluice/core'
import type { Row } from '@sluice/store-kit'
import { costOf, tokenKinds, VARIANT } from '@sluice/usage-kit'
import type { Cost } from '@sluice/usage-kit'

/** What rows say besides. */
export type RowForm = { ip: boolean; metadata: readonly string[] }
/** A row that is being written. */
export type Draft = { id: string; time: number; data: Row['data'] }

/** Characters of a text at most: clients choose some of them. */
const LONGEST = 256

/** What is known when the first upstream is about to be called. */
export function headOf(exchange: Exchange, { ip, metadata }: RowForm): Draft {
  const { start, principal, model } = exchange
  const data: Row['data'] = {
    principal: short(principal.id),
    dialect: exchange.dialect.name,
    operation: exchange.operation,
    stream: exchange.stream,
  }
  // What names no target is whatever a client wrote.
  if (model !== '') data['model'] = exchange.targets.length > 0 ? model : short(clean(model))
  if (principal.key !== undefined) data['key'] = short(principal.key)
  if (principal.user !== undefined) data['user'] = short(principal.user)
  if (principal.team !== undefined) data['team'] = short(principal.team)
  if (principal.organisation !== undefined) data['organisation'] = short(principal.organisation)
  if (principal.tags !== undefined && principal.tags.length > 0) data['tags'] = principal.tags
  if (start.parent !== undefined) data['parent'] = start.parent.id
  if (ip && start.ip !== '') data['ip'] = start.ip
  for (let i = 0; i < metadata.length; i++) addMetadata(data, metadata[i]!, principal.metadata?.[metadata[i]!])
  return { id: exchange.id, time: exchange.time, data }
}

/** The whole row of an exchange that is over; `head` is changed. */
export function rowOf(exchange: Exchange, head: Draft): Row {
  const { data } = head
  const { attempts, startedAt, firstByteAt, endedAt, reply, error, cache, usage } = exchange
  data['stream'] = exchange.stream
  data['attempts'] = attempts.length
  const last = attempts.at(-1)
  if (last) addTarget(data, last.target.provider, last.target.model)
  if (reply) data['status'] = reply.status
  data['outcome'] = exchange.outcome ?? 'failed'
  if (error) data['error'] = error.code
  if (cache) data['cache'] = cache
  if (usage) addTokens(data, usage)
  addCost(data, spent(exchange))
  const arm = exchange.get(VARIANT)
  if (arm) {
    data['rollout'] = arm.rollout
    data['variant'] = arm.variant
  }
  if (firstByteAt > 0) data['ttftMs'] = Math.round(firstByteAt - startedAt)
  data['durationMs'] = Math.round(endedAt - startedAt)
  data['bytesIn'] = exchange.bytesIn
  data['bytesOut'] = exchange.bytesOut
  return head
}

export function addTarget(data: Row['data'], provider: string, model: string): void {
  data['provider'] = provider
  data['target'] = `${provider}/${model}`
}

/** Disjoint kinds; those of which there is nothing are left out. */
export function addTokens(data: Row['data'], usage: Usage): void {
  const tokens = tokenKinds(usage)
  if (tokens.input > 0) data['inputTokens'] = tokens.input
  if (tokens.cacheRead > 0) data['cacheReadTokens'] = tokens.cacheRead
  if (tokens.cacheWrite > 0) data['cacheWriteTokens'] = tokens.cacheWrite
  if (tokens.audio > 0) data['audioTokens'] = tokens.audio
  if (tokens.image > 0) data['imageTokens'] = tokens.image
  if (tokens.output > 0) data['outputTokens'] = tokens.output
  if (tokens.reasoning > 0) data['reasoningTokens'] = tokens.reasoning
  if (tokens.outputAudio > 0) data['outputAudioTokens'] = tokens.outputAudio
  if (tokens.outputImage > 0) data['outputImageTokens'] = tokens.outputImage
  if (usage.estimated) data['estimated'] = true
  if (tokens.clamped) data['clamped'] = true
}

export function addCost(data: Row['data'], cost: Cost | null): void {
  data['costNanoUsd'] = cost?.nanoUsd ?? null
  if (cost && cost.source !== '') data['priceSource'] = cost.source
}

const NOTHING: Cost = Object.freeze({ nanoUsd: 0, source: '', rates: {} })

/** Null if nobody knows. What no model answered cost nothing, unless one was left alone while it worked. */
function spent(exchange: Exchange): Cost | null {
  const cost = costOf(exchange)
  if (cost !== undefined) return cost
  const isLeftAlone = exchange.aborted !== undefined || exchange.error?.code === 'upstream_timeout'
  return exchange.answered || (isLeftAlone && exchange.attempts.length > 0) ? null : NOTHING
}

function addMetadata(data: Row['data'], field: string, value: unknown): void {
  if (typeof value === 'string') data[`metadata.${field}`] = short(clean(value))
  else if (typeof value === 'number' || typeof value === 'boolean') data[`metadata.${field}`] = value
}

function short(text: string): string {
  return text.length > LONGEST ? text.slice(0, LONGEST) : text
}

/** Without characters that databases refuse. */
function clean(text: string): string {
  return text
    .slice(0, LONGEST)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, ' ')
}
