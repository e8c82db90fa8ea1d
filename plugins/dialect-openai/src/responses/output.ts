/** The parts of a whole answer → its `output`. */
import type { Choice, JsonObject, Part, ReasoningPart, ReplyContext, ToolCallPart } from '@sluice/core'
import { callProof, defined, textOf } from '@sluice/dialect-kit'
import { tokensOf } from '../logprobs.ts'
import { encodeCall } from './calls.ts'
import { encodePart, isContent } from './content.ts'
import { DIALECT, keptIn } from './extensions.ts'
import { itemId } from './ids.ts'
import { ItemList } from './message-item.ts'
import { encodeOwn, encryptedContent, summaryOf } from './reasoning.ts'

export function encodeOutput({ parts, logprobs, finish }: Choice, context: ReplyContext): JsonObject[] {
  const list = new ItemList()
  /** Items that did not come in this dialect, and have no id and status. */
  const made = new Set<JsonObject>()
  const make = (item: JsonObject): JsonObject => {
    made.add(item)
    return item
  }
  let tokens = tokensOf(logprobs)
  for (const part of parts) {
    switch (part.type) {
      case 'reasoning': {
        const item = reasoningItem(part, make)
        if (item !== undefined) list.add(item)
        break
      }
      case 'tool-call':
        for (const item of callItems(part, make)) list.add(item)
        break
      default: {
        if (part.type === 'raw' && !isContent(part)) {
          if (part.dialect === DIALECT && isItem(part.value)) list.add(part.value)
          break
        }
        const wire = contentOf(part, tokens)
        if (wire === undefined) break
        tokens = undefined
        list.addContent(part, wire, () => make({ type: 'message', role: 'assistant' }))
      }
    }
  }
  const items = list.end()
  const last = finish.unified === 'length' ? items.length - 1 : -1
  return items.map((item, index) =>
    made.has(item)
      ? { id: itemId(context, item, index), status: index === last ? 'incomplete' : 'completed', ...item }
      : item,
  )
}

type Make = (item: JsonObject) => JsonObject

function reasoningItem(part: ReasoningPart, make: Make): JsonObject | undefined {
  const own = encodeOwn(part)
  if (own !== undefined) return own
  if (part.text === '' && part.signature === undefined && part.redacted === undefined) return undefined
  return make({ type: 'reasoning', summary: summaryOf(part.text), encrypted_content: encryptedContent(part, '') })
}

/** A signature of the call goes in an item of its own before it: clients send such items back as they are. */
function callItems(part: ToolCallPart, make: Make): JsonObject[] {
  const item = encodeCall(part)
  if (keptIn(part) !== undefined) return [item]
  const proof = callProof(part, DIALECT)
  if (proof === undefined) return [make(item)]
  return [make({ type: 'reasoning', summary: [], encrypted_content: proof }), make(item)]
}

/** Of streams, events may stand among the parts that were collected; they are no items. */
export function isItem(value: JsonObject): boolean {
  return textOf(value.type)?.startsWith('response.') !== true
}

/** A text has all fields that SDKs' types promise, unless it came in this dialect. What was spoken is written. */
function contentOf(part: Part, logprobs: readonly unknown[] | undefined): JsonObject | undefined {
  if (part.type === 'audio')
    return part.transcript === undefined ? undefined : outputText({ text: part.transcript, logprobs })
  const wire =
    part.type === 'text' || part.type === 'refusal' || part.type === 'raw' ? encodePart(part, 'output') : undefined
  return part.type === 'text' && keptIn(part) === undefined ? outputText({ ...wire, logprobs }) : wire
}

/** `fields` in the whole form of a text. */
export function outputText(fields: JsonObject): JsonObject {
  return { type: 'output_text', annotations: [], text: '', ...defined(fields), logprobs: fields.logprobs ?? [] }
}
