/** The end of the chain, to which several processes add: whoever takes the next number first has it. */
import type { Journal, Row } from '@sluice/store-kit'
import type { Entry } from './entry.ts'
import { headOf, JOURNAL, rowAfter, START } from './row.ts'
import type { Hash, Head } from './row.ts'

export class Chain {
  readonly #journal: Journal
  readonly #hash: Hash
  readonly #onHead: (head: Head) => void
  /** As far as is known here. */
  #head: Head | undefined
  /** Sent, but not known to have been written. */
  #doubtful: Row | undefined

  /** @param onHead told of every row that was added here */
  constructor(journal: Journal, hash: Hash, onHead: (head: Head) => void) {
    this.#journal = journal
    this.#hash = hash
    this.#onHead = onHead
  }

  /** Adds a row. Rejects if the journal is out of reach; the next call must then be for the same entries. */
  async add(entries: readonly Entry[]): Promise<void> {
    while (!(await this.#isWritten())) {
      this.#head ??= await this.#readHead()
      const row = rowAfter(this.#head, entries, this.#hash, Date.now())
      this.#doubtful = row
      const fresh = await this.#journal.append(JOURNAL, [row])
      if (fresh.includes(row.id)) return this.#advance(row)
      this.#doubtful = undefined
      this.#head = undefined
    }
  }

  /** Resolves if the journal can be reached. */
  async probe(): Promise<void> {
    await this.#readHead()
  }

  /** Whether what was sent before, and not confirmed, is there after all. */
  async #isWritten(): Promise<boolean> {
    const sent = this.#doubtful
    if (!sent) return false
    const found = await this.#journal.find(JOURNAL, sent.id)
    if (found?.data['hash'] === sent.data['hash']) {
      this.#advance(sent)
      return true
    }
    this.#doubtful = undefined
    this.#head = undefined
    return false
  }

  #advance(row: Row): void {
    this.#doubtful = undefined
    this.#head = headOf(row)
    this.#onHead(this.#head)
  }

  async #readHead(): Promise<Head> {
    const [last] = await this.#journal.read(JOURNAL, {}, { newestFirst: true, limit: 1 })
    return last ? headOf(last) : START
  }
}
