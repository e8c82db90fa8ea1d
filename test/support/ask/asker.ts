import type { Json } from '../oracle/json.ts'
import type { Question } from '../oracle/question.ts'

/** A request as a client of some dialect sends it. */
export interface Asked {
  path: string
  headers: { readonly [name: string]: string }
  body: Json
}

export interface ToolResult {
  call: string
  name: string
  result: string
}

/** Writes requests by the vendor's documents alone; nothing of the gateway's code is involved. */
export interface Asker {
  ask(this: void, question: Question, model: string): Asked
  /**
   * The next request of a conversation, as an application leads it.
   * @param answer the whole answer as the client got it, of which all goes back that can
   */
  goOn(this: void, asked: Asked, answer: Json, results: readonly ToolResult[]): Asked
}

/** Splits `data:image/png;base64,…`. */
export function dataOf(url: string): { mediaType: string; format: string; data: string } | undefined {
  const [, mediaType, format, data] = /^data:(\w+\/(\w+));base64,(.*)$/s.exec(url) ?? []
  return mediaType && format && data !== undefined ? { mediaType, format, data } : undefined
}

/** Without the fields that say nothing. */
export function said(fields: Json): Json {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
    ),
  )
}
