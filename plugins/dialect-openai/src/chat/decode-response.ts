/** An upstream's whole answer → the canonical response. Lenient: any field but `choices` may be missing or of a wrong type. */
import { GatewayError } from '@sluice/core'
import type { ChatResponse, Choice, JsonObject } from '@sluice/core'
import { defined, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { decodeAssistant } from './assistant.ts'
import { fields, isNothing, keep } from '../kept.ts'
import { DIALECT } from './extensions.ts'
import { decodeFinish } from './finish.ts'
import { inlineError } from './errors.ts'
import { decodeUsage } from './usage.ts'

// `object` is not listed, so that it is kept: Perplexity has its own words there.
const FIELDS = fields('id created model choices usage')
const CHOICE_FIELDS = fields('index message logprobs finish_reason')

/** Throws `upstream_error` if the body is not of the dialect, and the error that it is if it is one. */
export function decodeResponse(body: JsonObject): ChatResponse {
  const { choices } = body
  if (!Array.isArray(choices)) {
    throw inlineError(body) ?? new GatewayError('upstream_error', 'The upstream sent an answer without "choices".')
  }
  const id = textOf(body.id)
  const counts = objectOf(body.usage)
  const usage = counts && decodeUsage(counts)
  const kept = keep(body, FIELDS)
  if (usage === undefined && counts !== undefined) kept.usage = counts
  return defined<ChatResponse>({
    operation: 'chat',
    id,
    model: textOf(body.model),
    created: typeof body.created === 'number' ? body.created : undefined,
    choices: choices.map((choice, index) => decodeChoice(choice, index, id)),
    usage,
    extensions: { [DIALECT]: kept },
  })
}

function decodeChoice(value: unknown, position: number, responseId: string | undefined): Choice {
  const wire = objectOf(value)
  if (wire === undefined) throw new GatewayError('upstream_error', 'The upstream sent a choice that is not an object.')
  const { parts, kept: message } = decodeAssistant(objectOf(wire.message) ?? {}, responseId)
  const kept = keep(wire, CHOICE_FIELDS, 'finish_reason' in wire ? {} : { finish_reason: 'absent' })
  if (!isNothing(message)) kept.message = message
  const calls = listOf(objectOf(wire.message)?.tool_calls).length > 0
  return {
    index: typeof wire.index === 'number' ? wire.index : position,
    parts,
    finish: decodeFinish(wire.finish_reason, { calls, refused: parts.some(({ type }) => type === 'refusal') }),
    ...((wire.logprobs ?? undefined) !== undefined && { logprobs: wire.logprobs }),
    extensions: { [DIALECT]: kept },
  }
}
