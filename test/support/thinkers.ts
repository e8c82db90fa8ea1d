import type { ByDialect } from './dialect-names.ts'

/** A model of each upstream that thinks, and wants its thoughts back, as clients address it. */
export const THINKERS: ByDialect<string> = {
  'openai-chat': 'openrouter/anthropic/claude-sonnet-4.5',
  'openai-responses': 'openai-responses/gpt-5.1',
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-3-pro-preview',
  cohere: 'cohere/command-a-reasoning-08-2025',
  bedrock: 'bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0',
}
