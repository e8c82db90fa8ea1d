/** Thoughts of other providers in a conversation: OpenAI refuses what it did not encrypt itself. */
import type { JsonObject, WireProvider } from '@sluice/core'

/** With this the dialect marks what stands in `encrypted_content` and is not OpenAI's. */
const MARK = 'sluice:'

/** Takes them out of a body for `/responses` that came from a client as it is. */
export const withoutForeignThoughts: NonNullable<WireProvider['adapt']> = (body, drop) => {
  const { input } = body
  if (!Array.isArray(input) || !input.some(isForeignThought)) return body
  drop('messages.reasoning', 'OpenAI takes back only its own thoughts')
  return { ...body, input: input.filter((item) => !isForeignThought(item)) }
}

function isForeignThought(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false
  const { type, encrypted_content: encrypted } = item as JsonObject
  return type === 'reasoning' && typeof encrypted === 'string' && encrypted.startsWith(MARK)
}
