/** How much to write and how freely, for requests of other dialects. */
import type { ChatRequest, Reasoning } from '@sluice/core'
import { fitClaudeSampling } from '@sluice/dialect-kit'
import type { ClaudeAbilities } from '@sluice/dialect-kit'
import type { Family } from './families.ts'
import type { Drop } from './fit.ts'

type Sampling = { [K in 'maxTokens' | 'temperature' | 'topP' | 'topK']?: number | undefined }

/** @param reasoning as the target is told it */
export function fitSampling(
  request: ChatRequest,
  reasoning: Reasoning | undefined,
  family: Family,
  abilities: ClaudeAbilities,
  drop: Drop,
): Sampling {
  if (family.isClaude) {
    const thinks = reasoning !== undefined && reasoning.effort !== 'none'
    return {
      ...fitClaudeSampling(request, abilities, thinks, drop),
      maxTokens: fitMaxTokens(request.maxTokens, reasoning?.budgetTokens, drop),
    }
  }
  // With this effort Nova sets its own bounds.
  if (family.reasoning === 'nova' && reasoning?.effort === 'high') return without(request, drop)
  const { maxTokens, temperature, topP, topK } = request
  if (temperature !== undefined && temperature > 1) drop('temperature', 'clamped to 1')
  if (topK !== undefined && family.topK === undefined) drop('top_k', `${family.name} has no such parameter`)
  return {
    maxTokens,
    temperature: temperature === undefined ? undefined : Math.min(1, temperature),
    topP,
    topK: family.topK && topK,
  }
}

/** Thinking counts as output, so that a limit within its budget would leave no answer. */
function fitMaxTokens(maxTokens: number | undefined, budget: number | undefined, drop: Drop): number | undefined {
  if (maxTokens === undefined || budget === undefined || budget < maxTokens) return maxTokens
  drop('max_tokens', `raised to ${maxTokens + budget}, as thinking may take ${budget}`)
  return maxTokens + budget
}

function without({ maxTokens, temperature, topP, topK }: ChatRequest, drop: Drop): Sampling {
  const why = 'the model takes no bounds while it thinks this hard'
  if (maxTokens !== undefined) drop('max_tokens', why)
  if (temperature !== undefined) drop('temperature', why)
  if (topP !== undefined) drop('top_p', why)
  if (topK !== undefined) drop('top_k', why)
  return {}
}
