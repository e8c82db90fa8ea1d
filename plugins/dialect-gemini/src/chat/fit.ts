/** Brings requests of other dialects to what Gemini takes. Nothing is changed or left out without a report. */
import type { ChatRequest, RequestContext, ResponseFormat, Tool } from '@sluice/core'
import { defined, dropExtensions, fitToolChoice, withOwnProofs } from '@sluice/dialect-kit'
import type { Taking } from '@sluice/dialect-kit'
import { NAME } from '../extensions.ts'
import { fitMessages } from './fit-messages.ts'
import { fitThinking } from './fit-thinking.ts'
import type { Abilities } from './models.ts'

/** Stop sequences at most. */
const MAX_STOPS = 5

type Drop = RequestContext['drop']

export const TAKING: Taking = { dialect: NAME, family: NAME, bareThoughts: true }

/** The same request with only what a model of these abilities takes. Each parameter is reported once. */
export function fit(request: ChatRequest, abilities: Abilities, context: Pick<RequestContext, 'drop'>): ChatRequest {
  const reported = new Set<string>()
  const drop: Drop = (param, why) => {
    if (reported.has(param)) return
    reported.add(param)
    context.drop(param, why)
  }
  const tools = request.tools?.length ? request.tools : undefined
  dropUnknown(request, drop)
  return defined<ChatRequest>({
    operation: 'chat',
    model: request.model,
    stream: request.stream,
    messages: fitMessages(withOwnProofs(request, TAKING, drop), abilities, drop),
    tools: tools?.map((tool) => fitTool(tool, drop)),
    toolChoice: fitToolChoice(request.toolChoice, tools, drop),
    responseFormat: fitFormat(request.responseFormat, drop),
    reasoning: request.reasoning && fitThinking(request.reasoning, abilities.thinking, drop),
    maxTokens: request.maxTokens,
    stop: fitStop(request.stop, drop),
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    frequencyPenalty: request.frequencyPenalty,
    presencePenalty: request.presencePenalty,
    seed: request.seed,
    n: request.n,
    logprobs: request.logprobs,
    topLogprobs: request.topLogprobs,
    serviceTier: fitServiceTier(request.serviceTier, drop),
    extensions: {},
  })
}

/** Values that say what holds anyway are no loss. */
function dropUnknown(request: ChatRequest, drop: Drop): void {
  if (request.parallelToolCalls === false) drop('parallel_tool_calls', 'Gemini may always call several tools at once')
  if (request.user !== undefined) drop('user', 'Gemini takes no id of the user')
  if (request.metadata !== undefined) drop('metadata', 'Gemini has no such parameter')
  dropExtensions(request.extensions, drop)
}

function fitTool(tool: Tool, drop: Drop): Tool {
  if (tool.type === 'raw') return tool
  const { name, description, parameters } = tool
  if (tool.strict) drop('tools.strict', 'Gemini does not bind itself to a schema')
  if (tool.cache) drop('cache_control', 'Gemini caches prompts by itself')
  return defined<Tool>({ type: 'function', name, description, parameters })
}

/** Its name is only a label, and Gemini always keeps to the schema. */
function fitFormat(format: ResponseFormat | undefined, drop: Drop): ResponseFormat | undefined {
  if (format?.type === 'text') return undefined
  if (format?.type !== 'json-schema') return format
  if (format.description !== undefined) drop('response_format.description', 'Gemini has no such parameter')
  return { type: 'json-schema', schema: format.schema }
}

function fitStop(stop: string[] | undefined, drop: Drop): string[] | undefined {
  const usable = stop?.filter((sequence) => sequence !== '')
  if (usable === undefined || usable.length === 0) return undefined
  if (usable.length > MAX_STOPS) drop('stop', `Gemini takes the first ${MAX_STOPS} sequences only`)
  return usable.slice(0, MAX_STOPS)
}

const SERVICE_TIERS = new Set(['default', 'standard', 'flex', 'priority'])

function fitServiceTier(tier: string | undefined, drop: Drop): string | undefined {
  if (tier === undefined || SERVICE_TIERS.has(tier)) return tier
  if (tier !== 'auto') drop('service_tier', `Gemini has no tier "${tier}"`)
  return undefined
}
