/**
 * Names of tools and ids of calls. Bedrock takes letters, digits, `_` and `-`, 64 at most; other dialects'
 * clients may use more (`files.read`, `functions.add:0`).
 */
import { invalidRequest } from '@sluice/core'
import { crc32 } from 'node:zlib'

const LIMIT = 64
const ALLOWED = /^[\w-]+$/
const ESCAPE = /_u([0-9a-f]{4})_/g

/**
 * The name with each character that Bedrock refuses written as its code: `files_u002e_read`.
 * @throws GatewayError `invalid_request` if that is too long, as it must come back unchanged from the model
 */
export function escapeToolName(name: string, at: string): string {
  const escaped = ALLOWED.test(name)
    ? name
    : name.replaceAll(/[^\w-]/g, (character) => `_u${character.charCodeAt(0).toString(16).padStart(4, '0')}_`)
  if (escaped.length > 0 && escaped.length <= LIMIT) return escaped
  throw invalidRequest(`The tool name in "${at}" must have 1 to ${LIMIT} characters for Bedrock: "${escaped}".`, at)
}

/** What `escapeToolName` made of a name, undone. */
export function unescapeToolName(name: string): string {
  return name.includes('_u') ? name.replaceAll(ESCAPE, unescapeCharacter) : name
}

function unescapeCharacter(escape: string, code: string): string {
  const character = String.fromCharCode(Number.parseInt(code, 16))
  return ALLOWED.test(character) ? escape : character // nothing that needed it
}

/** An id as Bedrock takes it. The same id always becomes the same; it is the client's only in the history it sends. */
export function toolUseId(id: string): string {
  const allowed = ALLOWED.test(id) ? id : id.replaceAll(/[^\w-]/g, '_') || '_'
  if (allowed.length <= LIMIT) return allowed
  const hash = crc32(id).toString(16).padStart(8, '0')
  return `${allowed.slice(0, LIMIT - hash.length - 1)}_${hash}`
}
