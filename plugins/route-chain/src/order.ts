type Edges = ReadonlyMap<string, readonly string[]>

/** The steps of a circle, its first at both ends; undefined if there is none. */
export function circleIn(edges: Edges): string[] | undefined {
  const done = new Set<string>()
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    if (done.has(name)) return undefined
    for (const next of edges.get(name) ?? []) {
      const circle = visit(next, [...path, name])
      if (circle) return circle
    }
    done.add(name)
    return undefined
  }
  for (const name of edges.keys()) {
    const circle = visit(name, [])
    if (circle) return circle
  }
  return undefined
}

/** All that `from` lead to, themselves included. */
export function reachable(from: readonly string[], edges: Edges): Set<string> {
  const found = new Set(from)
  for (const name of found) for (const next of edges.get(name) ?? []) found.add(next)
  return found
}
