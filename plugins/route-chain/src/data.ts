/** What templates and conditions see of a run. */
import type { ChatRequest, Message } from '@sluice/core'

/** What a step came to. `items`: of a step that ran for each item of a list. */
export interface Output {
  text: string
  /** Of a step with a schema; of one that ran for a list, a list. */
  json?: unknown
  items?: readonly Output[]
}

export interface Data {
  /** Text of the client's last message. */
  readonly input: string
  readonly conversation: readonly { role: string; text: string }[]
  /** Of steps that are over and were not skipped. */
  readonly steps: { [name: string]: Output }
  readonly item?: unknown
  readonly index?: number
}

/** Names with which a path may begin. */
export const ROOTS: readonly string[] = ['input', 'conversation', 'steps', 'item', 'index']

export function dataOf({ messages }: ChatRequest): Data {
  const last = messages.findLast(({ role, parts }) => role === 'user' && parts.some(({ type }) => type === 'text'))
  return {
    input: last ? textOf(last) : '',
    conversation: messages.map((message) => ({ role: message.role, text: textOf(message) })),
    steps: {},
  }
}

function textOf({ parts }: Message): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')
}
