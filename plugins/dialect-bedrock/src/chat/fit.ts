/** Brings requests of other dialects to what Bedrock and the model take. Nothing is changed or left out without a report. */
import type { ChatRequest, RequestContext, ResponseFormat } from '@sluice/core'
import { claudeAbilities, defined, dropExtensions, withOwnProofs } from '@sluice/dialect-kit'
import type { Taking } from '@sluice/dialect-kit'
import { FAMILY, NAME } from '../extensions.ts'
import { mayBeClaude } from './families.ts'
import type { Family } from './families.ts'
import { fitMessages } from './fit-messages.ts'
import { fitReasoning } from './fit-reasoning.ts'
import { fitSampling } from './fit-sampling.ts'
import { fitTools } from './fit-tools.ts'

export type Drop = RequestContext['drop']

/** Bedrock's models refuse thinking that is not signed. */
export const TAKING: Taking = { dialect: NAME, family: FAMILY, bareThoughts: false }
/** Of models that sign none themselves. */
const TAKING_NONE: Taking = { ...TAKING, family: NAME }

/** The same request with only what the target takes. Each parameter is reported once. */
export function fit(request: ChatRequest, family: Family, context: RequestContext): ChatRequest {
  const reported = new Set<string>()
  const drop: Drop = (param, why) => {
    if (reported.has(param)) return
    reported.add(param)
    context.drop(param, why)
  }
  const abilities = claudeAbilities(context.model)
  const own = withOwnProofs(request, mayBeClaude(family) ? TAKING : TAKING_NONE, drop)
  const messages = fitMessages(own, family, drop)
  const reasoning = fitReasoning({ ...request, messages }, family, abilities, drop)
  dropUnknown(request, drop)
  return defined<ChatRequest>({
    operation: 'chat',
    model: request.model,
    stream: request.stream,
    messages,
    ...fitTools(request, messages, family, drop),
    responseFormat: fitFormat(request.responseFormat, drop),
    reasoning,
    stop: fitStop(request.stop, drop),
    ...fitSampling(request, reasoning, family, abilities, drop),
    metadata: fitMetadata(request.metadata, drop),
    serviceTier: fitServiceTier(request.serviceTier, drop),
    extensions: {},
  })
}

/** Values that say what holds anyway are no loss. */
function dropUnknown(request: ChatRequest, drop: Drop): void {
  const why = 'Bedrock has no such parameter'
  if (request.frequencyPenalty) drop('frequency_penalty', why)
  if (request.presencePenalty) drop('presence_penalty', why)
  if (request.seed !== undefined) drop('seed', why)
  if (request.n !== undefined && request.n !== 1) drop('n', 'Bedrock gives one answer')
  if (request.logprobs) drop('logprobs', why)
  if (request.topLogprobs) drop('top_logprobs', why)
  if (request.user !== undefined) drop('user', why)
  if (request.parallelToolCalls === false) drop('parallel_tool_calls', why)
  dropExtensions(request.extensions, drop)
}

function fitFormat(format: ResponseFormat | undefined, drop: Drop): ResponseFormat | undefined {
  if (format?.type === 'json') drop('response_format', 'Bedrock writes JSON by a schema only')
  if (format?.type !== 'json-schema') return undefined
  const { schema, name, description } = format
  return { type: 'json-schema', schema, ...(name && { name }), ...(description && { description }) }
}

function fitStop(stop: string[] | undefined, drop: Drop): string[] | undefined {
  const usable = stop?.filter((sequence) => sequence !== '')
  if (usable?.length !== stop?.length) drop('stop', 'Bedrock takes no empty stop sequences')
  return usable?.length ? usable : undefined
}

const METADATA_KEY = /^[\w\s:@$#=/+,.-]{1,256}$/
const METADATA_VALUE = /^[\w\s:@$#=/+,.-]{0,256}$/
const METADATA_LIMIT = 16

/** Bedrock logs it with the call, and takes no other characters. */
function fitMetadata(metadata: ChatRequest['metadata'], drop: Drop): ChatRequest['metadata'] {
  const entries = Object.entries(metadata ?? {})
  const usable = entries
    .filter(([key, value]) => METADATA_KEY.test(key) && METADATA_VALUE.test(value))
    .slice(0, METADATA_LIMIT)
  if (usable.length < entries.length) drop('metadata', 'Bedrock takes fewer characters, and 16 entries at most')
  return usable.length > 0 ? Object.fromEntries(usable) : undefined
}

const SERVICE_TIERS: ReadonlyMap<string, string | undefined> = new Map([
  ['auto', undefined],
  ['default', 'default'],
  ['standard_only', 'default'],
  ['flex', 'flex'],
  ['priority', 'priority'],
  ['reserved', 'reserved'],
])

function fitServiceTier(tier: string | undefined, drop: Drop): string | undefined {
  if (tier !== undefined && !SERVICE_TIERS.has(tier)) drop('service_tier', `Bedrock has no tier "${tier}"`)
  return tier === undefined ? undefined : SERVICE_TIERS.get(tier)
}
