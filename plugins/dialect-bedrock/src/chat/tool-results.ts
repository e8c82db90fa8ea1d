/** Results of tools in both directions. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, Part, ToolResultPart } from '@sluice/core'
import { itemObject, optionalArray, optionalString, requiredString, tryParse } from '@sluice/dialect-kit'
import { extended, kept, leftovers, spellingOf } from '../extensions.ts'
import { decodeBlock, encodeBlock } from './blocks.ts'

const FIELDS = new Set(['toolUseId', 'content', 'status'])
const STATUSES: ReadonlyMap<string, boolean> = new Map([
  ['success', false],
  ['error', true],
])

/** Undefined for the result of a tool that ran at the provider. @param at path of `result` */
export function decodeToolResult(result: JsonObject, at: string): ToolResultPart | undefined {
  if (result.type !== undefined && result.type !== null) return undefined
  const status = optionalString(result, 'status', `${at}.`)
  const isError = status === undefined ? undefined : STATUSES.get(status)
  const rest = leftovers(result, FIELDS)
  const content = optionalArray(result, 'content', `${at}.`)
  const own = status !== undefined && isError === undefined ? { ...rest, status } : rest
  return {
    type: 'tool-result',
    callId: requiredString(result, 'toolUseId', `${at}.`),
    content: content?.map((item, index) => decodeContent(item, `${at}.content[${index}]`)) ?? [],
    ...(isError !== undefined && { isError }),
    ...extended(own, content === undefined ? NO_CONTENT : undefined),
  }
}

const NO_CONTENT: JsonObject = { content: 'none' }
const JSON_VALUE: JsonObject = { json: true }

function decodeContent(item: unknown, at: string): Part {
  const block = itemObject(item, at)
  if (!('json' in block) || Object.keys(block).length > 1) return decodeBlock(block, at)
  return { type: 'text', text: JSON.stringify(block.json), ...extended(undefined, JSON_VALUE) }
}

export function encodeToolResult(part: ToolResultPart, at: string): JsonObject {
  const result: JsonObject = { ...kept(part), toolUseId: part.callId }
  const content = part.content.map((item, index) => encodeContent(item, `${at}.content[${index}]`))
  if (spellingOf(part).content === undefined) result.content = content
  if (part.isError !== undefined) result.status = part.isError ? 'error' : 'success'
  return { toolResult: result }
}

function encodeContent(part: Part, at: string): JsonObject {
  switch (part.type) {
    case 'text': {
      const json = spellingOf(part).json === undefined ? undefined : tryParse(part.text)
      return json === undefined ? { text: part.text } : { json }
    }
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      throw invalidRequest(`"${at}" is a part of type "${part.type}", which has no place in a tool's result.`, at)
    default:
      return encodeBlock(part, at)
  }
}
