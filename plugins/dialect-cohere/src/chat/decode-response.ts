import { GatewayError } from '@sluice/core'
import type { ChatResponse, Choice, JsonObject } from '@sluice/core'
import { defined, objectOf, textOf } from '@sluice/dialect-kit'
import { errorIn } from '../errors.ts'
import { extended, keepAll, leftovers } from '../extensions.ts'
import { decodeAssistant } from './assistant.ts'
import { decodeFinish } from './finish.ts'
import { decodeUsage } from './usage.ts'

const FIELDS = new Set(['id', 'message', 'finish_reason', 'usage', 'logprobs'])

/** A whole answer. @throws GatewayError `upstream_error` if it is none, and the error that it is, if it is one */
export function decodeResponse(body: JsonObject): ChatResponse {
  const error = errorIn(body)
  if (error !== undefined) throw error
  const message = objectOf(body.message)
  if (message === undefined) throw new GatewayError('upstream_error', 'The upstream sent a reply without a message.')
  const { parts, more } = decodeAssistant(message)
  const calls = parts.some(({ type }) => type === 'tool-call')
  const choice: Choice = { index: 0, parts, finish: decodeFinish(body.finish_reason, calls), ...keepAll(more) }
  if (body.logprobs !== undefined) choice.logprobs = body.logprobs
  const counts = objectOf(body.usage)
  const usage = counts && decodeUsage(counts)
  const { rest, spelling } = leftovers(body, FIELDS)
  if (counts !== undefined && usage === undefined) rest.usage = counts
  return defined<ChatResponse>({
    operation: 'chat',
    id: textOf(body.id),
    choices: [choice],
    usage,
    ...extended(rest, spelling),
  })
}
