/** What the gateway explains, for people. */
import type { JsonObject } from '../model.ts'
import { safe } from './admin-print.ts'
import { columns, styled } from './report.ts'

type Candidate = {
  target: string
  place: number | null
  excluded: { plugin: string; reason: string }[]
  scores: { plugin: string; score: number; words: string }[]
  traits: JsonObject
  mostUsd: number | null
}
/** Answer of `POST /admin/v1/explain`. */
export type Explained = {
  model: string
  outcome: 'would-call' | 'refused' | 'answered'
  target: string | null
  as: { id: string; key?: string; user?: string; team?: string; organisation?: string; tags: string[]; roles: string[] }
  error: { code: string; status: number; message: string; plugin?: string; hook?: string } | null
  estimate: { inputTokens: number; outputTokens: number; limited: boolean } | null
  candidates: Candidate[]
  orders: { plugin: string; targets: string[] }[]
  notes: { plugin: string; text: string }[]
  taps: { hook: string; plugin: string; name: string; stage: string }[]
  limits: { [header: string]: string }
  timings: { [hook: string]: number }
}

/** The sections that have something in them. */
export function describeExplained(told: Explained): string {
  const { model, candidates, orders, notes, taps, limits, timings } = told
  return [
    [styled('bold', `${safe(model)} ${verdict(told)}`), ...indented(about(told))].join('\n'),
    section('Targets', candidates.flatMap(candidateRows)),
    section(
      'Order',
      orders.map(({ plugin, targets }) => [plugin, targets.join(', ') || 'none']),
    ),
    section(
      'Notes',
      notes.map(({ plugin, text }) => [plugin, text]),
    ),
    section('Taps, in their order', tapRows(taps, timings)),
    section('Limits', Object.entries(limits)),
  ]
    .filter(Boolean)
    .join('\n\n')
}

function verdict({ outcome, target, error }: Explained): string {
  if (outcome === 'would-call') return `would call ${safe(target ?? '')}`
  return outcome === 'refused' ? `would be refused: ${error?.status} ${error?.code}` : 'would be answered by no model'
}

function about({ as, error, estimate }: Explained): string[][] {
  const { id, tags, roles, ...unit } = as
  const units = Object.entries(unit).filter(([name, value]) => name !== 'key' || value !== id)
  const who = [
    id,
    ...units.map((pair) => pair.join(' ')),
    ...tags.map((tag) => `tag ${tag}`),
    ...roles.map((role) => `role ${role}`),
  ]
  const by = error?.plugin === undefined ? 'the gateway' : `${error.plugin} in ${error.hook}`
  return [
    ...(error
      ? [
          ['why', error.message],
          ['by', by],
        ]
      : []),
    ['for', who.join(', ')],
    ...(estimate
      ? [['tokens', `${estimate.inputTokens} in, ${estimate.limited ? 'at most ' : ''}${estimate.outputTokens} out`]]
      : []),
  ]
}

/** A line for the target, and one for each further thing that was said of it. */
function candidateRows({ target, place, excluded, scores, traits, mostUsd }: Candidate): string[][] {
  const said = [
    ...excluded.map(({ plugin, reason }) => `out by ${plugin}: ${reason}`),
    ...scores.map(({ plugin, score, words }) => `${plugin}: ${Number(score.toPrecision(4))} ${words}`),
  ]
  const price = mostUsd === null ? '' : `≤ $${Number(mostUsd.toPrecision(3))}`
  const [first = '', ...more] = said
  return [
    [place === null ? '–' : String(place), target, traitsOf(traits), price, first],
    ...more.map((text) => ['', '', '', '', text]),
  ]
}

function traitsOf({ weight, priority, region, tags }: JsonObject): string {
  return [
    ...Object.entries({ weight, priority }).flatMap(([name, value]) =>
      typeof value === 'number' ? [`${name} ${value}`] : [],
    ),
    ...(typeof region === 'string' ? [region] : []),
    ...(Array.isArray(tags) ? tags.map(String) : []),
  ].join(', ')
}

/** The time that a hook took stands beside its first tap. */
function tapRows(taps: Explained['taps'], timings: Explained['timings']): string[][] {
  return taps.map(({ hook, plugin, name, stage }, index) => {
    const isFirst = taps[index - 1]?.hook !== hook
    const time = timings[hook]
    const said = isFirst && time !== undefined ? `${time.toFixed(2)} ms` : ''
    return [isFirst ? hook : '', plugin, name === plugin ? '' : name, stage, said]
  })
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : [styled('bold', title), ...indented(rows)].join('\n')
}

/** Empty columns are left out. */
function indented(rows: readonly (readonly string[])[]): string[] {
  const used = rows.flatMap((row) => row.flatMap((cell, index) => (cell === '' ? [] : [index])))
  const shown = rows.map((row) => row.filter((_, index) => used.includes(index)).map(safe))
  return columns(shown).map((line) => `  ${line}`)
}
