/** Brings a conversation into the order that APIs demand whose tool results are messages of their own. */
import { invalidRequest } from '@sluice/core'
import type { Message, Part, ToolResultPart } from '@sluice/core'

/** Stands for a result of which a tool's message can hold nothing. */
const SHOWN_BELOW: Part = { type: 'text', text: 'The result is in the next message of the user.' }

/**
 * Tool results follow the assistant's message that made the calls, whatever message they came in. What a
 * tool's message cannot hold of them comes in a message of the user after them.
 * @param fits whether a tool's message can hold a part
 * @throws GatewayError `invalid_request` for a result of a call that nobody made
 */
export function arrange(messages: readonly Message[], fits: (part: Part) => boolean): readonly Message[] {
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
    if (message.role === 'assistant') arranged.push(...answers(message, waiting, fits))
  }
  for (const [id, results] of waiting) {
    if (results.length > 0)
      throw invalidRequest(`A tool result answers the call "${id}", which no message makes.`, 'messages')
  }
  return arranged
}

/** What follows an assistant's message: the result of each of its calls. Takes them from `waiting`. */
function answers({ parts }: Message, waiting: Map<string, ToolResultPart[]>, fits: (part: Part) => boolean): Message[] {
  const results: ToolResultPart[] = []
  const shown: Part[] = []
  for (const part of parts) {
    const result = part.type === 'tool-call' ? waiting.get(part.id)?.shift() : undefined
    if (result === undefined) continue
    const held = result.content.filter(fits)
    shown.push(...result.content.filter((item) => !fits(item)))
    results.push(
      held.length === result.content.length ? result : { ...result, content: held.length > 0 ? held : [SHOWN_BELOW] },
    )
  }
  if (results.length === 0) return []
  const answered: Message = { role: 'tool', parts: results }
  return shown.length === 0 ? [answered] : [answered, { role: 'user', parts: shown }]
}
