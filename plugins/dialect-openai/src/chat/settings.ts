/** The settings of a request that are one value under one name: field of the wire, field of the canonical request. */

/** Settings that are numbers. */
export const NUMBERS = [
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['presence_penalty', 'presencePenalty'],
  ['seed', 'seed'],
  ['n', 'n'],
  ['top_logprobs', 'topLogprobs'],
] as const

/** Settings that are true or false. */
export const BOOLEANS = [
  ['logprobs', 'logprobs'],
  ['parallel_tool_calls', 'parallelToolCalls'],
] as const

/** Settings that are texts. */
export const TEXTS = [
  ['user', 'user'],
  ['service_tier', 'serviceTier'],
] as const
