import type { Row } from '@sluice/store-kit'

type Place = { time: number; id: string }

/** Bytes that a row takes besides its text. */
const OVERHEAD = 256

/** The rows of one journal, in the order of time, then id. What it tells of them is not to be changed. */
export class Rows {
  readonly #byId = new Map<string, Row>()
  readonly #sorted: Row[] = []
  #bytes = 0

  /** @returns false if there is one with its id */
  add(given: Row): boolean {
    if (this.#byId.has(given.id)) return false
    const row = copyOf(given)
    this.#byId.set(row.id, row)
    this.#sorted.splice(this.#indexOf(row), 0, row)
    this.#bytes += sizeOf(row)
    return true
  }

  find(id: string): Row | undefined {
    return this.#byId.get(id)
  }

  /** Rows of a span of time: those after the place `after`, if that is given, in the direction of the walk. */
  *walk({ from, to }: { from?: number; to?: number }, newestFirst: boolean, after?: Place): Generator<Row> {
    let start = from === undefined ? 0 : this.#indexOf({ time: from, id: '' })
    let end = to === undefined ? this.#sorted.length : this.#indexOf({ time: to, id: '' })
    if (after && newestFirst) end = Math.min(end, this.#indexOf(after))
    // The least of all ids that come after one is that one and a NUL.
    else if (after) start = Math.max(start, this.#indexOf({ time: after.time, id: `${after.id}\0` }))
    if (newestFirst) for (let i = end; i > start; i--) yield this.#sorted[i - 1]!
    else for (let i = start; i < end; i++) yield this.#sorted[i]!
  }

  /** @returns how many are gone */
  prune(before: number): number {
    return this.#drop(this.#indexOf({ time: before, id: '' }))
  }

  /** Drops the oldest if they take more than `bytes`: some at once, since each time costs. */
  shrink(bytes: number): void {
    if (this.#bytes <= bytes) return
    const enough = bytes - bytes / 64
    let rest = this.#bytes
    let count = 0
    while (rest > enough && count < this.#sorted.length) rest -= sizeOf(this.#sorted[count++]!)
    this.#drop(count)
  }

  #drop(count: number): number {
    for (const row of this.#sorted.splice(0, count)) {
      this.#byId.delete(row.id)
      this.#bytes -= sizeOf(row)
    }
    return count
  }

  /** Of the first row at that place or after it. Most rows are the newest. */
  #indexOf(place: Place): number {
    const rows = this.#sorted
    let low = 0
    let high = rows.length
    if (high > 0 && isBefore(rows[high - 1]!, place)) return high
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(rows[middle]!, place)) low = middle + 1
      else high = middle
    }
    return low
  }
}

const isBefore = (a: Place, b: Place): boolean => a.time < b.time || (a.time === b.time && a.id < b.id)

/** What may be changed without the other. */
export function copyOf({ id, time, data }: Row): Row {
  const copied = { ...data }
  for (const field of Object.keys(copied)) {
    const value = copied[field]
    if (Array.isArray(value)) Object.defineProperty(copied, field, { value: [...(value as readonly string[])] })
  }
  return { id, time, data: copied }
}

function sizeOf({ id, data }: Row): number {
  let characters = 2 * id.length
  for (const [field, value] of Object.entries(data)) {
    characters += field.length + 8
    if (typeof value === 'string') characters += value.length
    else if (Array.isArray(value)) for (const text of value as readonly string[]) characters += text.length + 8
  }
  return 2 * characters + OVERHEAD
}
