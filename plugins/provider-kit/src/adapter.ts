/** Where an upstream strays from its dialect's own vendor, as data. */
import type { JsonObject, WireProvider } from '@sluice/core'

/** Applied to the JSON that is about to be sent: its top level, and that of its messages. */
export interface Quirks {
  /** Field in the body → its name at this upstream. */
  rename?: { readonly [field: string]: string }
  /** Fields that this upstream refuses; dropped and reported. */
  unsupported?: readonly string[]
  /** Fields of messages that this upstream refuses; dropped and reported. */
  unsupportedInMessages?: readonly string[]
  /** Message roles that this upstream calls otherwise, e.g. `developer` → `system`. */
  roles?: { readonly [role: string]: string }
}

/**
 * Where earlier thoughts of the assistant stand in messages. Some vendors want them back, which others
 * refuse as unknown.
 */
export const THOUGHT_FIELDS = ['reasoning', 'reasoning_content', 'reasoning_details'] as const

type Drop = Parameters<NonNullable<WireProvider['adapt']>>[1]

/** A body that no quirk touches comes back as the same object. */
export function adapter(quirks: Quirks): (body: JsonObject, drop: Drop) => JsonObject {
  const { rename = {}, unsupported = [], unsupportedInMessages = [], roles = {} } = quirks
  const renamed = Object.entries(rename)
  const roleNames = new Map<unknown, string>(Object.entries(roles))
  const isStrange = (message: unknown): message is JsonObject =>
    typeof message === 'object' &&
    message !== null &&
    (roleNames.has((message as JsonObject)['role']) || unsupportedInMessages.some((field) => field in message))
  const adaptMessage = (message: JsonObject, drop: Drop): JsonObject => {
    const adapted = { ...message, role: roleNames.get(message['role']) ?? message['role'] }
    return without(adapted, unsupportedInMessages, 'messages.', drop)
  }
  return (body, drop) => {
    const strange = Array.isArray(body['messages']) && body['messages'].some(isStrange)
    if (!strange && !renamed.some(([field]) => field in body) && !unsupported.some((field) => field in body))
      return body
    const adapted = { ...body }
    for (const [field, name] of renamed) {
      if (!(field in adapted)) continue
      adapted[name] = adapted[field]
      delete adapted[field]
    }
    if (strange) {
      const messages = adapted['messages'] as unknown[]
      adapted['messages'] = messages.map((message) => (isStrange(message) ? adaptMessage(message, drop) : message))
    }
    return without(adapted, unsupported, '', drop)
  }
}

/** `object`, changed in place. A null says nothing, so that its loss is not reported. */
function without(object: JsonObject, fields: readonly string[], prefix: string, drop: Drop): JsonObject {
  for (const field of fields) {
    if (!(field in object)) continue
    if (object[field] !== null) drop(prefix + field, 'the provider does not know it')
    delete object[field]
  }
  return object
}
