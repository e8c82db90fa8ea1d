import type { Filter, Page, Row, Sum, Sums } from '@sluice/store-kit'
import { matcherOf } from './filter.ts'
import { copyOf, Rows } from './rows.ts'
import { sumOf } from './sums.ts'

/** The journals of all processes. Of one that is full, the oldest rows go first. */
export class MemoryJournal {
  #bound = Infinity
  readonly #journals = new Map<string, Rows>()

  /** @param bytes that each journal may take */
  bound(bytes: number): void {
    this.#bound = bytes
    for (const rows of this.#journals.values()) rows.shrink(bytes)
  }

  append(journal: string, rows: readonly Row[]): string[] {
    const kept = this.#journals.get(journal) ?? new Rows()
    this.#journals.set(journal, kept)
    const added = rows.filter((row) => kept.add(row)).map(({ id }) => id)
    kept.shrink(this.#bound)
    return added
  }

  find(journal: string, id: string): Row | undefined {
    const row = this.#journals.get(journal)?.find(id)
    return row && copyOf(row)
  }

  read(journal: string, filter: Filter = {}, { after, limit = 100, newestFirst = false }: Page = {}): Row[] {
    const matches = matcherOf(filter.where)
    const most = Math.min(limit, 1000)
    const page: Row[] = []
    for (const row of this.#journals.get(journal)?.walk(filter, newestFirst, after) ?? []) {
      if (page.length >= most) break
      if (matches(row.data)) page.push(copyOf(row))
    }
    return page
  }

  sum(journal: string, filter: Filter, sums: Sums): Sum[] {
    return sumOf(this.#journals.get(journal)?.walk(filter, false) ?? [], matcherOf(filter.where), sums)
  }

  prune(journal: string, before: number): number {
    return this.#journals.get(journal)?.prune(before) ?? 0
  }
}
