/** Schemas that several operations have in common, once each. */
import type { JsonObject } from '@sluice/core'

type Content = { 'application/json'?: { schema?: Schema } }
type Schema = { $ref?: string; properties?: { data?: { items?: Schema }; [name: string]: unknown } }
type Operation = {
  tags?: string[]
  requestBody?: { content?: Content }
  responses?: { [status: string]: { content?: Content } }
}
/** A place where a schema stands, and the name it would have. */
type Slot = { name: string; schema: Schema; put: (schema: Schema) => void }

/** Replaces schemas that occur more than once by references. @returns them by name */
export function shareSchemas(operations: readonly JsonObject[]): { [name: string]: Schema } {
  const shared: { [name: string]: Schema } = {}
  const slots = Map.groupBy(operations.flatMap(slotsOf), ({ schema }) => JSON.stringify(schema))
  for (const same of slots.values()) {
    const [first] = same
    if (!first || same.length < 2) continue
    let name = first.name
    for (let n = 2; name in shared || name === 'Error'; n++) name = `${first.name}${n}`
    shared[name] = first.schema
    for (const { put } of same) put({ $ref: `#/components/schemas/${name}` })
  }
  return shared
}

/** Bodies, answers, and what pages hold, where they are objects with fields. */
function slotsOf({ tags = [], requestBody, responses = {} }: Operation): Slot[] {
  const name = titleOf(tags[0] ?? 'thing')
  const input = slotOf(`${name}Input`, requestBody?.content)
  const answers = Object.values(responses).flatMap(({ content }) => slotOf(name, content))
  return [...input, ...answers].filter(({ schema }) => schema.properties && Object.keys(schema.properties).length > 1)
}

function slotOf(name: string, content: Content | undefined): Slot[] {
  const media = content?.['application/json']
  const schema = media?.schema
  if (!media || !schema) return []
  const data = schema.properties?.data
  if (data?.items) return [{ name, schema: data.items, put: (items) => void (data.items = items) }]
  return [{ name, schema, put: (next) => void (media.schema = next) }]
}

/** `teams` → `Team` */
function titleOf(tag: string): string {
  const one = tag.replace(/s$/, '')
  return one.charAt(0).toUpperCase() + one.slice(1).replaceAll(/\W/g, '')
}
