/** Media that these APIs do not take are refused: leaving them out would change the question. */
import { invalidRequest } from '@sluice/core'
import type { GatewayError, MediaPart, Part } from '@sluice/core'

/** How messages call whoever speaks one of OpenAI's dialects. */
export const TAKER = 'this API'

const SOURCES: { readonly [kind in MediaPart['source']['kind']]: string } = {
  url: 'an address',
  base64: 'bytes',
  text: 'a text',
  file: 'the id of a stored file',
}

/** For media in a form, or in a place, that this API does not take. */
export function unfitMedia({ type, source }: MediaPart, role: string): GatewayError {
  return invalidRequest(
    `A message of role "${role}" holds a part of type "${type}" given as ${SOURCES[source.kind]}, which ${TAKER} does not take there.`,
    'messages',
  )
}

/** Whether a part holds something to see or hear, or a file. */
export function isMedia(part: Part): part is MediaPart {
  return 'source' in part
}
