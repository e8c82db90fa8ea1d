/** Log probabilities of tokens, in whichever vendor's form they came, as OpenAI's clients read them. */
import type { JsonObject } from '@sluice/core'
import { isObject, listOf, objectOf } from '@sluice/dialect-kit'

/** OpenAI's tokens; undefined if there are none, or the form has no such thing. */
export function tokensOf(logprobs: unknown): unknown[] | undefined {
  const tokens: unknown[] = []
  // Streams that were put together hold a list of what their pieces had.
  for (const item of Array.isArray(logprobs) ? logprobs : [logprobs]) {
    const found = isObject(item) ? tokensIn(item) : undefined
    if (found === undefined) return undefined
    for (const token of found) tokens.push(token)
  }
  return tokens.length > 0 ? tokens : undefined
}

function tokensIn(item: JsonObject): readonly unknown[] | undefined {
  if (typeof item.token === 'string') return [item]
  if (Array.isArray(item.content)) return item.content
  if (Array.isArray(item.chosenCandidates)) return geminiTokens(item, item.chosenCandidates)
  return Array.isArray(item.token_ids) ? cohereToken(item) : undefined
}

/** Gemini tells the chosen tokens, and the most likely ones of each step, in two lists. */
function geminiTokens({ topCandidates }: JsonObject, chosen: readonly unknown[]): unknown[] | undefined {
  const steps = listOf(topCandidates)
  const tokens = chosen.flatMap((candidate, step) => {
    const others = listOf(objectOf(steps[step])?.candidates).flatMap((other) => geminiToken(other) ?? [])
    const token = geminiToken(candidate)
    return token === undefined ? [] : [{ ...token, top_logprobs: others }]
  })
  return tokens.length === chosen.length ? tokens : undefined
}

function geminiToken(candidate: unknown): JsonObject | undefined {
  const { token, logProbability } = objectOf(candidate) ?? {}
  return typeof token === 'string' && typeof logProbability === 'number' ? tokenOf(token, logProbability) : undefined
}

/** Cohere does not tell where in a text of several tokens one ends. */
function cohereToken({ text, logprobs }: JsonObject): unknown[] | undefined {
  const [logprob, ...others] = listOf(logprobs)
  if (typeof text !== 'string' || typeof logprob !== 'number' || others.length > 0) return undefined
  return [{ ...tokenOf(text, logprob), top_logprobs: [] }]
}

function tokenOf(token: string, logprob: number): JsonObject {
  return { token, logprob, bytes: [...Buffer.from(token)] }
}

/** As the chat API has it; null where there is nothing that could be said in its form. */
export function chatLogprobs(logprobs: unknown): unknown {
  // OpenAI's own may also hold those of a refusal.
  if (isObject(logprobs) && ('content' in logprobs || 'refusal' in logprobs)) return logprobs
  const content = tokensOf(logprobs)
  return content === undefined ? null : { content, refusal: null }
}
