/** What one JSON value says that another does not, by the paths of its fields. */

/** A text, number, boolean, null or empty object, and where it stands; places in lists do not count. */
export interface Leaf {
  path: string
  value: unknown
}

/** Moments and numbers of events differ from run to run, or say nothing. */
const VOLATILE = /(?:^|\.)(?:created|created_at|completed_at|sequence_number)$/

export function leavesOf(value: unknown, path = ''): Leaf[] {
  const inner = innerOf(value, path)
  if (inner.length > 0) return inner.flatMap(([each, at]) => leavesOf(each, at))
  return VOLATILE.test(path) ? [] : [{ path, value }]
}

/** What is within, with its path. */
function innerOf(value: unknown, path: string): [unknown, string][] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.map((item) => [item, `${path}[]`])
  const said = Object.entries(value).filter(([, each]) => each !== undefined)
  return said.map(([field, each]) => [each, path === '' ? field : `${path}.${field}`])
}

/** The leaves of `value` that `base` has not, or has less often. */
export function added(value: unknown, base: unknown): Leaf[] {
  const known = new Map<string, number>()
  for (const leaf of leavesOf(base)) known.set(keyOf(leaf), (known.get(keyOf(leaf)) ?? 0) + 1)
  return leavesOf(value).filter((leaf) => {
    const left = known.get(keyOf(leaf)) ?? 0
    known.set(keyOf(leaf), left - 1)
    return left <= 0
  })
}

/** Whether every leaf of `wanted` is among `leaves`. */
export function includes(leaves: readonly Leaf[], wanted: readonly Leaf[]): boolean {
  const keys = new Set(leaves.map(keyOf))
  return wanted.every((leaf) => keys.has(keyOf(leaf)))
}

function keyOf({ path, value }: Leaf): string {
  return `${path} ${JSON.stringify(value)}`
}
