/** What a response repeats of its request. */
import type { ChatRequest, JsonObject } from '@sluice/core'
import { keptIn } from './extensions.ts'
import { instructionsIn } from './input.ts'
import { encodeFormat } from './text.ts'
import { encodeFunction, encodeToolChoice } from './tools.ts'

/** All fields that OpenAI's own responses have and its SDKs' types promise, but for those of the answer. */
export function echoOf(request: ChatRequest): JsonObject {
  const { verbosity, max_tool_calls, prompt_cache_key, safety_identifier, truncation } = keptIn(request) ?? {}
  const { tools = [], toolChoice, reasoning } = request
  const instructions = request.messages.map(instructionsIn).find((text) => text !== undefined)
  return {
    background: false,
    error: null,
    incomplete_details: null,
    instructions: instructions ?? null,
    max_output_tokens: request.maxTokens ?? null,
    max_tool_calls: max_tool_calls ?? null,
    metadata: request.metadata ?? {},
    parallel_tool_calls: request.parallelToolCalls ?? true,
    previous_response_id: null,
    prompt_cache_key: prompt_cache_key ?? null,
    reasoning: { effort: reasoning?.effort ?? null, summary: reasoning?.summary ?? null },
    safety_identifier: safety_identifier ?? null,
    service_tier: request.serviceTier ?? 'auto',
    store: false,
    temperature: request.temperature ?? null,
    text: {
      format: encodeFormat(request.responseFormat ?? { type: 'text' }),
      ...(verbosity !== undefined && { verbosity }),
    },
    tool_choice: (toolChoice && encodeToolChoice(toolChoice)) ?? 'auto',
    tools: tools.map((tool) => (tool.type === 'raw' ? tool.value : encodeFunction(tool))),
    top_logprobs: request.topLogprobs ?? 0,
    top_p: request.topP ?? null,
    truncation: truncation ?? 'disabled',
    user: request.user ?? null,
  }
}
