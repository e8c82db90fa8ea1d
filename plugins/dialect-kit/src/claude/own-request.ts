import type { ChatRequest, RequestContext } from '@sluice/core'
import { withOwnProofs } from '../proofs.ts'
import type { Taking } from '../proofs.ts'
import { mayClaudeThink } from './fit-thinking.ts'

/**
 * A request of a client of the target's own dialect, without the proofs of others that it may hold. If these
 * were what its last turn began with, Claude cannot think in it.
 */
export function ownClaudeRequest(request: ChatRequest, taking: Taking, drop: RequestContext['drop']): ChatRequest {
  const messages = withOwnProofs(request, taking, drop)
  if (messages === request.messages) return request
  const { reasoning } = request
  if (reasoning?.budgetTokens === undefined || mayClaudeThink(messages)) return { ...request, messages }
  drop('reasoning', 'the last turn of the assistant began with thinking of another provider')
  const { budgetTokens: _, ...rest } = reasoning
  return { ...request, messages, reasoning: rest }
}
