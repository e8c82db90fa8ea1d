/** Checks a client's messages, so that the decoders need not: a wrong shape is refused and its field named. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { itemObject, optionalArray, optionalString, requiredObject, requiredString } from '@sluice/dialect-kit'
import { checkDocument } from './documents.ts'

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool'])

/** @param at path of the message with its dot, e.g. `messages[2].` */
export function checkMessage(message: JsonObject, at: string): void {
  const role = requiredString(message, 'role', at)
  if (!ROLES.has(role)) throw invalidRequest(`"${at}role" must be one of ${[...ROLES].join(', ')}.`, `${at}role`)
  checkContent(message.content ?? '', `${at}content`)
  if (role === 'tool') requiredString(message, 'tool_call_id', at)
  if (role !== 'assistant') return
  optionalString(message, 'tool_plan', at)
  for (const [index, item] of (optionalArray(message, 'citations', at) ?? []).entries())
    itemObject(item, `${at}citations[${index}]`)
  for (const [index, item] of (optionalArray(message, 'tool_calls', at) ?? []).entries())
    checkCall(itemObject(item, `${at}tool_calls[${index}]`), `${at}tool_calls[${index}].`)
}

function checkCall(call: JsonObject, at: string): void {
  requiredString(call, 'id', at)
  const called = requiredObject(call, 'function', at)
  requiredString(called, 'name', `${at}function.`)
  optionalString(called, 'arguments', `${at}function.`)
}

/** @param path of the content */
export function checkContent(content: unknown, path: string): void {
  if (typeof content === 'string') return
  if (!Array.isArray(content)) throw invalidRequest(`"${path}" must be a text or an array of content items.`, path)
  for (const [index, item] of content.entries()) checkItem(itemObject(item, `${path}[${index}]`), `${path}[${index}].`)
}

function checkItem(item: JsonObject, at: string): void {
  switch (requiredString(item, 'type', at)) {
    case 'text':
      requiredString(item, 'text', at)
      break
    case 'thinking':
      requiredString(item, 'thinking', at)
      break
    case 'image_url': {
      const image = requiredObject(item, 'image_url', at)
      requiredString(image, 'url', `${at}image_url.`)
      optionalString(image, 'detail', `${at}image_url.`)
      break
    }
    case 'document':
      checkDocument(requiredObject(item, 'document', at), `${at}document`)
  }
}
