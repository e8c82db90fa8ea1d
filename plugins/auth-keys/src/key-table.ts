import type { StoredRecord } from '@sluice/store-kit'
import { keyOf, NO_KEY } from './key.ts'
import type { Key } from './key.ts'
import type { KeyRecord } from './record.ts'
import { Recent } from './recent.ts'

/** A record as JSON text, which takes a fraction of the memory that objects do. A changed record is another entry. */
export interface Entry {
  readonly id: string
  readonly revision: number
  readonly text: string
}

/** Keys of which more than their text is in memory. */
const READY = 20_000

/** All keys, in memory. */
export class KeyTable {
  readonly #entries = new Map<string, Entry>()
  readonly #ready = new Recent<Entry, Key>(READY)
  /** For each listing under way: ids that changed since it began, of which it may say what is old. */
  readonly #changes = new Set<Set<string>>()

  get size(): number {
    return this.#entries.size
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  /** What the entry says. A record that says nothing usable is a key that nobody has. */
  key(entry: Entry): Key {
    const ready = this.#ready.get(entry)
    if (ready) return ready
    const key = readKey(entry)
    this.#ready.set(entry, key)
    return key
  }

  /** What the store says now. */
  set({ id, revision, value }: StoredRecord): void {
    if (this.#entries.get(id)?.revision === revision) return
    this.#entries.set(id, { id, revision, text: JSON.stringify(value) })
  }

  /** The record is another one, or gone: what is known of it no longer counts. */
  drop(id: string): void {
    this.#entries.delete(id)
    for (const changed of this.#changes) changed.add(id)
  }

  /** Makes the table what the pages of a listing say. Rejects, with the old table left, as they do. */
  async fill(pages: AsyncIterable<readonly StoredRecord[]>): Promise<void> {
    const changed = new Set<string>()
    const seen = new Set<string>()
    this.#changes.add(changed)
    try {
      for await (const page of pages) {
        for (const record of page) {
          seen.add(record.id)
          if (!changed.has(record.id)) this.set(record)
        }
      }
      for (const id of this.#entries.keys()) if (!seen.has(id) && !changed.has(id)) this.#entries.delete(id)
    } finally {
      this.#changes.delete(changed)
    }
  }
}

function readKey({ id, text }: Entry): Key {
  try {
    return keyOf(id, JSON.parse(text) as KeyRecord)
  } catch {
    return { ...NO_KEY, id }
  }
}
