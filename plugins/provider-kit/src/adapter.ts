/** Where an upstream strays from its dialect's own vendor, as data. */
import type { JsonObject, WireProvider } from '@sluice/core'

/** Applied to the top level of the JSON that is about to be sent. */
export interface Quirks {
  /** Field in the body → its name at this upstream. */
  rename?: { readonly [field: string]: string }
  /** Fields that this upstream refuses; dropped and reported. */
  unsupported?: readonly string[]
  /** Message roles that this upstream calls otherwise, e.g. `developer` → `system`. */
  roles?: { readonly [role: string]: string }
}

/** A body that no quirk touches comes back as the same object. */
export function adapter({ rename = {}, unsupported = [], roles = {} }: Quirks): NonNullable<WireProvider['adapt']> {
  const renamed = Object.entries(rename)
  const isStrange = (message: unknown): message is JsonObject & { role: string } =>
    typeof message === 'object' && message !== null && String((message as JsonObject)['role']) in roles
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
    for (const field of unsupported) {
      if (!(field in adapted)) continue
      delete adapted[field]
      drop(field, 'the provider does not know it')
    }
    if (strange) {
      const messages = adapted['messages'] as unknown[]
      adapted['messages'] = messages.map((message) =>
        isStrange(message) ? { ...message, role: roles[message.role] } : message,
      )
    }
    return adapted
  }
}
