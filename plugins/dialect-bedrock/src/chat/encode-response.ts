import type { ChatResponse, Choice, JsonObject, Part, ToolCallPart } from '@sluice/core'
import { callProof, isObject, markedThought, tryParse } from '@sluice/dialect-kit'
import { FAMILY, kept, NAME } from '../extensions.ts'
import { encodeText, encodeThought, encodeToolUse } from './blocks.ts'
import { encodeFinish } from './finish.ts'
import { encodeUsage, NO_METRICS } from './usage.ts'

/** A whole answer. Bedrock's have one choice; further ones are left out. */
export function encodeResponse(response: ChatResponse): JsonObject {
  const own = kept(response)
  const choice = response.choices[0] ?? NO_CHOICE
  const { parts, finish } = choice
  const held = {
    toolCall: parts.some((part) => part.type === 'tool-call'),
    refusal: parts.some((part) => part.type === 'refusal'),
  }
  const { output, ...others } = own ?? NO_METRICS
  const message = { ...kept(choice), role: 'assistant', content: parts.flatMap(encodePart) }
  return {
    ...others,
    output: { ...(isObject(output) && output), message },
    stopReason: encodeFinish(finish, held, own !== undefined),
    usage: encodeUsage(response.usage, own !== undefined),
  }
}

const NO_CHOICE: Choice = { index: 0, parts: [], finish: { unified: 'other' } }

function encodePart(part: Part): JsonObject | JsonObject[] {
  switch (part.type) {
    case 'text':
      return encodeText(part)
    case 'refusal':
      return { text: part.text }
    case 'reasoning':
      return encodeThought(markedThought(part, FAMILY))
    case 'tool-call':
      return toolBlocks(part)
    case 'raw':
      return part.dialect === NAME ? part.value : []
    case 'audio':
      return part.transcript === undefined ? [] : { text: part.transcript }
    default:
      // Models answer in text; what else a provider sends, Bedrock's clients do not expect.
      return []
  }
}

/** A call has no place for a signature. */
function toolBlocks(part: ToolCallPart): JsonObject[] {
  const proof = callProof(part, FAMILY)
  const block = encodeToolUse(part, inputOrText(part.arguments))
  return proof === undefined ? [block] : [{ reasoningContent: { redactedContent: proof } }, block]
}

/** Answers cannot be refused, and texts that are not JSON are values of it, too. */
function inputOrText(text: string): unknown {
  if (text.trim() === '') return {}
  return tryParse(text) ?? (text.trim() === 'null' ? {} : text)
}
