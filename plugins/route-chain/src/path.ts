/** Names of values, e.g. `steps.topic.json.items.0`. */

/** From the root of a run's data; one that begins with '' starts from the item of the section around it. */
export type Path = readonly string[]

const FORM = /^[\w-]+(\.[\w-]+)*$/

/** Undefined if `text` is no path. */
export function parsePath(text: string): Path | undefined {
  return FORM.test(text) ? text.split('.') : undefined
}

/** What stands at `path` in `value`, in fields of its own only; undefined if nothing does. */
export function valueAt(value: unknown, path: Path, from = 0): unknown {
  let found = value
  for (let i = from; i < path.length; i++) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, path[i]!)) return undefined
    found = (found as { [name: string]: unknown })[path[i]!]
  }
  return found
}
