/** What a conversation or an answer says in any dialect's terms, for comparing before and after a translation. */
import type { ChatRequest, ChatResponse, Part, StreamPart } from '../model.ts'
import { tryParse } from './json.ts'

/** Texts, images, tool calls and tool results, in order. Thoughts and raw parts are left out: not every dialect has them. */
export function gistOfRequest({ messages }: ChatRequest): string[] {
  return messages.flatMap(({ parts }) => parts.flatMap(gistOfPart))
}

/** The same of each choice, and how it finished. */
export function gistOfResponse({ choices }: ChatResponse): string[] {
  return choices.flatMap(({ index, parts, finish }) => [
    ...parts.flatMap(gistOfPart),
    `choice ${index}: ${finish.unified}`,
  ])
}

/** The same of a streamed answer with one choice. What came in pieces is put together. */
export function gistOfStream(parts: readonly StreamPart[]): string[] {
  const blocks = new Map<number, Part & { type: 'text' | 'tool-call' }>()
  let finish = 'never'
  for (const part of parts) {
    if (part.type === 'finish') finish = part.finish.unified
    if (!('block' in part)) continue
    const block = blocks.get(part.block)
    if (part.type === 'tool-call-start') blocks.set(part.block, { ...part, type: 'tool-call', arguments: '' })
    else if (part.type === 'tool-call-delta' && block?.type === 'tool-call') block.arguments += part.arguments
    else if (part.type === 'text-delta' && block?.type === 'text') block.text += part.text
    else if (part.type === 'text-delta') blocks.set(part.block, { type: 'text', text: part.text })
  }
  return [...Array.from(blocks.values(), gistOfPart).flat(), `choice 0: ${finish}`]
}

function gistOfPart(part: Part): string[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [`text ${part.text}`]
    case 'tool-call':
      return [`call ${part.id} ${part.name} ${JSON.stringify(tryParse(part.arguments || '{}') ?? part.arguments)}`]
    case 'tool-result':
      return [`result ${part.callId}`, ...part.content.flatMap(gistOfPart)]
    case 'image':
      return [`image ${JSON.stringify(part.source)}`]
    default:
      return []
  }
}
