import { closeSync, createReadStream, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { readLine } from './records.ts'

/** Rows as lines of JSON: bytes are kept, and handed on, for less than objects. */
export type Bundle = { lines: Buffer; count: number }

/** One file of a spool: text is appended until it is large enough, rows are delivered until none is left. */
export class Segment {
  readonly path: string
  size = 0
  /** How many of its rows the journal has. */
  delivered = 0
  /** How many rows were written. */
  count = 0
  /** Rows that are not delivered, in order; undefined if they are only in the file. */
  bundles: Bundle[] | undefined = []
  #file: number | undefined

  constructor(path: string) {
    this.path = path
  }

  /** @returns bytes written: fewer than all if the disk is full @throws what the disk says */
  write(bytes: Buffer): number {
    this.#file ??= this.#open()
    const written = writeSync(this.#file, bytes)
    this.size += written
    return written
  }

  #open(): number {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 })
    return openSync(this.path, 'a', 0o600)
  }

  /** No more is written. */
  seal(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  /** Nothing that is in it is needed. If it stays nevertheless, its rows will come to the journal a second time, in vain. */
  remove(): void {
    try {
      this.seal()
      rmSync(this.path, { force: true })
    } catch {
      // Of the disk's faults those tell that keep rows from it.
    }
  }
}

/** The lines of a file that say something; `onBroken` hears of those that do not. */
export async function* linesOf(
  path: string,
  onBroken: () => void,
): AsyncGenerator<NonNullable<ReturnType<typeof readLine>>> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (line === '') continue
    const record = readLine(line)
    if (record) yield record
    else onBroken()
  }
}
