/** Requests and answers in the canonical model, in few words. */
import type { ChatRequest, ChatResponse, Finish, Message, Part, ReplyContext } from '@sluice/core'

/** A request that no dialect wrote. */
export function requestOf(messages: Message[], more: Partial<ChatRequest> = {}): ChatRequest {
  return { operation: 'chat', model: 'alias', stream: false, messages, extensions: {}, ...more }
}

/** A message; a string stands for a part of text. */
export function says(role: Message['role'], ...parts: (string | Part)[]): Message {
  return { role, parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)) }
}

/** An answer that no dialect wrote, with one choice. */
export function responseOf(
  parts: Part[],
  finish: Finish = { unified: 'stop' },
  more: Partial<ChatResponse> = {},
): ChatResponse {
  return { operation: 'chat', choices: [{ index: 0, parts, finish }], extensions: {}, ...more }
}

/** What the gateway knows when it answers. */
export const reply: ReplyContext = { id: 'x1', model: 'asked-for', request: requestOf([]) }
