/** What can be told of a model by its id: one of AWS's, a profile's, or an ARN that ends in either. */
import type { ReasoningForm, TopKForm } from './model-fields.ts'

export interface Family {
  /** For reports. */
  name: string
  isClaude?: true
  /** Undefined: cannot be told how much to think, or only in words not known here. */
  reasoning?: ReasoningForm
  topK?: TopKForm
  /** Takes cache points; others refuse them. */
  caches?: true
}

/**
 * The first that matches counts. Reasoning fields: Claude
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html), Nova 2
 * (https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html). The open OpenAI
 * models take `reasoning_effort`, the others only `reasoning.effort`.
 */
const FAMILIES: readonly (readonly [pattern: RegExp, family: Family])[] = [
  [/claude/, { name: 'Claude', isClaude: true, reasoning: 'claude', topK: 'usual', caches: true }],
  [/nova-2/, { name: 'Nova 2', reasoning: 'nova', topK: 'nova', caches: true }],
  [/nova-/, { name: 'Nova', topK: 'nova', caches: true }],
  [/gpt-oss/, { name: 'gpt-oss', reasoning: 'gptOss' }],
  [/openai\./, { name: 'GPT', reasoning: 'openai' }],
  [/mistral\./, { name: 'Mistral', topK: 'usual' }],
  [/cohere\./, { name: 'Command', topK: 'cohere' }],
]
const OTHER: Family = { name: 'this model' }

/** An id that hides its model may hide Claude. */
export function mayBeClaude(family: Family): boolean {
  return family.isClaude === true || family === OTHER
}

export function familyOf(model: string): Family {
  return FAMILIES.find(([pattern]) => pattern.test(model))?.[1] ?? OTHER
}
