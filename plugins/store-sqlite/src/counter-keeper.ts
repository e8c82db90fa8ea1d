import { BucketTable } from '@sluice/store-kit'
import type { MeterState } from '@sluice/store-kit'
import type { WriteQueue } from './queue.ts'

/** Bytes that a counter takes on its way to the writer besides its key, about. */
const SIZE = 100
/** Counters that are saved with one write. */
const PORTION = 1_000

/** Counters in memory, where they answer at once, and what of them has not been saved yet. */
export class CounterKeeper {
  readonly table: BucketTable
  readonly #queue: WriteQueue
  readonly #unsaved = new Map<string, MeterState>()
  #saving: Promise<void> | undefined

  /** @param now milliseconds since the epoch */
  constructor(queue: WriteQueue, saved: readonly MeterState[], now: () => number) {
    this.#queue = queue
    this.table = new BucketTable(now)
    this.table.load(saved)
  }

  /** Saves what has changed. What cannot be saved now is tried again the next time. */
  save(): Promise<void> {
    return (this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined
    }))
  }

  /** Saves what has changed until now. */
  async close(): Promise<void> {
    await this.#saving
    await this.save()
  }

  async #save(): Promise<void> {
    for (const state of this.table.dirty()) this.#unsaved.set(nameOf(state), state)
    const states = [...this.#unsaved.values()]
    const saves: Promise<void>[] = []
    while (states.length > 0) saves.push(this.#write(states.splice(-PORTION)))
    await Promise.all(saves)
  }

  async #write(states: readonly MeterState[]): Promise<void> {
    const size = states.reduce((sum, { key }) => sum + key.length + SIZE, 0)
    try {
      await this.#queue.add('saveCounters', [states], size)
      for (const state of states) this.#unsaved.delete(nameOf(state))
    } catch {
      // The queue has told of it, and they stay unsaved.
    }
  }
}

const nameOf = ({ kind, key }: MeterState): string => `${kind} ${key}`
