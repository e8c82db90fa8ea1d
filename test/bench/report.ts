/** Writes a run as Markdown. */
import { table } from './markdown.ts'
import type { Running } from './measure.ts'
import { residentMb } from './process.ts'
import { busy, cpuPerReply, firstByte, p50, p90, p99, perSecond } from './results.ts'
import type { Estimate, Results } from './results.ts'
import { PAIR_KINDS, pairName, streams } from './scenarios.ts'
import type { PairKind, Scenario } from './scenarios.ts'
import { holds, PAIR_BOUNDS, pairRatio, TARGETS } from './targets.ts'
import { WIRES } from './wires.ts'
import type { Wire } from './wires.ts'

type Row = (string | undefined)[]

const whole = (estimate: Estimate | undefined) => estimate?.value.toFixed(0)
const times = (estimate: Estimate | undefined) =>
  estimate && `${estimate.value.toFixed(2)} ±${estimate.spread.toFixed(2)}`
const milliseconds = (estimate: Estimate | undefined) => estimate?.value.toFixed(estimate.value < 10 ? 2 : 0)
const percent = (estimate: Estimate | undefined) => estimate && `${(estimate.value * 100).toFixed(0)} %`

/** One scenario: absolute medians, and ratios to the scenario's baseline in the same rounds. */
export function scenarioTable(results: Results, scenario: Scenario, labels: readonly string[]): string {
  const { name, title, baseline, against = name } = scenario
  const versus = against === name ? `× ${baseline}` : `× ${baseline} verbatim`
  const unit = streams(scenario) ? 'stream' : 'request'
  const head = [
    'contender',
    `${unit}s/s`,
    versus,
    `CPU µs/${unit}`,
    versus,
    'p50 ms',
    'p90 ms',
    'p99 ms',
    'first byte p50 ms',
    'added p50 ms',
    versus,
    'core busy',
    'errors',
  ]
  const rows = labels
    .filter((label) => results.of(name, label).length > 0)
    .map((label): Row => {
      const median = (metric: typeof p50) => results.median(name, label, metric)
      const measured = label === 'direct' ? undefined : label
      return [
        label,
        whole(median(perSecond)),
        times(results.ratio(name, label, perSecond, baseline, against)),
        whole(median(cpuPerReply)),
        times(results.ratio(name, label, cpuPerReply, baseline, against)),
        milliseconds(median(p50)),
        milliseconds(median(p90)),
        milliseconds(median(p99)),
        milliseconds(median(firstByte)),
        measured && results.added(name, label)?.value.toFixed(3),
        measured && times(results.addedRatio(name, label, baseline)),
        percent(median(busy)),
        String(results.errors(name, label)),
      ]
    })
  return table(title, head, rows)
}

/** Every client with every upstream: ratios to the client's verbatim traffic, which stands in microseconds. */
export function pairTable(results: Results): string {
  const cell = (client: Wire, upstream: Wire, kind: PairKind): string => {
    if (client === upstream)
      return whole(results.median(pairName(client, client, kind), 'sluice-wires', cpuPerReply)) ?? '–'
    const ratio = pairRatio(results, client, upstream, kind)
    if (ratio === undefined) return '–'
    const text = ratio.value.toFixed(2)
    return ratio.value > PAIR_BOUNDS[kind] ? `**${text}**` : text
  }
  const rows = WIRES.map((client) => [
    client,
    ...WIRES.map((upstream) => PAIR_KINDS.map((kind) => cell(client, upstream, kind)).join(' / ')),
  ])
  const title = 'CPU by client (rows) and upstream (columns): JSON / unpaced / paced, × verbatim; verbatim in µs'
  return table(title, ['', ...WIRES], rows)
}

export function processTable(contenders: readonly Running[]): string {
  const rows = contenders
    .filter(({ process }) => process !== undefined)
    .map(({ label, process, startMs, idleMb }): Row => [
      label,
      startMs.toFixed(0),
      idleMb.toFixed(0),
      residentMb(process?.pid ?? 0).toFixed(0),
    ])
  return table('Processes', ['contender', 'cold start ms', 'RSS idle MB', 'RSS after the run MB'], rows)
}

/** The targets that the run can judge. */
export function verdictTable(results: Results, contenders: readonly Running[]): { text: string; missed: number } {
  let missed = 0
  const rows = TARGETS.flatMap((target): Row[] => {
    const measured = target.measured(results, contenders)
    if (measured === undefined) return []
    const met = holds(target, measured)
    if (!met) missed++
    const bound = 'most' in target.bound ? `≤ ${target.bound.most}` : `≥ ${target.bound.least}`
    const value = target.unit === '×' ? times(measured) : whole(measured)
    return [[target.title, `${bound}${target.unit}`, `${value}${target.unit}`, met ? 'pass' : 'FAIL']]
  })
  return { text: table('Verdict', ['target', 'bound', 'measured', 'verdict'], rows), missed }
}
