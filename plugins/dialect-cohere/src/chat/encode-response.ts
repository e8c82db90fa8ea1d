import type { ChatResponse, Choice, JsonObject, ReplyContext } from '@sluice/core'
import { listOf } from '@sluice/dialect-kit'
import { extended, kept, restore } from '../extensions.ts'
import { encodeAssistant } from './assistant.ts'
import { encodeFinish } from './finish.ts'
import { sealed } from './proof.ts'
import { encodeUsage } from './usage.ts'

/** The content of answers is always a list. */
const ANSWER = extended({}, { content: 'list' })

/** What Cohere's models are shown, and do not write. */
const UNSPEAKABLE: ReadonlySet<string> = new Set(['image', 'video', 'file'])

/** A whole answer. Cohere's have one choice; further ones are left out. */
export function encodeResponse(response: ChatResponse, context: ReplyContext): JsonObject {
  const isOwn = kept(response) !== undefined
  const choice: Choice = response.choices[0] ?? { index: 0, parts: [], finish: { unified: 'other' } }
  const said = isOwn ? choice.parts : choice.parts.filter(({ type }) => !UNSPEAKABLE.has(type))
  const message = encodeAssistant(said.map(sealed), kept(choice) === undefined ? ANSWER : choice)
  const calls = listOf(message.tool_calls).length > 0
  if (!isOwn && !calls) message.content ??= []
  const logprobs = isOwn ? choice.logprobs : undefined
  return {
    ...restore(response),
    id: response.id ?? context.id,
    message,
    finish_reason: encodeFinish(choice.finish, calls, isOwn),
    ...(response.usage && { usage: encodeUsage(response.usage) }),
    // Log probabilities of other providers have another form.
    ...(logprobs !== undefined && { logprobs }),
  }
}
