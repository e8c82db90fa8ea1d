/** A canonical response → the body of a whole answer. */
import type { ChatResponse, Choice, JsonObject, ReplyContext } from '@sluice/core'
import { defined } from '@sluice/dialect-kit'
import { innerOf, restore, spellingOf } from '../kept.ts'
import { chatLogprobs } from '../logprobs.ts'
import { now } from '../now.ts'
import { encodeAssistant } from './assistant.ts'
import { keptIn } from './extensions.ts'
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

function encodeChoice(choice: Choice): JsonObject {
  const { index, finish, logprobs, parts } = choice
  const kept = keptIn(choice)
  // What OpenAI's own answers always have, and its SDKs' types promise.
  if (kept === undefined) {
    const message = { refusal: null, ...encodeAssistant(parts, undefined) }
    return { index, message, logprobs: chatLogprobs(logprobs), finish_reason: encodeFinish(finish) }
  }
  const wire: JsonObject = { ...restore(kept), index, message: encodeAssistant(parts, innerOf(kept, 'message') ?? {}) }
  if (logprobs !== undefined) wire.logprobs = logprobs
  // The upstream's own word, or its silence.
  if (finish.raw !== undefined) wire.finish_reason = finish.raw
  else if (!('finish_reason' in wire) && spellingOf(kept).finish_reason !== 'absent')
    wire.finish_reason = encodeFinish(finish)
  return wire
}
