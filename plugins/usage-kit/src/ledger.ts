import { capability } from '@sluice/core'
import type { Filter, Page, Row, Sum, Sums } from '@sluice/store-kit'

/** What was used, by whom, of what: one row for each exchange that asked a model. */
export interface Ledger {
  /** By the id of the exchange, which clients get as `x-request-id`. */
  find(id: string): Promise<Row | undefined>
  read(filter?: Filter, page?: Page): Promise<Row[]>
  sum(filter: Filter, sums: Sums): Promise<Sum[]>
}

/** Named by plugins in `requires` or `uses`. */
export const Ledger = capability<Ledger>('Ledger', { plugins: ['usage-ledger'] })
