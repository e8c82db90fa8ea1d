/** The promises that a run is held against. */
import { PAIRS } from '../support/dialect-names.ts'
import type { Running } from './measure.ts'
import { cpuPerReply, perSecond } from './results.ts'
import type { Estimate, Metric, Results } from './results.ts'
import { pairName } from './scenarios.ts'
import type { PairKind } from './scenarios.ts'
import type { Wire } from './wires.ts'

export interface Target {
  title: string
  /** The measured value may be at most, or must be at least, this. */
  bound: { most: number } | { least: number }
  unit: '×' | ' MB' | ' ms'
  measured(results: Results, contenders: readonly Running[]): Estimate | undefined
}

type Bound = Target['bound']

/** A metric of one contender in one scenario as a multiple of another's. */
function ratio(title: string, bound: Bound, metric: Metric, of: [string, string], to: [string, string]): Target {
  return { title, bound, unit: '×', measured: (results) => results.ratio(of[0], of[1], metric, to[1], to[0]) }
}

/** A figure of the process itself. */
function own(title: string, most: number, unit: ' MB' | ' ms', of: (running: Running) => number): Target {
  const measured: Target['measured'] = (_, contenders) => {
    const running = contenders.find(({ label }) => label === 'sluice')
    return running && { value: of(running), spread: 0 }
  }
  return { title, bound: { most }, unit, measured }
}

/** CPU of one client with one upstream, as a multiple of what the same client's verbatim traffic costs. */
export function pairRatio(results: Results, client: Wire, upstream: Wire, kind: PairKind): Estimate | undefined {
  const [name, verbatim] = [pairName(client, upstream, kind), pairName(client, client, kind)]
  return results.ratio(name, 'sluice-wires', cpuPerReply, 'sluice-wires', verbatim)
}

/** What a translation may cost at most, as such a multiple. */
export const PAIR_BOUNDS: { readonly [kind in PairKind]: number } = { json: 1.8, burst: 4, paced: 1.5 }

/** The dearest translation of all pairs. */
function dearest(title: string, kind: PairKind): Target {
  const measured: Target['measured'] = (results) => {
    const ratios = PAIRS.filter(({ client, upstream }) => client !== upstream).flatMap(
      ({ client, upstream }) => pairRatio(results, client, upstream, kind) ?? [],
    )
    return ratios.sort((a, b) => b.value - a.value)[0]
  }
  return { title, bound: { most: PAIR_BOUNDS[kind] }, unit: '×', measured }
}

const small: [string, string] = ['json-small', 'sluice']
const guarded = (title: string, most: number, name: string, to: string): Target =>
  ratio(title, { most }, cpuPerReply, ['json-small', name], ['json-small', to])

export const TARGETS: readonly Target[] = [
  ratio('Peak throughput, to bare Koa', { least: 0.8 }, perSecond, small, ['json-small', 'koa']),
  ratio(
    'Peak throughput with more plugins, to bare Koa',
    { least: 0.7 },
    perSecond,
    ['json-small', 'sluice-all'],
    ['json-small', 'koa'],
  ),
  ratio('CPU per small JSON request, to bare Koa', { most: 1.25 }, cpuPerReply, small, ['json-small', 'koa']),
  ratio(
    'CPU per 100 KB JSON request, to bare Koa',
    { most: 1.25 },
    cpuPerReply,
    ['json-large', 'sluice'],
    ['json-large', 'koa'],
  ),
  ratio(
    'CPU per unpaced stream, to bare node',
    { most: 1.15 },
    cpuPerReply,
    ['sse-burst', 'sluice'],
    ['sse-burst', 'node'],
  ),
  ratio(
    'CPU per paced stream, to bare node',
    { most: 1.15 },
    cpuPerReply,
    ['sse-paced', 'sluice'],
    ['sse-paced', 'node'],
  ),
  {
    title: 'Added p50 at one connection, to bare Koa',
    bound: { most: 1.5 },
    unit: '×',
    measured: (results) => results.addedRatio('json-lone', 'sluice', 'koa'),
  },
  ratio(
    'CPU openai-chat → anthropic, JSON, to verbatim',
    { most: 1.8 },
    cpuPerReply,
    ['openai-chat-to-anthropic-json', 'sluice'],
    small,
  ),
  ratio(
    'CPU openai-chat → anthropic, paced, to verbatim',
    { most: 1.5 },
    cpuPerReply,
    ['openai-chat-to-anthropic-paced', 'sluice'],
    ['sse-paced', 'sluice'],
  ),
  ratio(
    'CPU openai-chat → anthropic, unpaced, to verbatim',
    { most: 4 },
    cpuPerReply,
    ['openai-chat-to-anthropic-burst', 'sluice'],
    ['sse-burst', 'sluice'],
  ),
  guarded('CPU with keys, limits and ledger, to without', 1.35, 'sluice-guarded', 'sluice'),
  guarded('CPU with these and Redis, to without', 1.6, 'sluice-guarded-redis', 'sluice'),
  guarded('CPU with 100,000 keys, to 100', 1.1, 'sluice-guarded-100k', 'sluice-guarded'),
  dearest('CPU of the dearest pair, JSON, to verbatim', 'json'),
  dearest('CPU of the dearest pair, unpaced, to verbatim', 'burst'),
  dearest('CPU of the dearest pair, paced, to verbatim', 'paced'),
  ratio('Peak throughput, to Portkey', { least: 6 }, perSecond, small, ['json-small', 'portkey']),
  own('Resident memory, idle', 120, ' MB', ({ idleMb }) => idleMb),
  own('Cold start to the first reply', 1000, ' ms', ({ startMs }) => startMs),
]

export function holds(target: Target, { value }: Estimate): boolean {
  return 'most' in target.bound ? value <= target.bound.most : value >= target.bound.least
}
