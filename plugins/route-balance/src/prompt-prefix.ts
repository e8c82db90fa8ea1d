/** What providers keep of a prompt from one request to the next: its beginning. */
import type { JsonObject } from '@sluice/core'
import { hashText } from '@sluice/route-kit'

/** Where the dialects have what is said before the first turn, and the turns. */
const INSTRUCTIONS = ['system', 'instructions', 'systemInstruction', 'system_instruction']
const TURNS = ['messages', 'input', 'contents']
/** Characters of either that count, and values that are looked at: clients may nest as they like. */
const LENGTH = 1024
const VALUES = 64
/** Marks of what is to be kept, which clients move on from turn to turn. */
const MARKS: ReadonlySet<string> = new Set(['cache_control', 'cachePoint'])

/**
 * A number for the instructions and the conversation up to its first question: the same for all of its turns.
 * Undefined if the body has neither.
 */
export function prefixOf(body: JsonObject): number | undefined {
  let hash: number | undefined
  for (const field of INSTRUCTIONS) if (body[field] !== undefined) hash = hashTexts(body[field], hash)
  for (const field of TURNS) {
    const turns = body[field]
    if (turns === undefined) continue
    if (!Array.isArray(turns)) return hashTexts(turns, hash)
    const question = turns.findIndex((turn) => (turn as JsonObject | null)?.['role'] === 'user')
    return hashTexts(turns.slice(0, Math.max(0, question) + 1), hash)
  }
  return hash
}

/** Texts at any depth, in order. */
function hashTexts(value: unknown, seed: number | undefined): number | undefined {
  let hash = seed
  let left = LENGTH
  const values = [value]
  for (let looked = 0; values.length > 0 && left > 0 && looked < VALUES; looked++) {
    const next = values.pop()
    if (typeof next === 'string') {
      hash = hashText(next.slice(0, left), hash)
      left -= next.length
    } else if (typeof next === 'object' && next !== null) {
      const inner = Array.isArray(next) ? (next as unknown[]) : fieldsOf(next as JsonObject)
      // The last is taken first.
      for (let i = Math.min(inner.length, VALUES) - 1; i >= 0; i--) values.push(inner[i])
    }
  }
  return hash
}

function fieldsOf(value: JsonObject): unknown[] {
  return Object.entries(value).flatMap(([name, field]) => (MARKS.has(name) ? [] : [field]))
}
