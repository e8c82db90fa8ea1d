/** Sums of comparisons, a line for each model and target. */
import { quantileOf } from '@sluice/route-kit'
import type { Histogram } from '@sluice/route-kit'
import type { Filter, Journal, Sum } from '@sluice/store-kit'
import { dollars } from '@sluice/usage-kit'
import { ROWS } from './shadow.ts'

type Latency = { meanMs: number | null; p50Ms: number | null; p90Ms: number | null; p99Ms: number | null }
/** Of the first answers and of the copies. */
type Pair<T> = { primary: T; mirror: T }

/** `count`s say of how many answers the figures are. Means are null where there are none. */
export interface SummaryLine {
  model: string
  target: string
  outcomes: { ok: number; failed: number; timeout: number; skipped: number }
  latency: { count: number } & Pair<Latency>
  /** Of streams. */
  ttft: { count: number } & Pair<Latency>
  tokens: { count: number } & Pair<{ meanInput: number | null; meanOutput: number | null }>
  /** US dollars in all. */
  cost: { count: number } & Pair<number | null>
  similarity: { count: number; mean: number | null }
  /** `without`: answers to which the judge gave no marks that could be read. */
  judge: { count: number; without: number } & Pair<number | null>
}

const GROUP = ['model', 'target']
const COUNTS = ['measured', 'timed', 'counted', 'priced', 'compared', 'judged', 'unjudged']
const FIGURES = ['durationMs', 'ttftMs', 'inputTokens', 'outputTokens', 'costNanoUsd', 'mark']
const FIELDS = [...COUNTS, ...FIGURES, ...FIGURES.map(mirrored), 'similarity']
const BINS = ['durationBin', 'ttftBin'].flatMap((bin) => [bin, mirrored(bin)])

/** In the order of models, then targets. */
export async function summaryOf(journal: Journal, filter: Filter): Promise<SummaryLine[]> {
  const [totals, outcomes, ...bins] = await Promise.all([
    journal.sum(ROWS, filter, { by: GROUP, fields: FIELDS }),
    journal.sum(ROWS, filter, { by: [...GROUP, 'outcome'], fields: [] }),
    ...BINS.map((bin) => journal.sum(ROWS, filter, { by: [...GROUP, bin], fields: [] })),
  ])
  const counted = tableOf(outcomes, 'outcome')
  const tables = new Map(BINS.map((bin, index) => [bin, tableOf(bins[index]!, bin)] as const))
  return totals.map((total) => {
    const key = keyOf(total)
    return lineOf(total, counted.get(key) ?? new Map(), (bin) => tables.get(bin)?.get(key) ?? new Map())
  })
}

function lineOf({ group, sums }: Sum, outcomes: Counts, binsOf: (bin: string) => Counts): SummaryLine {
  const sum = (field: string): number => sums[field] ?? 0
  const mean = (field: string, count: string): number | null => (sum(count) > 0 ? sum(field) / sum(count) : null)
  const pair = <T>(of: (name: (field: string) => string) => T): Pair<T> => ({
    primary: of((field) => field),
    mirror: of(mirrored),
  })
  const latency = (field: string, bin: string, count: string): { count: number } & Pair<Latency> => ({
    count: sum(count),
    ...pair((name) => ({ meanMs: rounded(mean(name(field), count)), ...percentiles(binsOf(name(bin))) })),
  })
  const outcome = (name: string): number => outcomes.get(name) ?? 0
  const similarity = mean('similarity', 'compared')
  return {
    model: String(group['model']),
    target: String(group['target']),
    outcomes: {
      ok: outcome('ok'),
      failed: outcome('failed'),
      timeout: outcome('timeout'),
      skipped: outcome('skipped'),
    },
    latency: latency('durationMs', 'durationBin', 'measured'),
    ttft: latency('ttftMs', 'ttftBin', 'timed'),
    tokens: {
      count: sum('counted'),
      ...pair((name) => ({
        meanInput: rounded(mean(name('inputTokens'), 'counted')),
        meanOutput: rounded(mean(name('outputTokens'), 'counted')),
      })),
    },
    cost: {
      count: sum('priced'),
      ...pair((name) => (sum('priced') > 0 ? dollars(sum(name('costNanoUsd'))) : null)),
    },
    similarity: { count: sum('compared'), mean: similarity === null ? null : rounded(similarity) / 1000 },
    judge: { count: sum('judged'), without: sum('unjudged'), ...pair((name) => rounded(mean(name('mark'), 'judged'))) },
  }
}

/** The field of the copy. */
function mirrored(field: string): string {
  return `mirror${field[0]!.toUpperCase()}${field.slice(1)}`
}

function percentiles(counts: Counts): Omit<Latency, 'meanMs'> {
  const histogram: Histogram = {}
  for (const [bin, count] of counts) if (typeof bin === 'number') histogram[bin] = count
  const percentile = (quantile: number): number | null => {
    const ms = quantileOf(histogram, quantile)
    return ms === undefined ? null : Math.round(ms)
  }
  return { p50Ms: percentile(0.5), p90Ms: percentile(0.9), p99Ms: percentile(0.99) }
}

/** Rows by value of a field; rows without one are under null. */
type Counts = ReadonlyMap<unknown, number>

function tableOf(sums: readonly Sum[], field: string): Map<string, Map<unknown, number>> {
  const table = new Map<string, Map<unknown, number>>()
  for (const sum of sums) {
    const key = keyOf(sum)
    const counts = table.get(key) ?? new Map<unknown, number>()
    table.set(key, counts.set(sum.group[field], sum.count))
  }
  return table
}

function keyOf({ group }: Sum): string {
  return JSON.stringify(GROUP.map((field) => group[field]))
}

function rounded(value: number): number
function rounded(value: number | null): number | null
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100
}
