/** Checks a client's messages, so that the decoders need not: a wrong shape is refused and its field named. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import {
  isObject,
  itemObject,
  optionalArray,
  optionalObject,
  optionalString,
  requiredObject,
  requiredString,
} from '@sluice/dialect-kit'
import { checkAudio, checkContent } from '../check-content.ts'

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function'])

/** @param at path of the message with its dot, e.g. `messages[2].` */
export function checkMessage(message: JsonObject, at: string): void {
  const role = requiredString(message, 'role', at)
  if (!ROLES.has(role)) throw invalidRequest(`"${at}role" must be one of ${[...ROLES].join(', ')}.`, `${at}role`)
  optionalString(message, 'name', at)
  checkContent(message.content ?? '', `${at}content`, checkPart)
  if (role === 'tool') requiredString(message, 'tool_call_id', at)
  if (role === 'assistant') checkAnswer(message, at)
}

function checkPart(part: JsonObject, at: string): void {
  switch (part.type) {
    case 'text':
      requiredString(part, 'text', at)
      break
    case 'refusal':
      requiredString(part, 'refusal', at)
      break
    case 'image_url':
      if (typeof part.image_url !== 'string') checkUrl(requiredObject(part, 'image_url', at), `${at}image_url.`)
      break
    case 'video_url':
      checkUrl(requiredObject(part, 'video_url', at), `${at}video_url.`)
      break
    case 'input_audio':
      checkAudio(part, at)
      break
    case 'file': {
      const file = requiredObject(part, 'file', at)
      for (const field of ['file_data', 'file_id', 'filename']) optionalString(file, field, `${at}file.`)
    }
  }
}

function checkUrl(image: JsonObject, at: string): void {
  requiredString(image, 'url', at)
  optionalString(image, 'detail', at)
}

function checkAnswer(message: JsonObject, at: string): void {
  optionalString(message, 'refusal', at)
  optionalObject(message, 'audio', at)
  for (const [index, item] of (optionalArray(message, 'tool_calls', at) ?? []).entries()) {
    const path = `${at}tool_calls[${index}]`
    const call = itemObject(item, path)
    requiredString(call, 'id', `${path}.`)
    if (isObject(call.function)) {
      requiredString(call.function, 'name', `${path}.function.`)
      optionalString(call.function, 'arguments', `${path}.function.`)
    } else if (isObject(call.custom)) {
      requiredString(call.custom, 'name', `${path}.custom.`)
      requiredString(call.custom, 'input', `${path}.custom.`)
    } else if ((call.type ?? 'function') === 'function') requiredObject(call, 'function', `${path}.`)
  }
}
