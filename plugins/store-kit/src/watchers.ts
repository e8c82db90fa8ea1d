import type { Watcher } from './store.ts'

/** Who watches which collection of a store. */
export class Watchers {
  readonly #watchers = new Map<string, Set<{ watcher: Watcher }>>()
  readonly #onError: (error: unknown) => void

  /** @param onError is told what a watcher throws: that is nobody else's trouble */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** As `Store.watch`. */
  add(collection: string, watcher: Watcher): () => void {
    const entry = { watcher }
    const watchers = this.#watchers.get(collection) ?? new Set()
    this.#watchers.set(collection, watchers.add(entry))
    return () => {
      if (watchers.delete(entry) && watchers.size === 0) this.#watchers.delete(collection)
    }
  }

  /** @param id undefined if any record of the collection may have changed */
  tell(collection: string, id: string | undefined): void {
    for (const { watcher } of this.#watchers.get(collection) ?? []) {
      try {
        watcher(id)
      } catch (error) {
        this.#onError(error)
      }
    }
  }

  /** Any record of any collection may have changed. */
  tellAll(): void {
    for (const collection of this.#watchers.keys()) this.tell(collection, undefined)
  }
}
