/**
 * Thoughts beside the content, both directions. OpenAI shows none in this API; the vendors that do write
 * `reasoning_content` (DeepSeek, vLLM, xAI …), `reasoning` (Groq, Ollama, OpenRouter …), or OpenRouter's
 * `reasoning_details`, which alone holds signatures and encrypted thoughts.
 */
import type { JsonObject, ReasoningPart } from '@sluice/core'
import { listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { DIALECT } from './extensions.ts'

const FIELDS = ['reasoning_content', 'reasoning', 'reasoning_details'] as const

/** The thoughts beside a message's content, each proof with its text. */
export function decodeReasoning(message: JsonObject): ReasoningPart[] {
  const text = textOf(message.reasoning_content) || textOf(message.reasoning) || ''
  const parts = listOf(message.reasoning_details).flatMap((detail) => decodeDetail(objectOf(detail) ?? {}))
  // Collected from a stream, the details may hold only the proof of a text that stands beside them.
  const bare = parts.every((part) => part.text === '') ? parts.find((part) => part.redacted === undefined) : undefined
  if (bare !== undefined) bare.text = text
  else if (text !== '' && !parts.some((part) => part.text !== '')) parts.unshift({ type: 'reasoning', text })
  return parts
}

function decodeDetail(detail: JsonObject): ReasoningPart[] {
  const id = textOf(detail.id)
  const identity = id === undefined ? {} : { id }
  const signature = textOf(detail.signature)
  switch (detail.type) {
    case 'reasoning.text':
      return [
        {
          type: 'reasoning',
          text: textOf(detail.text) ?? '',
          ...(signature !== undefined && { signature, origin: DIALECT }),
          ...identity,
        },
      ]
    case 'reasoning.summary':
      return [{ type: 'reasoning', text: textOf(detail.summary) ?? '', summary: true, ...identity }]
    case 'reasoning.encrypted':
      return [{ type: 'reasoning', text: '', redacted: textOf(detail.data) ?? '', origin: DIALECT, ...identity }]
    default:
      return []
  }
}

/** The fields of `message` that `decodeReasoning` reads and that say something. */
export function reasoningFields(message: JsonObject): JsonObject | undefined {
  let fields: JsonObject | undefined
  for (const field of FIELDS) {
    const value = message[field]
    if ((typeof value === 'string' && value !== '') || (Array.isArray(value) && value.length > 0))
      (fields ??= {})[field] = value
  }
  return fields
}

/**
 * Writes thoughts into `message`.
 * @param was the fields they came in, which go back as they were unless text or proofs have been changed since
 */
export function encodeReasoning(
  parts: readonly ReasoningPart[],
  message: JsonObject,
  was: JsonObject | undefined,
): void {
  const text = textOfAll(parts)
  if (was !== undefined && isSame(decodeReasoning(was), parts)) {
    Object.assign(message, was)
    return
  }
  if (text !== '')
    message[was?.reasoning_content === undefined && was?.reasoning !== undefined ? 'reasoning' : 'reasoning_content'] =
      text
  if (parts.some(({ signature, redacted }) => signature !== undefined || redacted !== undefined)) {
    message.reasoning_details = parts.map(encodeDetail)
  }
}

function isSame(before: readonly ReasoningPart[], parts: readonly ReasoningPart[]): boolean {
  const isProvenSo = ({ signature, redacted }: ReasoningPart, index: number): boolean =>
    signature === before[index]!.signature && redacted === before[index]!.redacted
  return before.length === parts.length && textOfAll(before) === textOfAll(parts) && parts.every(isProvenSo)
}

function encodeDetail({ text, signature, redacted, summary, id }: ReasoningPart): JsonObject {
  const identity = id === undefined ? {} : { id }
  if (redacted !== undefined) return { type: 'reasoning.encrypted', data: redacted, ...identity }
  if (summary === true && signature === undefined) return { type: 'reasoning.summary', summary: text, ...identity }
  return { type: 'reasoning.text', text, ...(signature !== undefined && { signature }), ...identity }
}

function textOfAll(parts: readonly ReasoningPart[]): string {
  let text = ''
  for (const part of parts) text += part.text
  return text
}
