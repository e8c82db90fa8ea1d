/**
 * Documents to ground an answer in, which are files of text in the canonical model. Cohere takes them
 * beside the conversation, and as results of tools.
 */
import { invalidRequest } from '@sluice/core'
import type { FilePart, JsonObject } from '@sluice/core'
import { isObject } from '@sluice/dialect-kit'
import { extended, spellingOf } from '../extensions.ts'

/** What a document says, as other dialects can carry it. */
interface Words {
  text: string
  name?: string
}

/** @param at path of the document */
export function checkDocument(document: unknown, at: string): void {
  if (typeof document === 'string') return
  if (!isObject(document)) throw invalidRequest(`"${at}" must be a text or an object.`, at)
  if (!isObject(document.data) && typeof document.data !== 'string')
    throw invalidRequest(`"${at}.data" must be an object.`, `${at}.data`)
}

/** The document itself is kept: its fields, and their order, are the client's own. */
export function decodeDocument(document: unknown): FilePart {
  const { text, ...name } = wordsOf(document)
  return { type: 'file', source: { kind: 'text', text }, ...name, ...extended({}, { document }) }
}

/** @returns undefined if the part is no text */
export function encodeDocument(part: FilePart): string | JsonObject | undefined {
  const text = textOfFile(part)
  if (text === undefined) return undefined
  const was = spellingOf(part).document
  if (was !== undefined) {
    const words = wordsOf(was)
    if (words.text === text && words.name === part.name) return was as string | JsonObject
  }
  return { data: part.name === undefined ? { text } : { title: part.name, text } }
}

/** Text, or JSON, that stands in the part itself; undefined for anything else. */
export function textOfFile({ source }: FilePart): string | undefined {
  if (source.kind === 'text') return source.text
  if (source.kind !== 'base64' || !/^(?:text\/|application\/json\b)/.test(source.mediaType)) return undefined
  return Buffer.from(source.data, 'base64').toString()
}

function wordsOf(document: unknown): Words {
  if (typeof document === 'string') return { text: document }
  const data = isObject(document) ? document.data : undefined
  if (!isObject(data)) return { text: typeof data === 'string' ? data : '' }
  const { title, ...fields } = data
  return typeof title === 'string' ? { text: fieldsInWords(fields), name: title } : { text: fieldsInWords(data) }
}

/** A single field is the text; several are told by their names, as Cohere tells them to its models. */
export function fieldsInWords(fields: JsonObject): string {
  const entries = Object.entries(fields)
  const [first] = entries
  if (entries.length === 1 && typeof first?.[1] === 'string') return first[1]
  return entries.map(([name, value]) => `${name}: ${inWords(value)}`).join('\n')
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
