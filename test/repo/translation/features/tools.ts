/** Tools, and the choice among them. */
import type { ChatRequest, JsonObject, ToolChoice } from '@sluice/core'
import type { ByDialect } from '../../../support/dialect-names.ts'
import type { RequestFeature } from '../request-features.ts'
import { dispensable, feature, weather } from './build.ts'

/** A tool of a kind that only the dialect has, mostly one that the provider runs. */
const OWN_TOOLS: ByDialect<JsonObject> = {
  'openai-chat': { type: 'custom', custom: { name: 'sql' } },
  'openai-responses': { type: 'web_search' },
  anthropic: { type: 'web_search_20250305', name: 'web_search' },
  gemini: { googleSearch: {} },
  cohere: { type: 'brand_new' },
  bedrock: { systemTool: { name: 'nova_grounding' } },
}

const chosen = (toolChoice: ToolChoice): Partial<ChatRequest> => ({ tools: [weather], toolChoice })
const choice = (name: string, toolChoice: ToolChoice, marks: string[] = []): RequestFeature =>
  feature(name, chosen(toolChoice), marks, { tools: [weather] })
const withTool = { tools: [weather] }

export const tools: readonly RequestFeature[] = [
  feature('function', withTool, ['get_weather', 'Weather of a city.', 'city']),
  feature('function without parameters', { tools: [{ type: 'function', name: 'now' }] }, ['now']),
  feature('strict function', { tools: [{ ...weather, strict: true }] }, [], withTool),
  feature('cache hint on a function', { tools: [{ ...weather, cache: { ttl: '5m' } }] }, [], withTool),
  feature('tool of a kind that only this dialect has', ({ client }) => ({
    tools: [{ type: 'raw', dialect: client, value: OWN_TOOLS[client] }],
  })),
  dispensable(choice('tools: if need be', { type: 'auto' })),
  choice('tools: none', { type: 'none' }),
  choice('tools: at least one', { type: 'required' }),
  choice('tools: this one', { type: 'tool', name: 'get_weather' }),
  feature('one call at a time', { ...withTool, parallelToolCalls: false }, [], withTool),
  dispensable(feature('several calls at once', { ...withTool, parallelToolCalls: true }, [], withTool)),
]
