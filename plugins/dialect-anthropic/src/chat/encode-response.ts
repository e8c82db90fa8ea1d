import type { ChatResponse, JsonObject, Part, ReplyContext } from '@sluice/core'
import { kept, NAME } from '../extensions.ts'
import { inputOrText, textBlock, thinkingBlocks, toolUseBlock } from './blocks.ts'
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

function encodePart(part: Part): JsonObject | JsonObject[] {
  switch (part.type) {
    case 'text':
      return textBlock(part)
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'reasoning':
      return thinkingBlocks(part)
    case 'tool-call':
      return toolUseBlock(part, inputOrText(part.arguments))
    case 'raw':
      return part.dialect === NAME ? part.value : []
    case 'audio':
      return part.transcript === undefined ? [] : { type: 'text', text: part.transcript }
    default:
      // Claude answers in text; its clients have no place for images and files.
      return []
  }
}
