/** The events of a streamed response, for any number of readers, from any of them on. */
import type { StreamConsumer, WireStream } from '@sluice/core'

export class EventLog {
  readonly #frames: string[] = []
  /** Number of the first event that is still there. */
  #first = 0
  readonly #readers = new Set<EventReader>()
  readonly #limit: number
  #size = 0
  ended = false

  /** @param limit characters of all frames: then the oldest go. The last event holds the whole response */
  constructor(limit = Infinity) {
    this.#limit = limit
  }

  /** Number of the next event, which is its `sequence_number`. */
  get next(): number {
    return this.#first + this.#frames.length
  }

  /** @param frames whole ones */
  append(frames: string): void {
    for (const text of frames.split('\n\n')) {
      if (text === '') continue
      const frame = `${text}\n\n`
      this.#size += frame.length
      this.#frames.push(frame)
      for (const reader of this.#readers) reader.advance()
      while (this.#size > this.#limit && this.#frames.length > 1) {
        this.#size -= this.#frames.shift()!.length
        this.#first++
      }
    }
  }

  /** @param frames the last ones */
  end(frames: string): void {
    this.append(frames)
    this.ended = true
    for (const reader of this.#readers) reader.advance()
  }

  /** The event with this number, or the next one that is still there. */
  from(number: number): { frame: string; number: number } | undefined {
    const there = Math.max(number, this.#first)
    const frame = this.#frames[there - this.#first]
    return frame === undefined ? undefined : { frame, number: there }
  }

  /** @param from number of the first event wanted; if it is over by then, of the last one */
  read(from: number): WireStream {
    return new EventReader(this, this.#readers, this.ended ? Math.min(from, this.next - 1) : from)
  }
}

class EventReader implements WireStream {
  readonly #log: EventLog
  readonly #readers: Set<EventReader>
  #consumer: StreamConsumer | undefined
  #next: number
  #paused = false

  constructor(log: EventLog, readers: Set<EventReader>, from: number) {
    this.#log = log
    this.#readers = readers
    this.#next = from
  }

  attach(consumer: StreamConsumer): void {
    this.#consumer = consumer
    this.#readers.add(this)
    this.advance()
  }

  /** Hands on what there is. */
  advance(): void {
    while (this.#isReading) {
      const event = this.#log.from(this.#next)
      if (event === undefined) break
      this.#next = event.number + 1
      this.#consumer?.onChunk(Buffer.from(event.frame))
    }
    if (!this.#isReading || !this.#log.ended) return
    this.abort()
    this.#consumer?.onEnd()
  }

  get #isReading(): boolean {
    return !this.#paused && this.#readers.has(this)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.advance()
  }

  abort(): void {
    this.#readers.delete(this)
  }
}
