import { closeSync, createReadStream, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { addTo } from './bundle.ts'
import type { Bundle } from './bundle.ts'
import { isRowLine } from './records.ts'

/** One file of a spool: text is appended until it is large enough, rows are delivered until none is left. */
export class Segment {
  readonly path: string
  size = 0
  /** How many of its rows the journal has. */
  #delivered = 0
  /** How many rows were said. */
  #count = 0
  /** What is not delivered, in order; undefined if it is only in the file. */
  #bundles: Bundle[] | undefined = []
  #file: number | undefined

  constructor(path: string) {
    this.path = path
  }

  /** Rows that the journal does not have. */
  get rows(): number {
    return this.#count - this.#delivered
  }

  /** Bundles in memory. */
  get held(): readonly Bundle[] {
    return this.#bundles ?? []
  }

  /** @returns the bytes of `text`, to be written; they are good for this turn of the event loop only */
  keep(text: string, count: number): Buffer {
    this.#count += count
    return addTo(this.#bundles!, text, count)
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

  /** The first that the journal does not have; undefined if the file no longer holds it. @throws what the disk says */
  async next(): Promise<Bundle | undefined> {
    this.#bundles ??= await bundlesIn(this.path, this.#delivered)
    const [bundle] = this.#bundles
    if (bundle) bundle.isClosed = true
    return bundle
  }

  /** Somebody else has taken its rows. @returns how many */
  lose(): number {
    const lost = this.rows
    this.#delivered = this.#count
    return lost
  }

  /** The journal has what `next` gave. */
  delivered(): void {
    const bundle = this.#bundles!.shift()!
    this.#delivered += bundle.count
    bundle.release()
  }

  /** Whatever it holds is in its file. */
  forget(): void {
    this.#bundles = undefined
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

export function linesIn(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Infinity })
}

/** The rows in a file behind the first `skipped`; none if it is gone. */
async function bundlesIn(path: string, skipped: number): Promise<Bundle[]> {
  const bundles: Bundle[] = []
  let rows = 0
  try {
    for await (const line of linesIn(path)) if (isRowLine(line) && rows++ >= skipped) addTo(bundles, `${line}\n`, 1)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return bundles
}
