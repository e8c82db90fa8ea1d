/**
 * Counts of all processes. Each process writes down its own sums, a record for each rollout and epoch, as often as
 * the interval says and never per request; whoever decides adds the records up. So what is read is as old as the
 * interval at most, and a process that dies loses no more than that.
 */
import type { JsonObject, Logger } from '@sluice/core'
import type { Store, StoredRecord } from '@sluice/store-kit'
import { mergeCounts, noCounts } from './counts.ts'
import type { Counts } from './counts.ts'
import { Later } from './later.ts'
import type { Plan } from './plan.ts'

export const COUNTS = 'rollout-counts'
/** Milliseconds that counts are kept after their last change. */
const KEPT = 90 * 86_400_000
/** Milliseconds without a change after which a process begins a new record, should there be one yet. */
const IDLE = 86_400_000
const PAGE = 1000

type Page = { id: string; counts: Counts[]; isDirty: boolean; changedAt: number }

export class Book {
  readonly #store: Store
  readonly #later: Later
  readonly #process = crypto.randomUUID()
  readonly #pages = new Map<string, Page>()
  #opened = 0
  /** The last writing that was begun or will be; never rejects. */
  #last: Promise<void> = Promise.resolve()
  /** The one that has not begun yet. */
  #next: Promise<void> | undefined

  /** @param interval milliseconds between two writings */
  constructor(store: Store, interval: number, log: Logger) {
    this.#store = store
    this.#later = new Later(interval, 'counts of rollouts', () => this.flush(), log)
  }

  /** The sums of an arm in this process, about to be changed. */
  open({ id, arms }: Plan, epoch: number, arm: number): Counts {
    const prefix = prefixOf(id, epoch)
    let page = this.#pages.get(prefix)
    if (!page) {
      page = {
        id: `${prefix}${this.#process}.${this.#opened++}`,
        counts: arms.map(noCounts),
        isDirty: true,
        changedAt: 0,
      }
      this.#pages.set(prefix, page)
    }
    page.isDirty = true
    page.changedAt = Date.now()
    this.#later.wake()
    return page.counts[arm]!
  }

  /**
   * Writes down what is new, one writing after the other, so that an older one never wins. Rejects if the store takes
   * it not; then it is written the next time.
   */
  flush(): Promise<void> {
    if (!this.#next) {
      this.#next = this.#last.then(() => this.#flush())
      this.#last = this.#next.catch(() => undefined)
    }
    return this.#next
  }

  async #flush(): Promise<void> {
    this.#next = undefined
    for (const [prefix, page] of this.#pages) {
      if (page.isDirty) await this.#write(page)
      else if (Math.abs(Date.now() - page.changedAt) > IDLE) this.#pages.delete(prefix)
    }
  }

  async #write(page: Page): Promise<void> {
    page.isDirty = false
    try {
      await this.#store.put(COUNTS, page.id, { arms: page.counts } satisfies JsonObject, { ttl: KEPT })
    } catch (error) {
      page.isDirty = true
      throw error
    }
  }

  /** What all processes have written down from an epoch on, by epoch and arm; what this one has, too. And how many did. */
  async read(plan: Plan, since: number): Promise<{ epochs: Map<number, Counts[]>; processes: number }> {
    await this.flush()
    const prefix = `${plan.id}:`
    const epochs = new Map<number, Counts[]>()
    const processes = new Set<string>()
    for (let after = prefix + since; ;) {
      const page = await this.#store.list(COUNTS, { after, limit: PAGE })
      const own = page.filter(({ id }) => id.startsWith(prefix))
      for (const record of own) {
        merge(plan, epochs, record)
        processes.add(processOf(record))
      }
      if (own.length < PAGE) return { epochs, processes: processes.size }
      after = own.at(-1)!.id
    }
  }

  close(): Promise<void> {
    return this.#later.close()
  }
}

const prefixOf = (id: string, epoch: number): string => `${id}:${epoch}:`
const processOf = ({ id }: StoredRecord): string => id.slice(id.lastIndexOf(':') + 1, id.lastIndexOf('.'))

function merge(plan: Plan, epochs: Map<number, Counts[]>, { id, value }: StoredRecord): void {
  const epoch = Number.parseInt(id.slice(plan.id.length + 1), 10)
  const sums = epochs.get(epoch) ?? plan.arms.map(noCounts)
  epochs.set(epoch, sums)
  const arms = value['arms'] as readonly Counts[]
  for (const [arm, counts] of arms.entries()) if (sums[arm]) mergeCounts(sums[arm], counts)
}
