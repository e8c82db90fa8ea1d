import { GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import type { ListOptions, PutOptions, StoredRecord } from '@sluice/store-kit'

export interface StoreBounds {
  /** Records at most. */
  records: number
  /** Bytes at most, two a character. */
  bytes: number
}
/** A record that was written or is gone. */
export type StoreChange = { collection: string; id: string }

/** JSON text, so that nobody's later changes reach it. `expires`: on the clock of `now`; Infinity for never. */
type Entry = { collection: string; id: string; text: string; revision: number; expires: number }

/** Records of all processes. When it is full, those that were put longest ago go first. */
export class MemoryStore {
  #bounds: StoreBounds = { records: Infinity, bytes: Infinity }
  readonly #onChange: (change: StoreChange) => void
  readonly #now: () => number
  /** In the order in which they were put. */
  readonly #entries = new Map<string, Entry>()
  #bytes = 0

  /** @param now milliseconds */
  constructor(onChange: (change: StoreChange) => void, now: () => number = Date.now) {
    this.#onChange = onChange
    this.#now = now
  }

  bound(bounds: StoreBounds): void {
    this.#bounds = bounds
    this.#shrink()
  }

  find(collection: string, id: string): StoredRecord | undefined {
    const entry = this.#live(keyOf(collection, id))
    return entry && recordOf(entry)
  }

  put(collection: string, id: string, value: JsonObject, { ttl, revision }: PutOptions = {}): number {
    const key = keyOf(collection, id)
    const current = this.#live(key)?.revision ?? 0
    assertRevision(revision, current, collection, id)
    const text = JSON.stringify(value)
    this.#drop(key)
    const expires = ttl === undefined ? Infinity : this.#now() + ttl
    this.#entries.set(key, { collection, id, text, revision: current + 1, expires })
    this.#bytes += sizeOf(key, text)
    this.#onChange({ collection, id })
    this.#shrink()
    return current + 1
  }

  delete(collection: string, id: string, { revision }: { revision?: number } = {}): boolean {
    const key = keyOf(collection, id)
    const current = this.#live(key)?.revision ?? 0
    assertRevision(revision, current, collection, id)
    if (current === 0) return false
    this.#drop(key)
    this.#onChange({ collection, id })
    return true
  }

  list(collection: string, { after, limit = 100 }: ListOptions = {}): StoredRecord[] {
    const now = this.#now()
    return [...this.#entries.values()]
      .filter((entry) => entry.collection === collection && entry.expires > now)
      .filter(({ id }) => after === undefined || id > after)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, Math.min(limit, 1000))
      .map(recordOf)
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry && entry.expires <= this.#now()) {
      this.#drop(key)
      return undefined
    }
    return entry
  }

  #shrink(): void {
    for (const [key, { collection, id }] of this.#entries) {
      if (this.#entries.size <= this.#bounds.records && this.#bytes <= this.#bounds.bytes) return
      this.#drop(key)
      this.#onChange({ collection, id })
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    this.#bytes -= sizeOf(key, entry.text)
    this.#entries.delete(key)
  }
}

const keyOf = (collection: string, id: string): string => JSON.stringify([collection, id])
const sizeOf = (key: string, text: string): number => 2 * (key.length + text.length)
const recordOf = ({ id, text, revision }: Entry): StoredRecord => {
  return { id, value: JSON.parse(text) as JsonObject, revision }
}

function assertRevision(wanted: number | undefined, current: number, collection: string, id: string): void {
  if (wanted === undefined || wanted === current) return
  const found = current === 0 ? 'there is no such record' : `its revision is ${current}`
  throw new GatewayError('conflict', `${collection} ${id} was to have revision ${wanted}, but ${found}. Read it again.`)
}
