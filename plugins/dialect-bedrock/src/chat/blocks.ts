/** Content blocks in both directions. A block is an object with one field, whose name is its kind. */
import { invalidRequest } from '@sluice/core'
import type { CacheHint, JsonObject, Part, ReasoningPart, TextPart, ToolCallPart } from '@sluice/core'
import {
  foreignPart,
  isObject,
  itemObject,
  optionalArray,
  optionalString,
  requiredObject,
  requiredString,
  tryParse,
} from '@sluice/dialect-kit'
import { extended, kept, leftovers, NAME } from '../extensions.ts'
import { decodeCitedText, encodeCitedText } from './citations.ts'
import { decodeMedia, encodeMedia } from './media.ts'
import { decodeToolResult, encodeToolResult } from './tool-results.ts'

const TOOL_USE_FIELDS = new Set(['toolUseId', 'name', 'input'])
const REASONING_TEXT_FIELDS = new Set(['text', 'signature'])

/** A list of blocks. A cache point becomes the hint of what stands before it. @param at path of `list` */
export function decodeBlocks(list: readonly unknown[], at: string): Part[] {
  const parts: Part[] = []
  for (const [index, item] of list.entries()) {
    const block = itemObject(item, `${at}[${index}]`)
    const hint = cacheHint(block)
    const last = parts.at(-1)
    if (hint !== undefined && last !== undefined && last.cache === undefined) last.cache = hint
    else parts.push(decodeBlock(block, `${at}[${index}]`))
  }
  return parts
}

/** The hint that a cache point is; undefined if the block is none, or says more. */
export function cacheHint(block: JsonObject): CacheHint | undefined {
  const point = block.cachePoint
  if (!isObject(point) || Object.keys(block).length > 1) return undefined
  const { type, ttl, ...more } = point
  if (type !== 'default' || Object.keys(more).length > 0) return undefined
  if (ttl === undefined) return 'ttl' in point ? undefined : {}
  return typeof ttl === 'string' ? { ttl } : undefined
}

export function cachePoint(hint: CacheHint): JsonObject {
  return { cachePoint: { type: 'default', ...hint } }
}

/** Strict, as it is a client's. Kinds that only Bedrock knows stay as they are. @param at path of `block` */
export function decodeBlock(block: JsonObject, at: string): Part {
  const [kind, ...others] = Object.keys(block)
  if (kind === undefined) throw invalidRequest(`"${at}" must be a content block.`, at)
  const part = others.length > 0 ? undefined : decodeKind(kind, block, at)
  return part ?? { type: 'raw', dialect: NAME, value: block }
}

function decodeKind(kind: string, block: JsonObject, at: string): Part | undefined {
  const inner = (): JsonObject => requiredObject(block, kind, `${at}.`)
  switch (kind) {
    case 'text':
      return { type: 'text', text: requiredString(block, kind, `${at}.`) }
    case 'image':
    case 'audio':
    case 'video':
    case 'document':
      return decodeMedia(kind, inner(), `${at}.${kind}.`)
    case 'toolUse':
      return decodeToolUse(inner(), `${at}.toolUse.`)
    case 'toolResult':
      return decodeToolResult(inner(), `${at}.toolResult`)
    case 'reasoningContent':
      return decodeReasoning(inner(), `${at}.reasoningContent.`)
    case 'citationsContent': {
      const cited = inner()
      optionalArray(cited, 'citations', `${at}.citationsContent.`)
      return decodeCitedText(cited)
    }
    case 'guardContent':
      return decodeGuarded(inner(), `${at}.guardContent.`)
    default:
      return undefined
  }
}

/** Undefined for a call of a tool that runs at the provider. */
function decodeToolUse(call: JsonObject, at: string): ToolCallPart | undefined {
  if (call.type !== undefined && call.type !== null) return undefined
  if (call.input === undefined) throw invalidRequest(`"${at}input" is missing.`, `${at}input`)
  return {
    type: 'tool-call',
    id: requiredString(call, 'toolUseId', at),
    name: requiredString(call, 'name', at),
    arguments: JSON.stringify(call.input),
    ...extended(leftovers(call, TOOL_USE_FIELDS)),
  }
}

function decodeReasoning(reasoning: JsonObject, at: string): Part | undefined {
  const [kind, ...others] = Object.keys(reasoning)
  if (others.length > 0) return undefined
  if (kind === 'redactedContent') return { type: 'reasoning', text: '', redacted: requiredString(reasoning, kind, at) }
  if (kind !== 'reasoningText') return undefined
  const thought = requiredObject(reasoning, kind, at)
  const signature = optionalString(thought, 'signature', `${at}${kind}.`)
  return {
    type: 'reasoning',
    text: requiredString(thought, 'text', `${at}${kind}.`),
    ...(signature !== undefined && { signature }),
    ...extended(leftovers(thought, REASONING_TEXT_FIELDS)),
  }
}

/** Text that a guardrail is to look at is text for all others. Undefined for images. */
function decodeGuarded(content: JsonObject, at: string): TextPart | undefined {
  if (!('text' in content) || Object.keys(content).length > 1) return undefined
  const { text: _, ...guardContent } = requiredObject(content, 'text', at)
  const text = requiredString(requiredObject(content, 'text', at), 'text', `${at}text.`)
  return { type: 'text', text, ...extended({ guardContent }) }
}

/** The blocks of `parts`, each with its cache point after it. @throws GatewayError `invalid_request` for what Bedrock cannot take */
export function encodeBlocks(parts: readonly Part[], at: string): JsonObject[] {
  return parts.flatMap<JsonObject>((part, index) => {
    const block = encodeBlock(part, `${at}[${index}]`)
    return part.cache === undefined ? block : [block, cachePoint(part.cache)]
  })
}

export function encodeBlock(part: Part, at: string): JsonObject {
  switch (part.type) {
    case 'text':
      return encodeText(part)
    case 'refusal':
      return { text: part.text }
    case 'reasoning':
      return encodeThought(part)
    case 'tool-call': {
      const input = tryParse(part.arguments)
      if (input === undefined)
        throw invalidRequest(`The arguments of the tool call "${part.id}" in "${at}" are not JSON.`, at)
      return encodeToolUse(part, input)
    }
    case 'tool-result':
      return encodeToolResult(part, at)
    case 'raw':
      if (part.dialect === NAME) return part.value
      throw foreignPart(part, 'Bedrock', at)
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      return encodeMedia(part, at)
  }
}

export function encodeText(part: TextPart): JsonObject {
  const { citations } = part
  if (citations !== undefined) return encodeCitedText({ ...part, citations })
  const guarded = kept(part)?.guardContent
  return isObject(guarded) ? { guardContent: { text: { ...guarded, text: part.text } } } : { text: part.text }
}

/** A thought is readable, or encrypted. */
export function encodeThought(part: ReasoningPart): JsonObject {
  const { text, signature, redacted } = part
  if (redacted !== undefined) return { reasoningContent: { redactedContent: redacted } }
  return { reasoningContent: { reasoningText: { ...kept(part), text, ...(signature !== undefined && { signature }) } } }
}

/** @param input the call's arguments, parsed */
export function encodeToolUse(part: ToolCallPart, input: unknown): JsonObject {
  return { toolUse: { ...kept(part), toolUseId: part.id, name: part.name, input } }
}
