/** Brings a conversation of another dialect into the order that Cohere demands. */
import { invalidRequest } from '@sluice/core'
import type { Message, Part, ToolResultPart } from '@sluice/core'

/** Stands for a result that Cohere's messages of tools cannot hold. */
const SHOWN_BELOW: Part = { type: 'text', text: 'The result is in the next message of the user.' }

/**
 * Tool results follow the message that made the calls, whatever message they came in. Their images come
 * in a message of the user after them.
 * @throws GatewayError `invalid_request` for a result of a call that no message makes
 */
export function arrange(messages: readonly Message[]): Message[] {
  const waiting = resultsIn(messages)
  const arranged = messages.flatMap((message) => {
    const said = message.parts.filter((part) => part.type !== 'tool-result')
    const isKept = said.length > 0 || message.parts.length === 0
    return [...(isKept ? [{ ...message, parts: said }] : []), ...answersTo(message, waiting)]
  })
  for (const [id, results] of waiting)
    if (results.length > 0)
      throw invalidRequest(`A tool result answers the call "${id}", which no message makes.`, 'messages')
  return arranged
}

/** By the id of the call. */
function resultsIn(messages: readonly Message[]): Map<string, ToolResultPart[]> {
  const results = new Map<string, ToolResultPart[]>()
  for (const { parts } of messages)
    for (const part of parts) {
      if (part.type !== 'tool-result') continue
      const others = results.get(part.callId)
      if (others) others.push(part)
      else results.set(part.callId, [part])
    }
  return results
}

/** The result of each call that a message makes, taken from `waiting`. */
function answersTo(message: Message, waiting: Map<string, ToolResultPart[]>): Message[] {
  const results: ToolResultPart[] = []
  const images: Part[] = []
  for (const part of message.parts) {
    const result = part.type === 'tool-call' ? waiting.get(part.id)?.shift() : undefined
    if (result === undefined) continue
    const content = result.content.filter(({ type }) => type !== 'image')
    images.push(...result.content.filter(({ type }) => type === 'image'))
    results.push({ ...result, content: content.length > 0 || result.content.length === 0 ? content : [SHOWN_BELOW] })
  }
  if (results.length === 0) return []
  const answered: Message = { role: 'tool', parts: results }
  return images.length === 0 ? [answered] : [answered, { role: 'user', parts: images }]
}
