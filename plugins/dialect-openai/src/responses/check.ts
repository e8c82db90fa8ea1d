/** Checks a client's input items, so that the decoders need not: a wrong shape is refused and its field named. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { itemObject, optionalArray, optionalString, requiredString } from '@sluice/dialect-kit'
import { checkAudio, checkContent } from '../check-content.ts'

const ROLES = new Set(['system', 'developer', 'user', 'assistant'])

/** What an item is, as far as it matters; `other` goes to upstreams of this dialect as it is. */
export function kindOf({ type, role }: JsonObject): 'message' | 'call' | 'result' | 'reasoning' | 'other' {
  switch (type) {
    case 'message':
      return 'message'
    case 'function_call':
    case 'custom_tool_call':
      return 'call'
    case 'function_call_output':
    case 'custom_tool_call_output':
      return 'result'
    case 'reasoning':
      return 'reasoning'
    default:
      return (type ?? undefined) === undefined && role !== undefined ? 'message' : 'other'
  }
}

/** @param at path of the item with its dot, e.g. `input[2].` */
export function checkItem(item: JsonObject, at: string): void {
  optionalString(item, 'type', at)
  optionalString(item, 'id', at)
  switch (kindOf(item)) {
    case 'message': {
      const role = requiredString(item, 'role', at)
      if (!ROLES.has(role)) throw invalidRequest(`"${at}role" must be one of ${[...ROLES].join(', ')}.`, `${at}role`)
      return checkContent(item.content, `${at}content`, checkPart)
    }
    case 'call':
      requiredString(item, 'call_id', at)
      requiredString(item, 'name', at)
      if (item.type === 'custom_tool_call') requiredString(item, 'input', at)
      else optionalString(item, 'arguments', at)
      return
    case 'result':
      optionalString(item, 'call_id', at)
      optionalString(item, 'name', at)
      return checkContent(item.output, `${at}output`, checkPart)
    case 'reasoning':
      optionalString(item, 'encrypted_content', at)
      checkTexts(optionalArray(item, 'summary', at), `${at}summary`)
      return checkTexts(optionalArray(item, 'content', at), `${at}content`)
    case 'other':
  }
}

function checkTexts(list: readonly unknown[] = [], path: string): void {
  for (const [index, item] of list.entries())
    optionalString(itemObject(item, `${path}[${index}]`), 'text', `${path}[${index}].`)
}

function checkPart(part: JsonObject, at: string): void {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      requiredString(part, 'text', at)
      break
    case 'refusal':
      requiredString(part, 'refusal', at)
      break
    case 'input_image':
      for (const field of ['image_url', 'file_id', 'detail']) optionalString(part, field, at)
      break
    case 'input_file':
      for (const field of ['file_data', 'file_id', 'file_url', 'filename']) optionalString(part, field, at)
      break
    case 'input_audio':
      checkAudio(part, at)
  }
}
