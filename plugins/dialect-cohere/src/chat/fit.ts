/** Brings requests of other dialects to what Cohere takes. Nothing is changed or left out without a report. */
import type { ChatRequest, FunctionTool, RequestContext, ResponseFormat, Tool, ToolChoice } from '@sluice/core'
import { Drops, defined } from '@sluice/dialect-kit'
import { NAME } from '../extensions.ts'
import { fitMessages } from './fit-messages.ts'
import { strictnessOf } from './tools.ts'

/** Bounds that Cohere's API sets; beyond them it refuses the request. */
const BOUNDS = {
  temperature: { name: 'temperature', least: 0, most: 1 },
  topP: { name: 'top_p', least: 0.01, most: 0.99 },
  topK: { name: 'top_k', least: 0, most: 500 },
  frequencyPenalty: { name: 'frequency_penalty', least: 0, most: 1 },
  presencePenalty: { name: 'presence_penalty', least: 0, most: 1 },
} as const
const MOST_STOPS = 5

/** The same request with only what Cohere takes. Each parameter is reported once. */
export function fit(request: ChatRequest, context: RequestContext): ChatRequest {
  const drops = new Drops(context, NAME)
  const { maxTokens, seed, logprobs, stream, reasoning, responseFormat } = request
  const tools = fitTools(request.tools, drops)
  const writesJson = responseFormat !== undefined && responseFormat.type !== 'text'
  dropUnknown(request, drops)
  return defined<ChatRequest>({
    operation: 'chat',
    model: request.model,
    stream,
    // Cohere writes no JSON from documents.
    messages: fitMessages(request.messages, !writesJson, drops),
    tools,
    toolChoice: fitToolChoice(request.toolChoice, tools, drops),
    responseFormat: fitFormat(responseFormat, drops),
    reasoning,
    maxTokens,
    stop: fitStop(request.stop, drops),
    ...fitNumbers(request, drops),
    seed,
    logprobs,
    extensions: {},
  })
}

/** Values that say what holds anyway are no loss. */
function dropUnknown(request: ChatRequest, drops: Drops): void {
  const { n, serviceTier } = request
  if (n !== undefined && n !== 1) drops.add('n', 'Cohere gives one answer')
  if (request.topLogprobs) drops.add('top_logprobs', 'Cohere tells the chosen tokens only')
  if (request.parallelToolCalls === false) drops.add('parallel_tool_calls', 'Cohere may always call several tools')
  if (request.user !== undefined) drops.add('user', NONE)
  if (request.metadata !== undefined) drops.add('metadata', NONE)
  if (serviceTier !== undefined && serviceTier !== 'auto' && serviceTier !== 'default') drops.add('service_tier', NONE)
  drops.addForeign(request.extensions)
}

const NONE = 'Cohere has no such parameter'

type Numbers = { -readonly [K in keyof typeof BOUNDS]?: number }

function fitNumbers(request: ChatRequest, drops: Drops): Numbers {
  const fitted: Numbers = {}
  for (const field of Object.keys(BOUNDS) as (keyof typeof BOUNDS)[]) {
    const { name, least, most } = BOUNDS[field]
    const wanted = request[field]
    if (wanted === undefined) continue
    fitted[field] = Math.min(most, Math.max(least, wanted))
    if (fitted[field] !== wanted) drops.add(name, `clamped to ${fitted[field]}`)
  }
  return fitted
}

function fitTools(tools: readonly Tool[] | undefined, drops: Drops): Tool[] | undefined {
  if (tools === undefined || tools.length === 0) return undefined
  const strict = strictnessOf(tools)
  if (strict === undefined && tools.some((tool) => tool.type === 'function' && tool.strict))
    drops.add('tools.strict', 'Cohere is strict with all tools or none')
  return tools.map((tool) => {
    if (tool.type === 'raw') return tool
    drops.addForeign(tool.extensions, 'tools.')
    if (tool.cache !== undefined) drops.add('cache_control', 'Cohere caches prompts by itself')
    const { name, description, parameters = { type: 'object', properties: {} } } = tool
    return defined<FunctionTool>({ type: 'function', name, description, parameters, strict })
  })
}

function fitToolChoice(
  choice: ToolChoice | undefined,
  tools: Tool[] | undefined,
  drops: Drops,
): ToolChoice | undefined {
  if (choice === undefined || choice.type === 'auto') return undefined
  if (tools !== undefined && choice.type !== 'raw') return choice
  if (choice.type === 'none') return undefined
  const why = choice.type === 'raw' ? `only ${choice.dialect} has this choice` : 'there are no tools to choose from'
  drops.add('tool_choice', why)
  return undefined
}

function fitFormat(format: ResponseFormat | undefined, drops: Drops): ResponseFormat | undefined {
  if (format?.type !== 'json-schema') return format
  // Its name is only a label, and Cohere always keeps to the schema.
  if (format.description !== undefined) drops.add('response_format.description', NONE)
  return { type: 'json-schema', schema: format.schema }
}

function fitStop(stop: string[] | undefined, drops: Drops): string[] | undefined {
  if (stop === undefined || stop.length === 0) return undefined
  if (stop.length > MOST_STOPS) drops.add('stop', `Cohere takes ${MOST_STOPS} stop sequences`)
  return stop.slice(0, MOST_STOPS)
}
