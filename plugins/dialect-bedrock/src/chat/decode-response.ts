import { GatewayError } from '@sluice/core'
import type { ChatResponse, JsonObject, Part } from '@sluice/core'
import { defined, isObject, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { decodeError } from '../errors.ts'
import { extended, FAMILY, leftovers, NAME } from '../extensions.ts'
import { decodeCitedText } from './citations.ts'
import { decodeFinish } from './finish.ts'
import { unescapeToolName } from './tool-names.ts'
import { decodeUsage } from './usage.ts'

const FIELDS = new Set(['output', 'stopReason', 'usage'])
const OUTPUT_FIELDS = new Set(['message'])
const MESSAGE_FIELDS = new Set(['role', 'content'])

/** A whole answer. @throws GatewayError `upstream_error` if it is none, and the error that it is, if it is one */
export function decodeResponse(body: JsonObject): ChatResponse {
  const output = objectOf(body.output)
  const message = objectOf(output?.message)
  if (message === undefined) {
    if (body.error !== undefined || body.__type !== undefined) throw decodeError(500, {}, body)
    throw new GatewayError('upstream_error', 'The upstream sent a reply without a message.')
  }
  const usage = objectOf(body.usage)
  return defined<ChatResponse>({
    operation: 'chat',
    choices: [
      {
        index: 0,
        parts: listOf(message.content).filter(isObject).map(decodeBlock),
        finish: decodeFinish(body),
        ...extended(leftovers(message, MESSAGE_FIELDS)),
      },
    ],
    usage: usage && decodeUsage(usage),
    ...extended({ ...leftovers(body, FIELDS), ...defined<JsonObject>({ output: leftovers(output!, OUTPUT_FIELDS) }) }),
  })
}

const TOOL_USE_FIELDS = new Set(['toolUseId', 'name', 'input'])
const REASONING_TEXT_FIELDS = new Set(['text', 'signature'])

/** Lenient: what has the wrong type is absent. Kinds that only Bedrock knows stay as they are. */
function decodeBlock(block: JsonObject): Part {
  const fields = Object.entries(block)
  const [kind, value] = fields.length === 1 ? fields[0]! : []
  if (kind === 'text') return { type: 'text', text: textOf(value) ?? '' }
  const part = isObject(value) ? decodeKind(kind, value) : undefined
  return part ?? { type: 'raw', dialect: NAME, value: block }
}

function decodeKind(kind: string | undefined, value: JsonObject): Part | undefined {
  switch (kind) {
    case 'toolUse':
      // With a type, it is a call of a tool that runs at the provider.
      if (value.type !== undefined) return undefined
      return {
        type: 'tool-call',
        id: textOf(value.toolUseId) ?? '',
        name: unescapeToolName(textOf(value.name) ?? ''),
        arguments: JSON.stringify(value.input ?? {}),
        ...extended(leftovers(value, TOOL_USE_FIELDS)),
      }
    case 'reasoningContent':
      return decodeReasoning(value)
    case 'citationsContent':
      return decodeCitedText(value)
    default:
      return undefined
  }
}

function decodeReasoning({ reasoningText, redactedContent }: JsonObject): Part | undefined {
  if (typeof redactedContent === 'string')
    return { type: 'reasoning', text: '', redacted: redactedContent, origin: FAMILY }
  if (!isObject(reasoningText)) return undefined
  const signature = textOf(reasoningText.signature)
  return {
    type: 'reasoning',
    text: textOf(reasoningText.text) ?? '',
    ...(signature !== undefined && { signature, origin: FAMILY }),
    ...extended(leftovers(reasoningText, REASONING_TEXT_FIELDS)),
  }
}
