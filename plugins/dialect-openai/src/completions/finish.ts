import type { Finish } from '@sluice/core'
import { encodeFinish as encodeChatFinish } from '../chat/finish.ts'

/** OpenAI's word for an ending; there are no tools here. */
export function encodeFinish(finish: Finish): string {
  const reason = encodeChatFinish(finish, false)
  return reason === 'tool_calls' ? 'stop' : reason
}
