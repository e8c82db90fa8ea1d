/** Paths whose replies some dialect can read, so that their usage is known. */
import type { RawRoute } from '@sluice/core'

type Reading = Required<Pick<RawRoute, 'reads' | 'dialect'>>

/** First match wins. By their ends: the base URL may hold the beginning. */
const READABLE: readonly (readonly [path: RegExp, reads: Reading['reads'], dialect: string])[] = [
  [/\/chat\/completions$/, 'chat', 'openai-chat'],
  [/\/responses$/, 'chat', 'openai-responses'],
  // Not those of threads, which are another thing.
  [/^(?:\/anthropic)?(?:\/v1)?\/messages$/, 'chat', 'anthropic'],
  [/:(?:streamGenerateContent|generateContent)$/, 'chat', 'gemini'],
  [/\/v2\/chat$/, 'chat', 'cohere'],
  [/\/converse(?:-stream)?$/, 'chat', 'bedrock'],
  [/\/embeddings$/, 'embeddings', 'openai-chat'],
  [/:(?:embedContent|batchEmbedContents)$/, 'embeddings', 'gemini'],
  [/\/v2\/embed$/, 'embeddings', 'cohere'],
  [/\/rerank$/, 'rerank', 'cohere'],
]

/** What a call of `path` answers with, if that is known. Only a guess: what cannot be read passes all the same. */
export function readable(path: string): Partial<Reading> {
  const found = READABLE.find(([pattern]) => pattern.test(path))
  return found ? { reads: found[1], dialect: found[2] } : {}
}
