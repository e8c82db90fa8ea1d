/** `temperature`, `top_p` and `top_k` for requests of other dialects: Claude takes fewer of them. */
import type { ChatRequest, RequestContext } from '@sluice/core'
import type { ClaudeAbilities } from './models.ts'

type Drop = RequestContext['drop']
type Sampling = { [K in 'temperature' | 'topP' | 'topK']?: number | undefined }

/** A temperature or top_p of 1 is what holds anyway: leaving it out is no loss and not reported. */
export function fitClaudeSampling(
  request: ChatRequest,
  { sampling }: ClaudeAbilities,
  thinks: boolean,
  drop: Drop,
): Sampling {
  const { temperature, topP, topK } = request
  if (!sampling) return without(request, 'this model takes no sampling parameters', drop)
  if (thinks) {
    const topPFits = topP !== undefined && topP >= 0.95
    without(topPFits ? { temperature, topK } : request, 'Claude takes no other while it thinks', drop)
    return topPFits ? { topP } : {}
  }
  if (temperature !== undefined && temperature > 1) drop('temperature', 'clamped to 1')
  const clamped = temperature === undefined ? undefined : Math.min(1, temperature)
  if (clamped === undefined || topP === undefined) return { temperature: clamped, topP, topK }
  if (temperature === 1) return { topP, topK }
  if (topP !== 1) drop('top_p', 'Claude takes either a temperature or top_p')
  return { temperature: clamped, topK }
}

function without({ temperature, topP, topK }: Sampling, why: string, drop: Drop): Sampling {
  if (temperature !== undefined && temperature !== 1) drop('temperature', why)
  if (topP !== undefined && topP !== 1) drop('top_p', why)
  if (topK !== undefined) drop('top_k', why)
  return {}
}
