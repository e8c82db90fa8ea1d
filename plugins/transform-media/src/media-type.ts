/** Whether what was fetched is what the request says it is. */
import type { MediaPart } from '@sluice/core'
import { Refusal } from './refusal.ts'

const KINDS: { readonly [type in MediaPart['type']]: RegExp } = {
  image: /^image\/./,
  audio: /^audio\/./,
  video: /^video\/./,
  file: /^(?:application|text|image|audio|video)\/./,
}
/** What servers say of files that they know nothing of. */
const UNKNOWN: ReadonlySet<string> = new Set(['', 'application/octet-stream', 'binary/octet-stream'])

/**
 * The media type of what was fetched for `part`: the server's word, or the client's if the server has none.
 * @param contentType header of the reply, '' if there was none
 * @throws Refusal if it is not of the part's kind
 */
export function mediaTypeOf(part: MediaPart, contentType: string): string {
  const told = bare(contentType)
  const declared = 'mediaType' in part.source ? part.source.mediaType : undefined
  const type = UNKNOWN.has(told) && declared !== undefined ? bare(declared) : told
  if (UNKNOWN.has(type)) throw new Refusal('its server does not say what type it is of')
  if (!KINDS[part.type].test(type)) throw new Refusal(`it is of the type "${type}", which is no ${part.type}`)
  return type
}

/** Without parameters. */
function bare(contentType: string): string {
  return contentType.split(';', 1)[0]!.trim().toLowerCase().slice(0, 100)
}
