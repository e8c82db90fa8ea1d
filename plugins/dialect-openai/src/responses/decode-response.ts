/** An upstream's whole answer → the canonical response. Lenient: any field but `output` may be missing or of a wrong type. */
import { GatewayError } from '@sluice/core'
import type { ChatResponse, JsonObject, Part } from '@sluice/core'
import { defined, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { fields, keep } from '../kept.ts'
import { failureOf, inlineError } from './errors.ts'
import { DIALECT } from './extensions.ts'
import { decodeFinish } from './finish.ts'
import type { Said } from './finish.ts'
import { decodeOutput } from './items.ts'
import { decodeUsage } from './usage.ts'

const FIELDS = fields('id created_at model output usage status')

/** Throws `upstream_error` if the body is not of the dialect, and the error that it is if it is one. */
export function decodeResponse(body: JsonObject): ChatResponse {
  if (body.status === 'failed') throw failureOf(body)
  if (!Array.isArray(body.output))
    throw inlineError(body) ?? new GatewayError('upstream_error', 'The upstream sent an answer without "output".')
  const parts = decodeOutput(body.output)
  const counts = objectOf(body.usage)
  const usage = counts && decodeUsage(counts)
  const logprobs = body.output.flatMap(logprobsOf)
  return defined<ChatResponse>({
    operation: 'chat',
    id: textOf(body.id),
    model: textOf(body.model),
    created: typeof body.created_at === 'number' ? body.created_at : undefined,
    choices: [{ index: 0, parts, finish: decodeFinish(body, saidIn(parts)), ...(logprobs.length > 0 && { logprobs }) }],
    usage,
    extensions: { [DIALECT]: keptOf(body, usage === undefined ? counts : undefined) },
  })
}

/** What is kept of a response object. @param counts a usage that counts nothing */
export function keptOf(response: JsonObject, counts?: JsonObject): JsonObject {
  const kept = keep(response, FIELDS, 'status' in response ? {} : { status: 'absent' })
  if (counts !== undefined) kept.usage = counts
  return kept
}

function saidIn(parts: readonly Part[]): Said {
  return {
    calls: parts.some(({ type }) => type === 'tool-call'),
    refused: parts.some(({ type }) => type === 'refusal'),
  }
}

function logprobsOf(item: unknown): unknown[] {
  return listOf(objectOf(item)?.content).flatMap((part) => listOf(objectOf(part)?.logprobs))
}
