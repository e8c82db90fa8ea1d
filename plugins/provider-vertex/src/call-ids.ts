/** Ids of function calls, which Vertex AI refuses as unknown. */
import type { JsonObject } from '@sluice/core'
import { hasParts, isObject } from './json.ts'

/**
 * Without ids, results answer the calls of the turn before in their order, so that they are brought into it; then
 * the ids say nothing that is lost, and their loss is not reported.
 */
export function withoutCallIds(body: JsonObject): JsonObject {
  const { contents } = body
  if (!Array.isArray(contents) || !contents.some(hasIds)) return body
  let calls: string[] = []
  const adapted = contents.map((content: unknown) => {
    if (!hasParts(content)) return content
    const made = content.parts.flatMap((part) => idIn(part, 'functionCall') ?? [])
    const parts = hasIds(content) ? inOrder(content.parts, calls).map(withoutId) : content.parts
    if (made.length > 0) calls = made
    return { ...content, parts }
  })
  return { ...body, contents: adapted }
}

type Field = 'functionCall' | 'functionResponse'

/** In both of the API's spellings. */
const SPELLINGS: { readonly [field in Field]: readonly string[] } = {
  functionCall: ['functionCall', 'function_call'],
  functionResponse: ['functionResponse', 'function_response'],
}
const FIELDS = Object.values(SPELLINGS).flat()

function hasIds(content: unknown): boolean {
  return hasParts(content) && content.parts.some((part) => FIELDS.some((field) => inner(part, field)?.id !== undefined))
}

/** The results among the parts in the order of `calls`, each in a place where one stood. */
function inOrder(parts: readonly unknown[], calls: readonly string[]): unknown[] {
  const place = (part: unknown): number => calls.indexOf(idIn(part, 'functionResponse') ?? '')
  const sorted = parts.filter((part) => place(part) !== -1).sort((one, other) => place(one) - place(other))
  return parts.map((part) => (place(part) === -1 ? part : sorted.shift()))
}

function withoutId(part: unknown): unknown {
  const field = FIELDS.find((each) => inner(part, each)?.id !== undefined)
  if (field === undefined) return part
  const { id: _, ...rest } = inner(part, field)!
  return { ...(part as JsonObject), [field]: rest }
}

function idIn(part: unknown, field: Field): string | undefined {
  for (const spelling of SPELLINGS[field]) {
    const id = inner(part, spelling)?.id
    if (typeof id === 'string') return id
  }
  return undefined
}

function inner(part: unknown, field: string): JsonObject | undefined {
  const value = isObject(part) ? part[field] : undefined
  return isObject(value) ? value : undefined
}
