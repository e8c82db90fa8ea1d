/** What vectors are for, in both directions: `input_type`. */
import type { EmbeddingsRequest, JsonObject } from '@sluice/core'
import { optionalString } from '@sluice/dialect-kit'
import type { Drops } from '@sluice/dialect-kit'
import { areImages } from './inputs.ts'

/** Says what is embedded, and not what for. */
const IMAGE = 'image'
const PURPOSES: ReadonlyMap<string, string> = new Map([
  ['search_query', 'query'],
  ['search_document', 'document'],
])
const TYPES: ReadonlyMap<string, string> = new Map([...PURPOSES].map(([type, purpose]) => [purpose, type]))
const KNOWN: ReadonlySet<string> = new Set([...TYPES.keys(), 'classification', 'clustering'])

/** Undefined where only the kind of input is told. */
export function decodePurpose(body: JsonObject): string | undefined {
  const type = optionalString(body, 'input_type')
  return type === undefined || type === IMAGE ? undefined : (PURPOSES.get(type) ?? type)
}

/** The type that is no purpose, as a form to remember. */
export function kindIn({ input_type: kind }: JsonObject): JsonObject {
  return kind === IMAGE ? { kind } : {}
}

export function encodePurpose(purpose: string): string {
  return TYPES.get(purpose) ?? purpose
}

/** The purpose for a request of another dialect: Cohere wants one, and documents are what is embedded most. */
export function fitPurpose({ purpose, inputs }: EmbeddingsRequest, drops: Drops): string {
  if (purpose !== undefined && KNOWN.has(purpose)) return purpose
  if (purpose !== undefined) drops.add('input_type', `Cohere knows no purpose "${purpose}"`)
  return areImages(inputs) ? IMAGE : 'document'
}
