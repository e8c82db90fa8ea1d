/** What can be told of a Claude model by its name. */

/** Which fields a model takes. Sending the others is a 400. */
export interface ClaudeAbilities {
  /** `thinking: { type: 'adaptive' }` and `output_config.effort`: since Claude 4.6. */
  adaptive: boolean
  /** `thinking: { type: 'enabled', budget_tokens }`: before Claude 4.7. */
  budget: boolean
  /** `temperature`, `top_p` and `top_k`: before Claude 4.7. */
  sampling: boolean
}

/** `claude-sonnet-4-5-20250929`, `claude-3-7-sonnet-20250219`, `us.anthropic.claude-opus-4-7-v1:0`: a date is no version. */
const VERSION = /claude-(?:[a-z]+-)?(\d{1,2})(?!\d)(?:[-.](\d{1,2})(?!\d))?/

/**
 * By version, so that models to come are judged like the newest known
 * (https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking). A name without one is taken
 * to allow everything.
 */
export function claudeAbilities(model: string): ClaudeAbilities {
  const match = VERSION.exec(model)
  if (match === null) return { adaptive: true, budget: true, sampling: true }
  const version = Number(match[1]) * 100 + Number(match[2] ?? 0)
  return { adaptive: version >= 406, budget: version < 407, sampling: version < 407 }
}
