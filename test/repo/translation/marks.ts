/** By what a feature is recognised in JSON. */
import type { Leaf } from './leaves.ts'

/** Texts and numbers; without any, everything is of the feature. */
export type Marks = readonly (string | number)[]

/** The leaves that hold a mark, be it within a longer text or in base64. */
export function marked(leaves: readonly Leaf[], marks: Marks): readonly Leaf[] {
  if (marks.length === 0) return leaves
  return leaves.filter(({ value }) => marks.some((mark) => holds(value, mark)))
}

/** Where a feature stands: the paths of what it is recognised by, or else all that is said more, with values. */
export function places(leaves: readonly Leaf[], marks: Marks): string[] {
  const found = marks.length === 0 ? [] : marked(leaves, marks)
  const texts = found.length > 0 ? found.map(({ path }) => path) : leaves.map(written)
  return [...new Set(texts)]
}

function written({ path, value }: Leaf): string {
  return `${path}: ${JSON.stringify(value)}`
}

function holds(value: unknown, mark: string | number): boolean {
  if (typeof value !== 'string' || typeof mark !== 'string') return value === mark
  if (value.includes(mark)) return true
  const inner = Buffer.from(value, 'base64').toString()
  // What was marked may hold what was marked before.
  return inner.includes(mark) || (inner.startsWith('sluice:') && inner.split('"').some((piece) => holds(piece, mark)))
}
