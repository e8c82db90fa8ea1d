import type { Settings } from '../settings.ts'

export const SETTINGS: Settings = {
  numbers: [
    ['temperature', 'temperature'],
    ['top_p', 'topP'],
    ['frequency_penalty', 'frequencyPenalty'],
    ['presence_penalty', 'presencePenalty'],
    ['seed', 'seed'],
    ['n', 'n'],
    ['top_logprobs', 'topLogprobs'],
  ],
  booleans: [
    ['logprobs', 'logprobs'],
    ['parallel_tool_calls', 'parallelToolCalls'],
  ],
  texts: [
    ['user', 'user'],
    ['service_tier', 'serviceTier'],
  ],
}
