/** Content of requests in both directions: a text or a list of blocks, as canonical parts. */
import { invalidRequest } from '@sluice/core'
import type { CacheHint, Extensions, FilePart, ImagePart, JsonObject, Part, ToolResultPart } from '@sluice/core'
import {
  foreignPart,
  itemObject,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
} from '@sluice/dialect-kit'
import { extended, kept, leftovers, NAME, spellingOf } from '../extensions.ts'
import { extras, inputOf, textBlock, thinkingBlock, toolUseBlock } from './blocks.ts'
import { decodeCitation } from './citations.ts'
import { decodeSource, encodeSource } from './sources.ts'

/** The blocks that the model has words for, with their fields. */
const FIELDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['text', new Set(['type', 'text', 'citations'])],
  ['image', new Set(['type', 'source'])],
  ['document', new Set(['type', 'source', 'title'])],
  ['thinking', new Set(['type', 'thinking', 'signature'])],
  ['redacted_thinking', new Set(['type', 'data'])],
  ['tool_use', new Set(['type', 'id', 'name', 'input'])],
  ['tool_result', new Set(['type', 'tool_use_id', 'content', 'is_error'])],
])

/**
 * What a block or tool has beside the fields in `known`: its cache hint, and what the model has no word for.
 * @param at path of the block, with its dot
 */
export function decodeExtras(
  block: JsonObject,
  known: ReadonlySet<string>,
  at: string,
): { cache?: CacheHint; extensions?: Extensions } {
  const control = optionalObject(block, 'cache_control', at)
  const cache = control && cacheHint(control)
  const rest = leftovers(block, known)
  if (cache === undefined || rest === undefined) return extended(rest)
  const { cache_control: _, ...others } = rest
  return { cache, ...extended(Object.keys(others).length > 0 ? others : undefined) }
}

/** Undefined if it says more than a cache hint can. */
function cacheHint({ type, ttl, ...more }: JsonObject): CacheHint | undefined {
  if (type !== 'ephemeral' || Object.keys(more).length > 0) return undefined
  if (ttl === undefined) return {}
  return typeof ttl === 'string' ? { ttl } : undefined
}

function isPlainText(block: JsonObject): boolean {
  return block.type === 'text' && typeof block.text === 'string' && Object.keys(block).length === 2
}

/** Parts of a content, and how it was spelled, which goes to the extensions of whatever has the content. */
interface Content {
  parts: Part[]
  /** Set where it cannot be told from the parts: see `encodeContent`. */
  spelling: JsonObject | undefined
}

/** @param at path of `value` */
export function decodeContent(value: unknown, at: string): Content {
  if (typeof value === 'string') return { parts: [{ type: 'text', text: value }], spelling: undefined }
  if (!Array.isArray(value)) throw invalidRequest(`"${at}" must be a text or an array of content blocks.`, at)
  const blocks = value.map((block, index) => itemObject(block, `${at}[${index}]`))
  const parts = blocks.map((block, index) => decodePart(block, `${at}[${index}].`))
  const ambiguous = blocks.length === 0 || (blocks.length === 1 && isPlainText(blocks[0]!))
  return { parts, spelling: ambiguous ? LIST : undefined }
}

const LIST: JsonObject = { content: 'list' }

/** A lone plain text goes out as a text, unless `owner` had a list. */
export function encodeContent(
  parts: readonly Part[],
  at: string,
  owner: { extensions?: Extensions },
): string | JsonObject[] {
  const blocks = parts.flatMap<JsonObject>((part, index) => encodePart(part, `${at}[${index}]`))
  return spellingOf(owner).content === undefined ? compact(blocks) : blocks
}

/** The shorter of the two forms of a content. */
export function compact(blocks: JsonObject[]): string | JsonObject[] {
  const [first] = blocks
  return blocks.length === 1 && first !== undefined && isPlainText(first) ? (first.text as string) : blocks
}

function decodePart(block: JsonObject, at: string): Part {
  const type = requiredString(block, 'type', at)
  const known = FIELDS.get(type)
  if (known === undefined) return { type: 'raw', dialect: NAME, value: block }
  const more = decodeExtras(block, known, at)
  switch (type) {
    case 'text': {
      const citations = optionalArray(block, 'citations', at)?.map((item, index) =>
        decodeCitation(itemObject(item, `${at}citations[${index}]`)),
      )
      return { type, text: requiredString(block, 'text', at), ...(citations && { citations }), ...more }
    }
    case 'image':
    case 'document':
      return decodeMedia(block, at, more)
    case 'thinking': {
      const signature = optionalString(block, 'signature', at)
      return {
        type: 'reasoning',
        text: requiredString(block, 'thinking', at),
        ...(signature && { signature }),
        ...more,
      }
    }
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', redacted: requiredString(block, 'data', at), ...more }
    case 'tool_use':
      return {
        type: 'tool-call',
        id: requiredString(block, 'id', at),
        name: requiredString(block, 'name', at),
        arguments: JSON.stringify(requiredObject(block, 'input', at)),
        ...more,
      }
    default:
      return decodeToolResult(block, at, more)
  }
}

function decodeMedia(block: JsonObject, at: string, more: Pick<ImagePart, 'cache' | 'extensions'>): Part {
  const source = decodeSource(requiredObject(block, 'source', at), `${at}source.`)
  if (source === undefined) return { type: 'raw', dialect: NAME, value: block }
  if (block.type === 'image') return { type: 'image', source, ...more }
  const name = optionalString(block, 'title', at)
  return { type: 'file', source, ...(name !== undefined && { name }), ...more }
}

function decodeToolResult(
  block: JsonObject,
  at: string,
  more: Pick<ToolResultPart, 'cache' | 'extensions'>,
): ToolResultPart {
  const { parts, spelling } =
    block.content === undefined || block.content === null ? NO_CONTENT : decodeContent(block.content, `${at}content`)
  const isError = optionalBoolean(block, 'is_error', at)
  return {
    type: 'tool-result',
    callId: requiredString(block, 'tool_use_id', at),
    content: parts,
    ...(isError !== undefined && { isError }),
    ...more,
    ...(spelling && extended(kept(more), spelling)),
  }
}

const NO_CONTENT: Content = { parts: [], spelling: undefined }

function encodePart(part: Part, at: string): JsonObject | JsonObject[] {
  switch (part.type) {
    case 'text':
      return textBlock(part)
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'image':
    case 'file':
      return encodeMedia(part, at)
    case 'reasoning':
      return thinkingBlock(part)
    case 'tool-call': {
      const input = inputOf(part.arguments)
      if (input === undefined)
        throw invalidRequest(`The arguments of the tool call "${part.id}" in "${at}" are not a JSON object.`, at)
      return { ...toolUseBlock(part, input), id: toolId(part.id) }
    }
    case 'tool-result':
      return encodeToolResult(part, at)
    case 'raw':
      if (part.dialect === NAME) return part.value
      throw foreignPart(part, 'Claude', at)
    case 'audio':
    case 'video':
      throw invalidRequest(`"${at}" is ${part.type}, which Claude cannot take.`, at)
  }
}

function encodeMedia(part: ImagePart | FilePart, at: string): JsonObject {
  const source = part.source
  const isImage = part.type === 'image' || (source.kind === 'base64' && source.mediaType.startsWith('image/'))
  if (isImage) {
    if (source.kind === 'text') throw invalidRequest(`"${at}" is an image whose source is text.`, at)
    return { ...extras(part), type: 'image', source: encodeSource(source) }
  }
  const block: JsonObject = { ...extras(part), type: 'document', source: encodeSource(asDocument(source)) }
  if (part.name !== undefined) block.title = part.name
  return block
}

/** Documents in base64 are PDF; texts go as text. */
function asDocument(source: FilePart['source']): FilePart['source'] {
  if (source.kind !== 'base64' || !source.mediaType.startsWith('text/')) return source
  return { kind: 'text', text: Buffer.from(source.data, 'base64').toString() }
}

function encodeToolResult(part: ToolResultPart, at: string): JsonObject {
  const block: JsonObject = { ...extras(part), type: 'tool_result', tool_use_id: toolId(part.callId) }
  const content = encodeContent(part.content, `${at}.content`, part)
  if (part.content.length > 0 || spellingOf(part).content !== undefined) block.content = content
  if (part.isError !== undefined) block.is_error = part.isError
  return block
}

/**
 * A tool call's id as Anthropic takes it: other providers' ids may hold dots and colons
 * (`functions.add:0`), which it refuses. The same id always becomes the same.
 */
function toolId(id: string): string {
  return /^[\w-]+$/.test(id) ? id : id.replaceAll(/[^\w-]/g, '_')
}
