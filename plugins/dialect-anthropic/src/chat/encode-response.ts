import type { ChatResponse, JsonObject, Part, ReplyContext, ToolCallPart } from '@sluice/core'
import { callProof, markedThought } from '@sluice/dialect-kit'
import { kept, NAME } from '../extensions.ts'
import { inputOrText, textBlock, thinkingBlock, toolUseBlock } from './blocks.ts'
import { encodeFinish } from './finish.ts'
import { encodeUsage } from './usage.ts'

/** A whole answer. Anthropic's have one choice; further ones are left out. */
export function encodeResponse(response: ChatResponse, context: ReplyContext): JsonObject {
  const own = kept(response)
  const { parts, finish } = response.choices[0] ?? { parts: [], finish: { unified: 'other' as const } }
  const held = {
    toolCall: parts.some((part) => part.type === 'tool-call'),
    refusal: parts.some((part) => part.type === 'refusal'),
  }
  return {
    ...own,
    id: response.id ?? `msg_${context.id}`,
    type: 'message',
    role: 'assistant',
    model: response.model ?? context.model,
    content: parts.flatMap(encodePart),
    ...encodeFinish(finish, held, own !== undefined),
    usage: encodeUsage(response.usage, own !== undefined),
  }
}

/** A call has no place for a signature. */
function toolBlocks(part: ToolCallPart): JsonObject[] {
  const proof = callProof(part, NAME)
  const block = toolUseBlock(part, inputOrText(part.arguments))
  return proof === undefined ? [block] : [{ type: 'redacted_thinking', data: proof }, block]
}

function encodePart(part: Part): JsonObject | JsonObject[] {
  switch (part.type) {
    case 'text':
      return textBlock(part)
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'reasoning':
      return thinkingBlock(markedThought(part, NAME))
    case 'tool-call':
      return toolBlocks(part)
    case 'raw':
      return part.dialect === NAME ? part.value : []
    case 'audio':
      return part.transcript === undefined ? [] : { type: 'text', text: part.transcript }
    default:
      // Claude answers in text; its clients have no place for images and files.
      return []
  }
}
