import { GatewayError } from '@sluice/core'
import type { ChatResponse, Choice, JsonObject, Part, TextPart } from '@sluice/core'
import { defined, isObject, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { decodeErrorBody } from '../errors.ts'
import { extended, keep, NAME } from '../extensions.ts'
import { CallIds } from './call-ids.ts'
import { citationsIn } from './citations.ts'
import { decodeFinish } from './finish.ts'
import { decodePart } from './parts.ts'
import { decodeUsage } from './usage.ts'

/** What every response has; `createTime` is kept beside the moment it says. */
export const RESPONSE_FIELDS: ReadonlySet<string> = new Set([
  'candidates',
  'usageMetadata',
  'modelVersion',
  'responseId',
])
const CANDIDATE_FIELDS = new Set(['content', 'index', 'finishReason', 'logprobsResult'])
const CONTENT_FIELDS = new Set(['role', 'parts'])

/** A whole answer. @throws GatewayError `upstream_error` if it is none, and the error that it is, if it is one */
export function decodeResponse(body: JsonObject): ChatResponse {
  if (isObject(body.error)) throw decodeErrorBody(body)
  if (!isResponse(body)) throw new GatewayError('upstream_error', 'The upstream sent a reply that is not of Gemini.')
  const id = textOf(body.responseId)
  const ids = new CallIds(id)
  const candidates = listOf(body.candidates).filter(isObject)
  const usage = objectOf(body.usageMetadata)
  return defined<ChatResponse>({
    operation: 'chat',
    id,
    model: textOf(body.modelVersion),
    created: secondsOf(body.createTime),
    choices:
      candidates.length > 0
        ? candidates.map((candidate, position) => decodeCandidate(candidate, position, ids))
        : [blocked(body)],
    usage: usage && decodeUsage(usage),
    extensions: { [NAME]: {} },
    ...keep(body, RESPONSE_FIELDS, Array.isArray(body.candidates) && candidates.length === 0 ? { candidates: [] } : {}),
  })
}

/** Whether `body`, an answer or a piece of one, is of this dialect. */
export function isResponse(body: JsonObject): boolean {
  return (
    Array.isArray(body.candidates) ||
    isObject(body.promptFeedback) ||
    isObject(body.usageMetadata) ||
    typeof body.responseId === 'string'
  )
}

/** Unix seconds of an RFC 3339 time. */
export function secondsOf(time: unknown): number | undefined {
  const milliseconds = typeof time === 'string' ? Date.parse(time) : Number.NaN
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000)
}

/** A prompt that was refused has no candidates: an answer of nothing, which says why. */
export function blocked(body: JsonObject): Choice {
  const raw = textOf(objectOf(body.promptFeedback)?.blockReason)
  const finish: Choice['finish'] = raw === undefined ? { unified: 'other' } : { unified: 'content-filter', raw }
  return { index: 0, parts: [], finish, ...extended({}, { isCandidate: false }) }
}

function decodeCandidate(candidate: JsonObject, position: number, ids: CallIds): Choice {
  const content = objectOf(candidate.content)
  const parts = listOf(content?.parts)
    .filter(isObject)
    .map((part) => decodePart(part, ids))
  cite(candidate, parts)
  const hasIndex = typeof candidate.index === 'number'
  const hasCalls = parts.some(({ type }) => type === 'tool-call')
  return {
    index: hasIndex ? (candidate.index as number) : position,
    parts,
    finish: decodeFinish(candidate.finishReason, hasCalls),
    ...(isObject(candidate.logprobsResult) && { logprobs: candidate.logprobsResult }),
    ...extended({}),
    ...keep(candidate, CANDIDATE_FIELDS, {
      ...(!hasIndex && { index: 'absent' }),
      ...contentSpelling(content),
    }),
  }
}

/** Contents without a role, without parts, or none at all. */
function contentSpelling(content: JsonObject | undefined): JsonObject {
  if (content === undefined) return { content: 'absent' }
  const { extensions } = keep(content, CONTENT_FIELDS)
  return {
    ...(!Array.isArray(content.parts) && { parts: 'absent' }),
    ...(content.role !== 'model' && { role: content.role }),
    ...(extensions && { content: extensions[NAME] }),
  }
}

function cite(candidate: JsonObject, parts: readonly Part[]): void {
  const texts = parts.filter((part): part is TextPart => part.type === 'text')
  const placed = citationsIn(
    candidate,
    texts.map(({ text }) => text),
  )
  for (const { text, citation } of placed) (texts[text]!.citations ??= []).push(citation)
}
