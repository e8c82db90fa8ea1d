/** How answers of now compare with those that were recorded, for people. */
import { safe } from './admin-print.ts'
import { columns, styled } from './report.ts'

/** What the gateway says of one. Figures of now have `mirror` before them; those that nobody knows are left out. */
export type Replayed = {
  recording: string
  model: string
  target: string
  outcome: string
  error?: string
  durationMs?: number
  mirrorDurationMs?: number
  outputTokens?: number
  mirrorOutputTokens?: number
  costUsd?: number
  mirrorCostUsd?: number
  /** 0 to 1. */
  similarity?: number
}

/** Means are of those of which both figures are known; null if there are none. Costs are summed up. */
export type Sums = {
  replayed: number
  ok: number
  similarity: number | null
  durationMs: Pair | null
  outputTokens: Pair | null
  costUsd: Pair | null
}
type Pair = { recorded: number; replayed: number }
type Figure = 'durationMs' | 'outputTokens' | 'costUsd'

export function sumsOf(lines: readonly Replayed[]): Sums {
  const alike = lines.flatMap(({ similarity }) => (similarity === undefined ? [] : [similarity]))
  return {
    replayed: lines.length,
    ok: lines.filter(({ outcome }) => outcome === 'ok').length,
    similarity: alike.length > 0 ? total(alike) / alike.length : null,
    durationMs: mean(lines, 'durationMs'),
    outputTokens: mean(lines, 'outputTokens'),
    costUsd: sumOf(lines, 'costUsd'),
  }
}

/** A table, and what it comes to. */
export function describeReplayed(lines: readonly Replayed[]): string {
  if (lines.length === 0) return 'There are no recordings.'
  const head = ['recording', 'model', 'target', 'outcome', 'ms', 'tokens out', 'US dollars', 'similarity']
  const [title = '', ...rows] = columns([head, ...lines.map(cells), foot(sumsOf(lines))])
  return [styled('bold', title), ...rows].join('\n')
}

function cells(line: Replayed): string[] {
  const { recording, model, target, outcome, error = outcome, similarity } = line
  const of = (figure: Figure): Pair | undefined => pairOf(line, figure)
  const texts = [recording, model, target, error].map(safe)
  return [...texts, ...figures(of('durationMs'), of('outputTokens'), of('costUsd'), similarity)]
}

function foot({ replayed, ok, durationMs, outputTokens, costUsd, similarity }: Sums): string[] {
  const means = figures(durationMs, outputTokens, costUsd, similarity)
  return [`${replayed} in all`, '', '', `${ok} ok`, ...means]
}

function figures(
  ms: Pair | null | undefined,
  tokens: Pair | null | undefined,
  cost: Pair | null | undefined,
  similarity: number | null | undefined,
): string[] {
  return [arrow(ms, 0), arrow(tokens, 0), arrow(cost, 6), similarity?.toFixed(2) ?? '']
}

function arrow(pair: Pair | null | undefined, digits: number): string {
  return pair ? `${pair.recorded.toFixed(digits)} → ${pair.replayed.toFixed(digits)}` : ''
}

function pairOf(line: Replayed, figure: Figure): Pair | undefined {
  const recorded = line[figure]
  const replayed = line[`mirror${figure[0]!.toUpperCase()}${figure.slice(1)}` as keyof Replayed]
  return recorded === undefined || typeof replayed !== 'number' ? undefined : { recorded, replayed }
}

function sumOf(lines: readonly Replayed[], figure: Figure): Pair | null {
  const pairs = lines.flatMap((line) => pairOf(line, figure) ?? [])
  if (pairs.length === 0) return null
  return { recorded: total(pairs.map((pair) => pair.recorded)), replayed: total(pairs.map((pair) => pair.replayed)) }
}

function mean(lines: readonly Replayed[], figure: Figure): Pair | null {
  const sum = sumOf(lines, figure)
  const count = lines.filter((line) => pairOf(line, figure)).length
  return sum && { recorded: sum.recorded / count, replayed: sum.replayed / count }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
