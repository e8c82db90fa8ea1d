/** Whole requests with their answers, kept to be asked again. */
import { GatewayError } from '@sluice/core'
import type { ChatRequest, ChatResponse } from '@sluice/core'
import type { Journal, Row } from '@sluice/store-kit'
import { textOf } from './answer.ts'
import type { Told } from './comparison.ts'
import type { Measured } from './measure.ts'

export const RECORDINGS = 'shadow-recordings'
/** Characters of a recording. Larger ones are left out. */
const MOST = 1_048_576

/** A row as it is told; requests and answers are in the canonical form of `@sluice/core`. */
export interface Recording extends Told {
  id: string
  time: number
  model: string
  request: ChatRequest
  response: ChatResponse
}

/** Undefined if it is too large. */
export function recordingRow(
  id: string,
  time: number,
  request: ChatRequest,
  response: ChatResponse,
  measured: Measured,
): { row: Row; size: number } | undefined {
  const [asked, answered] = [JSON.stringify(request), JSON.stringify(response)]
  const size = asked.length + answered.length
  if (size > MOST) return undefined
  const { served = null, durationMs, ttftMs = null, usage, costNanoUsd = null } = measured
  const figures = { served, durationMs, ttftMs, costNanoUsd, usage: usage ? JSON.stringify(usage) : null }
  const data = { model: request.model, stream: request.stream, ...figures, request: asked, response: answered }
  return { row: { id, time, data }, size }
}

/** @throws GatewayError `not_found` */
export async function findRecording(journal: Journal, id: string): Promise<Recording> {
  const row = await journal.find(RECORDINGS, id)
  if (row) return recordingOf(row)
  throw new GatewayError('not_found', 'There is no such recording: it may have been forgotten meanwhile.')
}

export function recordingOf({ id, time, data }: Row): Recording {
  const number = (field: string): number | undefined => {
    const value = data[field]
    return typeof value === 'number' ? value : undefined
  }
  const response = JSON.parse(String(data['response'])) as ChatResponse
  const { model, served, usage } = data
  return {
    id,
    time,
    model: String(model),
    request: JSON.parse(String(data['request'])) as ChatRequest,
    response,
    served: typeof served === 'string' ? served : undefined,
    durationMs: number('durationMs') ?? 0,
    ttftMs: number('ttftMs'),
    usage: typeof usage === 'string' ? (JSON.parse(usage) as Measured['usage']) : undefined,
    costNanoUsd: number('costNanoUsd'),
    text: textOf(response),
  }
}
