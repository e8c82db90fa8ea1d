/** Brings a conversation of another dialect into the order this API demands. */
import { invalidRequest } from '@sluice/core'
import type { Message, Part, ToolResultPart } from '@sluice/core'

/** Stands for a result that has no text of its own. */
const SHOWN_BELOW: Part = { type: 'text', text: 'The result is in the next message of the user.' }

/**
 * Tool results follow the assistant's message that made the calls, whatever message they came in. Their
 * images and files, which a tool's message cannot hold, come in a message of the user after them.
 * @throws GatewayError `invalid_request` for a result of a call that nobody made
 */
export function arrange(messages: readonly Message[]): readonly Message[] {
  const waiting = new Map<string, ToolResultPart[]>()
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.type !== 'tool-result') continue
      const results = waiting.get(part.callId)
      if (results) results.push(part)
      else waiting.set(part.callId, [part])
    }
  }
  if (waiting.size === 0) return messages

  const arranged: Message[] = []
  for (const message of messages) {
    const said = message.parts.filter(({ type }) => type !== 'tool-result')
    if (said.length === message.parts.length) arranged.push(message)
    else if (said.length > 0) arranged.push({ ...message, parts: said })
    if (message.role === 'assistant') arranged.push(...answers(message, waiting))
  }
  for (const [id, results] of waiting) {
    if (results.length > 0)
      throw invalidRequest(`A tool result answers the call "${id}", which no message makes.`, 'messages')
  }
  return arranged
}

/** What follows an assistant's message: the result of each of its calls. Takes them from `waiting`. */
function answers({ parts }: Message, waiting: Map<string, ToolResultPart[]>): Message[] {
  const results: ToolResultPart[] = []
  const shown: Part[] = []
  for (const part of parts) {
    const result = part.type === 'tool-call' ? waiting.get(part.id)?.shift() : undefined
    if (result === undefined) continue
    const texts = result.content.filter(isText)
    shown.push(...result.content.filter((item) => !isText(item)))
    results.push(
      texts.length === result.content.length
        ? result
        : { ...result, content: texts.length > 0 ? texts : [SHOWN_BELOW] },
    )
  }
  if (results.length === 0) return []
  const answered: Message = { role: 'tool', parts: results }
  return shown.length === 0 ? [answered] : [answered, { role: 'user', parts: shown }]
}

/** Text files are written as text, too. */
function isText(part: Part): boolean {
  return part.type === 'text' || (part.type === 'file' && part.source.kind === 'text')
}
