type Event = { at: number; number: number; run: () => void }

/** Events in virtual time: the earliest first, and at one moment in the order in which they were added. */
export class EventQueue {
  /** A binary heap. */
  readonly #heap: Event[] = []
  #number = 0
  #now = 0

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now
  }

  /** @param delay milliseconds from now */
  add(delay: number, run: () => void): void {
    const heap = this.#heap
    const event = { at: this.#now + Math.max(0, delay), number: this.#number++, run }
    let place = heap.length
    while (place > 0) {
      const above = (place - 1) >> 1
      if (!isBefore(event, heap[above]!)) break
      heap[place] = heap[above]!
      place = above
    }
    heap[place] = event
  }

  /** Runs event after event, and what they add, until none is left. */
  drain(): void {
    for (let event = this.#next(); event; event = this.#next()) {
      this.#now = event.at
      event.run()
    }
  }

  #next(): Event | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!first || !last || heap.length === 0) return first
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++
      if (below >= heap.length || !isBefore(heap[below]!, last)) break
      heap[place] = heap[below]!
      place = below
    }
    heap[place] = last
    return first
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number)
}
