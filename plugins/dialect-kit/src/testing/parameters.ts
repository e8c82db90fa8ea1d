/** Parameters that dialects have no word for. */
import type { ChatRequest, Tool } from '@sluice/core'

export const weather: Tool = { type: 'function', name: 'weather', parameters: { type: 'object', properties: {} } }

/** What only another dialect knows, and what cannot be chosen; and what is reported of each. */
export const FOREIGN_PARAMETERS: readonly (readonly [params: string[], more: Partial<ChatRequest>])[] = [
  [['tool_choice'], { toolChoice: { type: 'required' } }],
  [['tool_choice'], { tools: [weather], toolChoice: { type: 'raw', dialect: 'openai-chat', value: {} } }],
  [['logit_bias', 'store'], { extensions: { 'openai-chat': { logit_bias: {}, store: true, nothing: null } } }],
]
