/** Query strings, typed by their schema. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, TObject } from '@sluice/core'

/** What a schema says about the type of a parameter. */
type Shape = { type?: string | string[]; items?: Shape }

/** Where a gateway key may stand; it is no parameter then. */
const CREDENTIAL = 'key'

/**
 * The parameters; numbers and booleans are made of their texts where that is what they are, and left as texts
 * where not, for the check to find. Lists are given by comma, by repetition, or both.
 * @throws GatewayError `invalid_request` if what is no list is given twice
 */
export function readQuery({ properties }: TObject, search: string): JsonObject {
  const shapes = new Map(Object.entries<Shape>(properties))
  const params = new URLSearchParams(search)
  const found = new Map<string, unknown>()
  for (const name of new Set(params.keys())) {
    const shape = shapes.get(name)
    if (name === CREDENTIAL && !shape) continue
    const texts = params.getAll(name)
    if (shape?.type === 'array') {
      const items = texts.flatMap((text) => text.split(','))
      found.set(
        name,
        items.map((text) => typed(text.trim(), shape.items)),
      )
    } else if (texts.length > 1) throw invalidRequest(`"${name}" is given twice.`, name)
    else found.set(name, typed(texts[0]!, shape))
  }
  return Object.fromEntries(found)
}

function typed(text: string, shape: Shape | undefined): unknown {
  switch (shape?.type) {
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : text
    default:
      return text
  }
}
