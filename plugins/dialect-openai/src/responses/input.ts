/** A request's `input` and `instructions`, both directions. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, Message, Part, Role } from '@sluice/core'
import { foreignPart, itemObject, unmarkedParts } from '@sluice/dialect-kit'
import type { Drops } from '@sluice/dialect-kit'
import { TAKER } from '../unfit-media.ts'
import { keep, spellingOf } from '../kept.ts'
import { decodeResult, encodeCall, encodeResult, kindsOf } from './calls.ts'
import { checkItem, kindOf } from './check.ts'
import { encodeInput, isContent } from './content.ts'
import { DIALECT, extensions, keptIn } from './extensions.ts'
import { decodeItem } from './items.ts'
import { decodeMessage, ItemList, sideOf } from './message-item.ts'
import { encodeOwn } from './reasoning.ts'

const NO_FIELDS: ReadonlySet<string> = new Set()

export function decodeInstructions(text: string): Message {
  const kept = keep({}, NO_FIELDS, { place: 'instructions' })
  return { role: 'system', parts: [{ type: 'text', text }], ...extensions(kept) }
}

/** The text of `instructions`, or undefined if the message is not them or can no longer stand there. */
export function instructionsIn(message: Message): string | undefined {
  if (spellingOf(keptIn(message)).place !== 'instructions') return undefined
  let text = ''
  for (const part of message.parts) {
    if (part.type !== 'text') return undefined
    text += part.text
  }
  return text
}

/**
 * What the assistant said, thought and called is one message up to the next item of somebody else.
 * @throws GatewayError `invalid_request` on a wrong shape
 */
export function decodeInputItems(items: readonly unknown[]): Message[] {
  const messages: Message[] = []
  let turn: Part[] | undefined
  for (const [index, item] of items.entries()) {
    const wire = itemObject(item, `input[${index}]`)
    checkItem(wire, `input[${index}].`)
    const kind = kindOf(wire)
    const isElse = kind === 'message' && wire.role !== 'assistant'
    if (isElse) messages.push({ role: wire.role as Role, parts: decodeMessage(wire) })
    else if (kind === 'result') messages.push({ role: 'tool', parts: [decodeResult(wire)] })
    else {
      if (turn === undefined) messages.push({ role: 'assistant', parts: (turn = []) })
      turn.push(...(kind === 'message' ? decodeMessage(wire) : decodeItem(wire)))
      continue
    }
    turn = undefined
  }
  for (const message of messages) message.parts = unmarkedParts(message.parts, DIALECT)
  return messages.filter(({ parts }) => parts.length > 0)
}

/**
 * @param own whether the request came in this dialect: then its order is the client's business
 * @throws GatewayError `invalid_request` for a result of a call that nobody made
 */
export function encodeInputItems(messages: readonly Message[], own: boolean, drops: Drops): JsonObject[] {
  const list = new ItemList()
  const kinds = kindsOf(messages)
  for (const { role, parts, name, extensions } of messages) {
    drops.addForeign(extensions, 'messages.')
    if (name !== undefined) drops.add('messages.name', 'this API knows no names of participants')
    const speaker = role === 'tool' ? 'user' : role
    const head = (): JsonObject => ({ type: 'message', role: speaker })
    for (const part of parts) {
      if (part.type === 'tool-result') {
        const kind = kinds.get(part.callId)
        if (kind === undefined && !own)
          throw invalidRequest(`A tool result answers the call "${part.callId}", which no message makes.`, 'messages')
        list.add(encodeResult(part, kind ?? 'function', drops))
      } else if (isItem(part)) addItem(part, list, drops)
      else {
        const wire = encodeInput(part, sideOf(speaker), drops)
        if (wire !== undefined) list.addContent(part, wire, head)
      }
    }
    list.closeMessage()
  }
  return list.end()
}

type ItemPart = Extract<Part, { type: 'tool-call' | 'reasoning' | 'raw' }>

function isItem(part: Part): part is ItemPart {
  return part.type === 'tool-call' || part.type === 'reasoning' || (part.type === 'raw' && !isContent(part))
}

function addItem(part: ItemPart, list: ItemList, drops: Drops): void {
  drops.addForeign(part.extensions, 'messages.')
  switch (part.type) {
    case 'tool-call':
      return list.add(encodeCall(part))
    case 'reasoning': {
      const item = encodeOwn(part)
      if (item !== undefined) list.add(item)
      else if (part.text !== '') drops.add('messages.reasoning', 'OpenAI takes back only its own thoughts')
      return
    }
    case 'raw':
      if (part.dialect !== DIALECT) throw foreignPart(part, TAKER)
      return list.add(part.value)
  }
}
