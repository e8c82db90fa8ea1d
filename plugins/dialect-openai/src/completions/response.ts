/** Whole answers, both directions. */
import { GatewayError } from '@sluice/core'
import type { ChatResponse, Choice, JsonObject, Part, ReplyContext } from '@sluice/core'
import { defined, objectOf, textOf } from '@sluice/dialect-kit'
import { decodeFinish } from '../chat/finish.ts'
import { decodeUsage, encodeUsage } from '../chat/usage.ts'
import { fields, keep, restore } from '../kept.ts'
import { now } from '../now.ts'
import { inlineError } from './errors.ts'
import { DIALECT, keptIn } from './extensions.ts'
import { encodeFinish } from './finish.ts'

const FIELDS = fields('id created model choices usage')
const CHOICE_FIELDS = fields('index text logprobs finish_reason')

/** Throws `upstream_error` if the body is not of the dialect, and the error that it is if it is one. */
export function decodeResponse(body: JsonObject): ChatResponse {
  const { choices } = body
  if (!Array.isArray(choices))
    throw inlineError(body) ?? new GatewayError('upstream_error', 'The upstream sent an answer without "choices".')
  const counts = objectOf(body.usage)
  return defined<ChatResponse>({
    operation: 'chat',
    id: textOf(body.id),
    model: textOf(body.model),
    created: typeof body.created === 'number' ? body.created : undefined,
    choices: choices.map(decodeChoice),
    usage: counts && decodeUsage(counts),
    extensions: { [DIALECT]: keep(body, FIELDS) },
  })
}

function decodeChoice(value: unknown, position: number): Choice {
  const wire = objectOf(value)
  if (wire === undefined) throw new GatewayError('upstream_error', 'The upstream sent a choice that is not an object.')
  const { index, text, logprobs, finish_reason: reason } = wire
  return {
    index: typeof index === 'number' ? index : position,
    parts: typeof text === 'string' && text !== '' ? [{ type: 'text', text }] : [],
    finish: decodeFinish(reason, { calls: false, refused: false }),
    ...((logprobs ?? undefined) !== undefined && { logprobs }),
    extensions: { [DIALECT]: keep(wire, CHOICE_FIELDS) },
  }
}

/** A response that came in this dialect goes back as it came; of another one it gets OpenAI's whole form. */
export function encodeResponse(response: ChatResponse, context: ReplyContext): JsonObject {
  const { id = replyId(context), created = now(), model = context.model, choices, usage } = response
  return {
    object: 'text_completion',
    ...restore(keptIn(response)),
    id,
    created,
    model,
    choices: choices.map(encodeChoice),
    ...(usage && { usage: encodeUsage(usage) }),
  }
}

/** The id of an answer whose upstream gave none. */
export function replyId({ id }: ReplyContext): string {
  return `cmpl-${id}`
}

/** Chats have another form for log probabilities: those of other dialects are left out. */
function encodeChoice(choice: Choice): JsonObject {
  const { index, parts, finish, logprobs } = choice
  const kept = keptIn(choice)
  const wire: JsonObject = { ...restore(kept), text: parts.map(textIn).join(''), index }
  if (kept === undefined) return { ...wire, logprobs: null, finish_reason: encodeFinish(finish) }
  if (logprobs !== undefined) wire.logprobs = logprobs
  if (finish.raw !== undefined) wire.finish_reason = finish.raw
  return wire
}

/** What a reader of plain text is shown. */
function textIn(part: Part): string {
  return part.type === 'text' || part.type === 'refusal' ? part.text : ''
}
