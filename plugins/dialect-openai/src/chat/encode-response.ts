/** A canonical response → the body of a whole answer. */
import type { ChatResponse, Choice, JsonObject, Part, ReplyContext } from '@sluice/core'
import { defined, markedCall, markedThought } from '@sluice/dialect-kit'
import { innerOf, restore, spellingOf } from '../kept.ts'
import { chatLogprobs } from '../logprobs.ts'
import { now } from '../now.ts'
import { encodeAssistant } from './assistant.ts'
import { DIALECT, keptIn } from './extensions.ts'
import { encodeFinish } from './finish.ts'
import { encodeUsage } from './usage.ts'

/** A response that came in this dialect goes back as it came; of another one it gets OpenAI's whole form. */
export function encodeResponse(response: ChatResponse, context: ReplyContext): JsonObject {
  const { id, created, model, choices, usage } = response
  const kept = keptIn(response)
  // What an upstream of this dialect left out its clients do without.
  const defaults = kept === undefined ? { id: replyId(context), created: now(), model: context.model } : {}
  return {
    object: 'chat.completion',
    ...defaults,
    ...restore(kept),
    ...defined({ id, created, model, usage: usage && encodeUsage(usage) }),
    choices: choices.map(encodeChoice),
  }
}

/** The id of an answer whose upstream gave none. */
export function replyId({ id }: ReplyContext): string {
  return `chatcmpl-${id}`
}

function hasCalls(parts: readonly Part[]): boolean {
  return parts.some(({ type }) => type === 'tool-call')
}

function markedPart(part: Part): Part {
  if (part.type === 'reasoning') return markedThought(part, DIALECT)
  return part.type === 'tool-call' ? markedCall(part, DIALECT) : part
}

function encodeChoice(choice: Choice): JsonObject {
  const { index, finish, logprobs, parts } = choice
  const kept = keptIn(choice)
  const said = parts.map(markedPart)
  // What OpenAI's own answers always have, and its SDKs' types promise.
  if (kept === undefined) {
    const message = { refusal: null, ...encodeAssistant(said, undefined) }
    return { index, message, logprobs: chatLogprobs(logprobs), finish_reason: encodeFinish(finish, hasCalls(parts)) }
  }
  const wire: JsonObject = { ...restore(kept), index, message: encodeAssistant(said, innerOf(kept, 'message') ?? {}) }
  if (logprobs !== undefined) wire.logprobs = logprobs
  // The upstream's own word, or its silence.
  if (finish.raw !== undefined) wire.finish_reason = finish.raw
  else if (!('finish_reason' in wire) && spellingOf(kept).finish_reason !== 'absent')
    wire.finish_reason = encodeFinish(finish, hasCalls(parts))
  return wire
}
