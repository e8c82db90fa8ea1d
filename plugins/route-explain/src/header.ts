/** A report in one header. */
import type { Report } from './report.ts'

/** Name of the header that asks, and of the one that answers. */
export const HEADER = 'x-sluice-explain'
/** Bytes of its value at most. */
const MOST = 4096
/** Entries of a list, and characters of a text, from the most to the least that is told. */
const CUTS: readonly (readonly [entries: number, characters: number])[] = [
  [32, 200],
  [16, 100],
  [8, 60],
  [4, 40],
  [2, 24],
]

/** What a caller is told who may not ask. */
export const IGNORED = JSON.stringify({ ignored: 'It takes the permission routing:read.' })

/**
 * Compact JSON in ASCII, 4 KB at most: `candidates` in the order of their places, each with why it is out and how it
 * was scored. What does not fit is cut, lists at their ends, and `more` then says of how many entries.
 */
export function headerOf(report: Report): string {
  for (const [entries, characters] of CUTS) {
    const text = ascii(JSON.stringify(compact(report, entries, characters)))
    if (text.length <= MOST) return text
  }
  return '{"more":true}' // names beyond all measure
}

function compact(report: Report, entries: number, characters: number): object {
  let more = 0
  const some = <T>(list: readonly T[]): readonly T[] => {
    more += Math.max(0, list.length - entries)
    return list.slice(0, entries)
  }
  const short = (text: string): string => (text.length > characters ? `${text.slice(0, characters)}…` : text)
  const { model, estimate, error } = report
  const shown = {
    model: short(model),
    ...(estimate && { estimate }),
    candidates: some(report.candidates).map(({ target, place, excluded, scores, mostUsd }) => ({
      target: short(target),
      ...(place !== null && { place }),
      ...(excluded.length > 0 && {
        excluded: some(excluded).map(({ plugin, reason }) => `${short(plugin)}: ${short(reason)}`),
      }),
      ...(scores.length > 0 && {
        scores: some(scores).map(({ plugin, score, words }) => `${short(plugin)}: ${score} ${short(words)}`),
      }),
      ...(mostUsd !== null && { mostUsd }),
    })),
    orders: some(report.orders).map(({ plugin, targets }) => [short(plugin), ...some(targets).map(short)]),
    notes: some(report.notes).map(({ plugin, text }) => `${short(plugin)}: ${short(text)}`),
    attempts: some(report.attempts).map((attempt) => ({ ...attempt, target: short(attempt.target) })),
    ...(error && { error: { code: error.code, ...(error.plugin !== undefined && { plugin: short(error.plugin) }) } }),
    ms: report.timings,
  }
  return more > 0 ? { ...shown, more } : shown
}

/** Header values are ASCII; what is not is escaped. */
function ascii(json: string): string {
  return json.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
