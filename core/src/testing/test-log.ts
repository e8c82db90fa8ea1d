/** Keeps what a gateway logs. */
import type { JsonObject } from '../model.ts'

/** One line, parsed. */
export type LogEntry = JsonObject & { level: string; msg?: string }

/** A destination of the gateway's logger. */
export class TestLog {
  readonly entries: LogEntry[] = []
  #text = ''

  /** For the logger. */
  write(line: string): void {
    this.#text += line
    this.entries.push(JSON.parse(line) as LogEntry)
  }

  /** The first entry that fits. */
  find(predicate: (entry: LogEntry) => boolean): LogEntry | undefined {
    return this.entries.find(predicate)
  }

  /** Everything, as written. */
  text(): string {
    return this.#text
  }
}
