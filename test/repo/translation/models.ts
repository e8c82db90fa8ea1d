/** Models for which the tables hold: what a codec writes depends on what the model takes. */
import type { ByDialect } from '../../support/dialect-names.ts'

/** The model of each dialect's upstream. */
export const UPSTREAM_MODELS: ByDialect<string> = {
  'openai-chat': 'gpt-5.1',
  'openai-responses': 'gpt-5.1',
  anthropic: 'claude-opus-4-6',
  gemini: 'gemini-3-pro-preview',
  cohere: 'command-a-reasoning-08-2025',
  bedrock: 'us.anthropic.claude-opus-4-6-v1',
}

/** Models whose words a client of a dialect may use, where one model does not take all. */
export const CLIENT_MODELS: ByDialect<readonly string[]> = {
  'openai-chat': ['gpt-5.1'],
  'openai-responses': ['gpt-5.1'],
  anthropic: ['claude-opus-4-6'],
  gemini: ['gemini-3-pro-preview', 'gemini-2.5-flash'],
  cohere: ['command-a-reasoning-08-2025'],
  bedrock: ['us.anthropic.claude-opus-4-6-v1', 'amazon.nova-2-lite-v1:0'],
}
