import { GatewayError } from '@sluice/core'
import type { ChatResponse, JsonObject, Part, TextPart } from '@sluice/core'
import { defined, isObject, listOf, objectOf, textOf, unknownFields } from '@sluice/dialect-kit'
import { decodeErrorEvent } from '../errors.ts'
import { extended, leftovers, NAME } from '../extensions.ts'
import { decodeCitation } from './citations.ts'
import { decodeFinish } from './finish.ts'
import { decodeUsage } from './usage.ts'

const FIELDS = new Set(['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage'])

/** A whole answer. @throws GatewayError `upstream_error` if it is none, and the error that it is, if it is one */
export function decodeResponse(body: JsonObject): ChatResponse {
  if (body.type === 'error') throw decodeErrorEvent(body)
  if (body.type !== 'message' && !Array.isArray(body.content)) {
    throw new GatewayError('upstream_error', 'The upstream sent a reply that is not a message.')
  }
  const usage = objectOf(body.usage)
  return defined<ChatResponse>({
    operation: 'chat',
    id: textOf(body.id),
    model: textOf(body.model),
    choices: [{ index: 0, parts: listOf(body.content).filter(isObject).map(decodeBlock), finish: decodeFinish(body) }],
    usage: usage && decodeUsage(usage),
    extensions: unknownFields(body, FIELDS, NAME) ?? { [NAME]: {} },
  })
}

const TEXT_FIELDS = new Set(['type', 'text', 'citations'])
const THINKING_FIELDS = new Set(['type', 'thinking', 'signature'])
const REDACTED_FIELDS = new Set(['type', 'data'])
const TOOL_FIELDS = new Set(['type', 'id', 'name', 'input'])

function decodeBlock(block: JsonObject): Part {
  switch (block.type) {
    case 'text':
      return { ...decodeText(block), ...extended(leftovers(block, TEXT_FIELDS)) }
    case 'thinking': {
      const signature = textOf(block.signature)
      const more = extended(leftovers(block, THINKING_FIELDS))
      const proof = signature && { signature, origin: NAME }
      return { type: 'reasoning', text: textOf(block.thinking) ?? '', ...proof, ...more }
    }
    case 'redacted_thinking':
      return {
        type: 'reasoning',
        text: '',
        redacted: textOf(block.data) ?? '',
        origin: NAME,
        ...extended(leftovers(block, REDACTED_FIELDS)),
      }
    case 'tool_use': {
      const [id, name] = [textOf(block.id) ?? '', textOf(block.name) ?? '']
      const more = extended(leftovers(block, TOOL_FIELDS))
      return { type: 'tool-call', id, name, arguments: JSON.stringify(block.input ?? {}), ...more }
    }
    default:
      return { type: 'raw', dialect: NAME, value: block }
  }
}

function decodeText({ text, citations }: JsonObject): TextPart {
  const part: TextPart = { type: 'text', text: textOf(text) ?? '' }
  if (Array.isArray(citations)) part.citations = citations.filter(isObject).map(decodeCitation)
  return part
}
