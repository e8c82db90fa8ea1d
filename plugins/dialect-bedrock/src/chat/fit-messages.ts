/** Conversations of other dialects, without what Bedrock refuses in them. */
import { invalidRequest } from '@sluice/core'
import type { CacheHint, FilePart, Message, Part, ReasoningPart, ToolCallPart } from '@sluice/core'
import { isObject, tryParse } from '@sluice/dialect-kit'
import type { Family } from './families.ts'
import type { Drop } from './fit.ts'
import { kindOf } from './media.ts'
import { escapeToolName, toolUseId } from './tool-names.ts'

interface Fitting {
  family: Family
  drop: Drop
  /** Of the documents so far: no two may have the same. */
  names: Set<string>
}

/**
 * One message for each, in the same order. Reports what is left out.
 * @throws GatewayError `invalid_request` for a tool's result whose call is nowhere before it
 */
export function fitMessages(messages: readonly Message[], family: Family, drop: Drop): Message[] {
  const fitting: Fitting = { family, drop, names: new Set() }
  const calls = new Set<string>()
  return messages.map(({ role, name, parts }, index) => {
    const at = `messages[${index}]`
    for (const part of parts) {
      if (part.type === 'tool-call') calls.add(part.id)
      else if (part.type === 'tool-result' && !calls.has(part.callId)) throw unknownCall(part.callId, at)
    }
    if (name !== undefined) drop('messages.name', 'Bedrock knows no names of participants')
    const isSystem = role === 'system' || role === 'developer'
    return { role, parts: isSystem ? fitSystem(parts, at, fitting) : withWords(fitParts(parts, at, fitting)) }
  })
}

function unknownCall(id: string, at: string): Error {
  return invalidRequest(`"${at}" is the result of a tool call "${id}" that no message before it made.`, at)
}

function fitSystem(parts: readonly Part[], at: string, fitting: Fitting): Part[] {
  for (const { type } of parts) {
    if (type !== 'text' && type !== 'refusal' && type !== 'raw')
      throw invalidRequest(`System messages are text for Bedrock; "${at}" has a part of type "${type}".`, at)
  }
  return fitParts(parts, at, fitting)
}

function fitParts(parts: readonly Part[], at: string, fitting: Fitting): Part[] {
  return parts.flatMap((part) => {
    const { cache, extensions: _, ...rest } = part
    const fitted = fitPart(rest, at, fitting)
    const hint = cache && fitCache(cache, fitting)
    return fitted === undefined ? [] : hint ? { ...fitted, cache: hint } : fitted
  })
}

/** Undefined if nothing of it can go along. */
function fitPart(part: Part, at: string, fitting: Fitting): Part | undefined {
  const { drop, names } = fitting
  switch (part.type) {
    case 'text': {
      // Bedrock refuses texts of white space only, which say nothing.
      if (part.text.trim() === '') return undefined
      if (part.citations?.length) drop('messages.citations', 'Bedrock takes back only its own citations')
      return { type: 'text', text: part.text }
    }
    case 'refusal':
      return part.text.trim() === '' ? undefined : part
    case 'reasoning':
      return fitThought(part, drop)
    case 'image':
      if (part.detail !== undefined && part.detail !== 'auto')
        drop('messages.detail', 'Bedrock always looks at images in full')
      return part
    case 'file':
      return fitFile(part, names)
    case 'tool-call':
      return fitCall(part, at)
    case 'tool-result':
      return { ...part, callId: toolUseId(part.callId), content: fitParts(part.content, at, fitting).map(uncached) }
    default:
      return part
  }
}

/** A result is one block, with no place for cache points within. */
function uncached({ cache: _, ...part }: Part): Part {
  return part
}

const TTLS: ReadonlySet<string | undefined> = new Set(['5m', '1h'])

function fitCache({ ttl }: CacheHint, { family, drop }: Fitting): CacheHint | undefined {
  if (!family.caches) {
    drop('messages.cache_control', `${family.name} has no cache points`)
    return undefined
  }
  return TTLS.has(ttl) ? { ttl: ttl! } : {}
}

/** Only thinking that is signed, or encrypted, may go back. */
function fitThought({ text, signature, redacted }: ReasoningPart, drop: Drop): Part | undefined {
  if (signature) return { type: 'reasoning', text, signature }
  if (redacted !== undefined) return { type: 'reasoning', text, redacted }
  drop('messages.reasoning', 'models take back only thinking that they have signed')
  return undefined
}

function fitCall(part: ToolCallPart, at: string): ToolCallPart {
  const { id, name, arguments: text } = part
  // Some models write nothing or `null` where there are no arguments.
  const input = text.trim() === '' ? {} : (tryParse(text) ?? (text.trim() === 'null' ? {} : undefined))
  if (!isObject(input))
    throw invalidRequest(`The arguments of the tool call "${id}" in "${at}" are not a JSON object.`, at)
  return { type: 'tool-call', id: toolUseId(id), name: escapeToolName(name, at), arguments: JSON.stringify(input) }
}

/** A document must have a name of its own, of few kinds of characters; a text must say its format. */
function fitFile(part: FilePart, names: Set<string>): FilePart {
  if (kindOf(part) !== 'document') return part
  const { source, name } = part
  const stem =
    name
      ?.replace(/\.\w{1,5}$/, '')
      .replaceAll(/[^A-Za-z0-9()[\]-]+/g, ' ')
      .trim()
      .slice(0, 100) || 'document'
  let unique = stem
  for (let number = 2; names.has(unique); number++) unique = `${stem} ${number}`
  names.add(unique)
  const typed = source.kind === 'text' ? { ...source, mediaType: source.mediaType ?? 'text/plain' } : source
  return { type: 'file', source: typed, name: unique }
}

/** Where there is a document, Bedrock wants a text, too. */
function withWords(parts: Part[]): Part[] {
  const file = parts.find((part) => part.type === 'file' && kindOf(part) === 'document') as FilePart | undefined
  if (file === undefined || parts.some(({ type }) => type === 'text')) return parts
  return [...parts, { type: 'text', text: file.name ?? 'document' }]
}
