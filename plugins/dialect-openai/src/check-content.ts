import { invalidRequest } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { itemObject, requiredObject, requiredString } from '@sluice/dialect-kit'

/**
 * Refuses a `content` that is neither a text nor a list of parts with a type.
 * @param path of `content`
 * @param checkPart refuses a part of a known type with wrong fields; `at` is its path with its dot
 */
export function checkContent(content: unknown, path: string, checkPart: (part: JsonObject, at: string) => void): void {
  if (typeof content === 'string') return
  if (!Array.isArray(content)) throw invalidRequest(`"${path}" must be a string or an array of parts.`, path)
  for (const [index, item] of content.entries()) {
    const part = itemObject(item, `${path}[${index}]`)
    requiredString(part, 'type', `${path}[${index}].`)
    checkPart(part, `${path}[${index}].`)
  }
}

/** Refuses an `input_audio` without its two fields. */
export function checkAudio(part: JsonObject, at: string): void {
  const audio = requiredObject(part, 'input_audio', at)
  requiredString(audio, 'data', `${at}input_audio.`)
  requiredString(audio, 'format', `${at}input_audio.`)
}
