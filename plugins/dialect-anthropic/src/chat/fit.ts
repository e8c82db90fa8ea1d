/** Brings requests of other dialects to what Claude takes. Nothing is changed or left out without a report. */
import type { ChatRequest, RequestContext, ResponseFormat } from '@sluice/core'
import {
  claudeAbilities,
  defined,
  dropExtensions,
  fitClaudeSampling,
  fitClaudeThinking,
  fitToolChoice,
  refuseStoredFiles,
  withOwnProofs,
} from '@sluice/dialect-kit'
import type { Taking } from '@sluice/dialect-kit'
import { NAME } from '../extensions.ts'
import { fitMessages } from './fit-messages.ts'

/** Claude needs a limit; other dialects' clients need not give one. */
export const DEFAULT_MAX_TOKENS = 4096

type Drop = RequestContext['drop']

/** Claude refuses thinking that it has not signed. */
export const TAKING: Taking = { dialect: NAME, family: NAME, bareThoughts: false }

/** The same request with only what the model named in `context` takes. Each parameter is reported once. */
export function fit(request: ChatRequest, context: RequestContext): ChatRequest {
  const reported = new Set<string>()
  const drop: Drop = (param, why) => {
    if (reported.has(param)) return
    reported.add(param)
    context.drop(param, why)
  }
  const abilities = claudeAbilities(context.model)
  refuseStoredFiles(request.messages, 'Claude')
  const messages = fitMessages(withOwnProofs(request, TAKING, drop), drop)
  const tools = request.tools?.length ? request.tools : undefined
  const reasoning = fitClaudeThinking({ ...request, messages }, abilities, drop)
  dropUnknown(request, drop)
  return defined<ChatRequest>({
    operation: 'chat',
    model: request.model,
    stream: request.stream,
    messages,
    tools,
    toolChoice: fitToolChoice(request.toolChoice, tools, drop),
    parallelToolCalls: tools && request.parallelToolCalls,
    responseFormat: fitFormat(request.responseFormat, drop),
    reasoning,
    maxTokens: fitMaxTokens(request.maxTokens, reasoning?.budgetTokens, drop),
    stop: fitStop(request.stop, drop),
    ...fitClaudeSampling(request, abilities, reasoning !== undefined && reasoning.effort !== 'none', drop),
    user: request.user,
    serviceTier: fitServiceTier(request.serviceTier, drop),
    extensions: {},
  })
}

/** Values that say what holds anyway are no loss. */
function dropUnknown(request: ChatRequest, drop: Drop): void {
  const why = 'Claude has no such parameter'
  if (request.frequencyPenalty) drop('frequency_penalty', why)
  if (request.presencePenalty) drop('presence_penalty', why)
  if (request.seed !== undefined) drop('seed', why)
  if (request.n !== undefined && request.n !== 1) drop('n', 'Claude gives one answer')
  if (request.logprobs) drop('logprobs', why)
  if (request.topLogprobs) drop('top_logprobs', why)
  if (request.metadata !== undefined) drop('metadata', 'Claude takes the id of the user only')
  dropExtensions(request.extensions, drop)
}

function fitFormat(format: ResponseFormat | undefined, drop: Drop): ResponseFormat | undefined {
  if (format?.type !== 'json-schema') {
    if (format?.type === 'json') drop('response_format', 'Claude writes JSON by a schema only')
    return undefined
  }
  // Its name is only a label, and Claude always keeps to the schema.
  if (format.description !== undefined) drop('response_format.description', 'Claude has no such parameter')
  return { type: 'json-schema', schema: format.schema }
}

/** Thinking counts as output, so that a limit within its budget would leave no answer. */
function fitMaxTokens(maxTokens: number | undefined, budget: number | undefined, drop: Drop): number {
  const limit = maxTokens ?? DEFAULT_MAX_TOKENS
  if (budget === undefined || budget < limit) return limit
  if (maxTokens !== undefined) drop('max_tokens', `raised to ${limit + budget}, as thinking may take ${budget}`)
  return limit + budget
}

function fitStop(stop: string[] | undefined, drop: Drop): string[] | undefined {
  const usable = stop?.filter((sequence) => sequence.trim() !== '')
  if (usable?.length !== stop?.length) drop('stop', 'Claude takes no stop sequences of white space only')
  return usable?.length ? usable : undefined
}

const SERVICE_TIERS: ReadonlyMap<string, string> = new Map([
  ['auto', 'auto'],
  ['default', 'standard_only'],
])

function fitServiceTier(tier: string | undefined, drop: Drop): string | undefined {
  const known = tier === undefined ? undefined : SERVICE_TIERS.get(tier)
  if (tier !== undefined && known === undefined) drop('service_tier', `Claude has no tier "${tier}"`)
  return known
}
