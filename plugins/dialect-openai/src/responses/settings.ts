import type { Settings } from '../settings.ts'

export const SETTINGS: Settings = {
  numbers: [
    ['temperature', 'temperature'],
    ['top_p', 'topP'],
    ['top_logprobs', 'topLogprobs'],
    ['max_output_tokens', 'maxTokens'],
  ],
  booleans: [['parallel_tool_calls', 'parallelToolCalls']],
  texts: [
    ['user', 'user'],
    ['service_tier', 'serviceTier'],
  ],
}
