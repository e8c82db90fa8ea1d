import type { ChatRequest, CountTokensRequest } from '@sluice/core'
import { defined } from './json.ts'

/**
 * The chat whose tokens are counted, for encoders of chats. Parameters that only say how to answer are left
 * out: no count depends on them, so that their loss is none and needs no report.
 */
export function countedChat(request: CountTokensRequest): ChatRequest {
  const { model, messages, tools, toolChoice, responseFormat, reasoning, extensions } = request
  return defined<ChatRequest>({
    operation: 'chat',
    model,
    stream: false,
    messages,
    tools,
    toolChoice,
    responseFormat,
    reasoning,
    extensions,
  })
}
