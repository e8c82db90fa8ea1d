/** What an upstream gets back of its own thoughts when a conversation goes on. */
import type { ByDialect, DialectName } from '../dialect-names.ts'
import type { Line } from '../say.ts'
import { objects, text } from './json.ts'
import type { Json } from './json.ts'

/** Undefined for what did not come back. */
export type Proofs = Pick<Line, 'thought' | 'signature' | 'encrypted'>

/** Reads the request that goes on after an answer with thoughts and calls. */
export const readProofs: ByDialect<(body: Json) => Proofs> = {
  'openai-chat'(body) {
    const said = objects(body.messages).find(({ role }) => role === 'assistant') ?? {}
    const details = objects(said.reasoning_details)
    return proofs(
      text(said.reasoning_content) || text(said.reasoning) || details.map((detail) => text(detail.text)).join(''),
      details.find(({ signature }) => signature)?.signature,
      details.find(({ data }) => data)?.data,
    )
  },
  'openai-responses'(body) {
    const item = objects(body.input).find(({ type }) => type === 'reasoning')
    // Without its id, OpenAI cannot read what it has encrypted. A summary is for people only.
    return proofs(undefined, undefined, item?.id === 'rs_1' ? item.encrypted_content : undefined)
  },
  anthropic(body) {
    const blocks = objects((objects(body.messages).find(({ role }) => role === 'assistant') ?? {}).content)
    const thinking = blocks.find(({ type }) => type === 'thinking')
    return proofs(
      thinking?.thinking,
      thinking?.signature,
      blocks.find(({ type }) => type === 'redacted_thinking')?.data,
    )
  },
  gemini(body) {
    const parts = objects(objects(body.contents).find(({ role }) => role === 'model')?.parts)
    const thoughts = parts.filter(({ thought }) => thought === true).map((part) => text(part.text))
    return proofs(thoughts.join(''), parts.find(({ functionCall }) => functionCall)?.thoughtSignature, undefined)
  },
  cohere(body) {
    const said = objects(body.messages).find(({ role }) => role === 'assistant')
    return proofs(
      objects(said?.content)
        .map((block) => text(block.thinking))
        .join(''),
      undefined,
      undefined,
    )
  },
  bedrock(body) {
    const blocks = objects(objects(body.messages).find(({ role }) => role === 'assistant')?.content)
    const thoughts = blocks.flatMap(({ reasoningContent }) => objects([reasoningContent]))
    const [readable] = thoughts.flatMap(({ reasoningText }) => objects([reasoningText]))
    const encrypted = thoughts.find(({ redactedContent }) => redactedContent)?.redactedContent
    return proofs(readable?.text, readable?.signature, encrypted)
  },
}

function proofs(thought: unknown, signature: unknown, encrypted: unknown): Proofs {
  return Object.fromEntries(Object.entries({ thought, signature, encrypted }).filter(([, value]) => value))
}

/**
 * What the upstream must get back of what it thought, whoever the client is.
 * @param isTranslated whether the client speaks another dialect: what need not come back may then be left out
 */
export function proofsFor(upstream: DialectName, thoughts: Proofs, isTranslated: boolean): Proofs {
  // OpenAI's summaries are for people only, as are Google's.
  if (upstream === 'openai-responses') return proofs(undefined, undefined, thoughts.encrypted)
  if (upstream === 'gemini' && isTranslated) return proofs(undefined, thoughts.signature, undefined)
  return thoughts
}
