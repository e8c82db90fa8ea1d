/** Two answers to the same request, side by side. */
import type { ChatRequest, Exchange } from '@sluice/core'
import { binOf } from '@sluice/route-kit'
import type { Row } from '@sluice/store-kit'
import { judged } from './judge.ts'
import type { Judge, Marks } from './judge.ts'
import type { Measured } from './measure.ts'
import type { Mirrored } from './mirror.ts'
import type { Measure } from './options.ts'
import { similarity } from './similarity.ts'

/** An answer with its text; undefined if that is not known. */
export type Told = Measured & { text: string | undefined }
/** What is compared, and by whom. */
export interface Terms {
  compare: ReadonlySet<Measure>
  judge: Judge | undefined
  keepTexts: boolean
}

/** Fields of a row. What stands beside a figure of the first answer with `mirror` before it is that of the second. */
export type Comparison = Row['data']

/**
 * Integers all through, so that sums are exact: `similarity` in thousandths. What was compared says so (`measured`,
 * `timed`, `counted`, `priced`, `compared`, `judged`: 1), so that means know what they are of.
 */
export async function compare(
  request: ChatRequest,
  first: Told,
  second: Told & Pick<Mirrored, 'outcome' | 'error'>,
  { compare: measures, judge, keepTexts }: Terms,
  parent: Exchange,
): Promise<Comparison> {
  const { outcome, error } = second
  const data: Comparison = { outcome }
  if (first.served !== undefined) data['served'] = first.served
  if (second.served !== undefined) data['mirrorServed'] = second.served
  if (error !== undefined) data['error'] = error
  if (outcome !== 'ok') return data
  if (measures.has('latency')) addLatency(data, first, second)
  if (measures.has('tokens')) addTokens(data, first, second)
  if (measures.has('cost')) addCost(data, first, second)
  const [text, other] = [first.text, second.text]
  if (text === undefined || other === undefined) return data
  if (measures.has('similarity')) {
    data['similarity'] = Math.round(similarity(text, other) * 1000)
    data['compared'] = 1
  }
  if (judge) addMarks(data, await judged(judge, { request, first: text, second: other, parent }))
  if (keepTexts) Object.assign(data, { text, mirrorText: other })
  return data
}

function addLatency(data: Comparison, first: Measured, second: Measured): void {
  data['durationMs'] = first.durationMs
  data['mirrorDurationMs'] = second.durationMs
  data['durationBin'] = binOf(first.durationMs)
  data['mirrorDurationBin'] = binOf(second.durationMs)
  data['measured'] = 1
  if (first.ttftMs === undefined || second.ttftMs === undefined) return
  data['ttftMs'] = first.ttftMs
  data['mirrorTtftMs'] = second.ttftMs
  data['ttftBin'] = binOf(first.ttftMs)
  data['mirrorTtftBin'] = binOf(second.ttftMs)
  data['timed'] = 1
}

function addTokens(data: Comparison, first: Measured, second: Measured): void {
  if (!first.usage || !second.usage) return
  data['inputTokens'] = first.usage.input.total
  data['outputTokens'] = first.usage.output.total
  data['mirrorInputTokens'] = second.usage.input.total
  data['mirrorOutputTokens'] = second.usage.output.total
  data['counted'] = 1
}

function addCost(data: Comparison, first: Measured, second: Measured): void {
  if (first.costNanoUsd === undefined || second.costNanoUsd === undefined) return
  data['costNanoUsd'] = first.costNanoUsd
  data['mirrorCostNanoUsd'] = second.costNanoUsd
  data['priced'] = 1
}

function addMarks(data: Comparison, marks: Marks | undefined): void {
  if (marks) Object.assign(data, { judged: 1, mark: marks.first, mirrorMark: marks.second })
  else data['unjudged'] = 1
}
