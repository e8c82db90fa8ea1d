/** Rows of one process on their way to the journal, in files that outlive it. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from '@sluice/core'
import type { Logger } from '@sluice/core'
import { ShortLived } from '@sluice/store-kit'
import type { Row } from '@sluice/store-kit'
import type { Bundle } from './bundle.ts'
import { begunLine, rowLine, rowsOf } from './records.ts'
import type { Begun } from './records.ts'
import { Segment } from './segment.ts'

/** Bytes of a file, and of text that waits for a disk that takes none. */
const SEGMENT = 4 * 1024 ** 2
const WAITING = 16 * 1024 ** 2
/** Files whose rows are also in memory. */
const HELD = 8
/** Milliseconds until a disk that failed is tried again. */
const RETRY = 1000

export type SpoolOptions = { limit: number; dropWhenFull: boolean }

export class Spool {
  readonly #directory: string
  readonly #options: SpoolOptions
  readonly #log: Logger
  /** The last one is written to, the first one delivered from. */
  readonly #segments: Segment[] = []
  /** Lines of exchanges that have begun and not ended, by id: they stand in the last segment too. */
  readonly #live = new ShortLived<string, string>()
  /** Lines of this turn of the event loop, and how many of them are rows. */
  #text = ''
  #count = 0
  /** What the disk did not take. */
  #unwritten: Buffer | undefined
  #scheduled = false
  #retry: NodeJS.Timeout | undefined
  #number = 0

  constructor(directory: string, options: SpoolOptions, log: Logger) {
    this.#directory = directory
    this.#options = options
    this.#log = log
  }

  /** Whether it holds as much as it may. */
  get isFull(): boolean {
    let size = this.#unwritten?.length ?? 0
    if (size > WAITING) return true
    for (const segment of this.#segments) size += segment.size
    return size > this.#options.limit
  }

  /** How many rows the journal does not have yet. */
  get rows(): number {
    return this.#segments.reduce((sum, { rows }) => sum + rows, this.#count)
  }

  /** An exchange is about to ask a model. */
  begin(begun: Begun): void {
    const line = begunLine(begun)
    this.#live.set(begun.head.id, line)
    this.#append(line)
  }

  /** An exchange is over. Must be called once for each. */
  end(row: Row): void {
    this.#live.delete(row.id)
    // Whoever is refused because of that would fill it further.
    if ((this.#options.dropWhenFull || row.data['attempts'] === 0) && this.isFull) {
      this.#log.error({ row }, 'a row of the ledger is dropped: the spool is full')
      return
    }
    this.#count++
    this.#append(rowLine(row))
  }

  #append(line: string): void {
    this.#text += line
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.flush)
  }

  /** Writes what was said in this turn of the event loop. */
  readonly flush = (): void => {
    this.#scheduled = false
    if (this.#text === '') return
    const bytes = this.#current().keep(this.#text, this.#count)
    this.#text = ''
    this.#count = 0
    if (this.#retry) this.#await(bytes)
    else this.#write(bytes)
  }

  #await(bytes: Buffer): void {
    this.#unwritten = Buffer.concat([this.#unwritten ?? Buffer.alloc(0), bytes])
  }

  #write(bytes: Buffer): void {
    let rest = bytes
    try {
      while (rest.length > 0) {
        const segment = this.#current()
        rest = rest.subarray(segment.write(rest))
        if (rest.length === 0 && segment.size >= Math.min(SEGMENT, this.#options.limit / 4)) rest = this.#rotate()
      }
    } catch (error) {
      this.#log.error({ reason: describe(error) }, 'the spool of the ledger cannot be written; rows are kept in memory')
      this.#await(rest)
      this.#retry = setTimeout(() => this.#writeAgain(), RETRY).unref()
    }
  }

  #writeAgain(): void {
    const bytes = this.#unwritten!
    this.#unwritten = undefined
    this.#retry = undefined
    this.#write(bytes)
  }

  #current(): Segment {
    return this.#segments.at(-1) ?? this.#add()
  }

  #add(): Segment {
    const segment = new Segment(join(this.#directory, `${String(++this.#number).padStart(8, '0')}.log`))
    this.#segments.push(segment)
    return segment
  }

  /** @returns what has begun, to be said again in the new file: an old one may go as soon as its rows are delivered */
  #rotate(): Buffer {
    const lines = Buffer.from([...this.#live.values()].join(''))
    // Were they most of it, each file would be followed by one like it.
    if (lines.length > this.#current().size / 2) return Buffer.alloc(0)
    this.#add()
    const sealed = this.#segments.at(-2)!
    sealed.seal()
    if (this.#segments.length > HELD) sealed.forget()
    return lines
  }

  /** Rows that the journal does not have yet, oldest first; undefined if there are none. @throws what the disk says */
  async undelivered(): Promise<Bundle | undefined> {
    this.#trim()
    for (let first = this.#segments.find(hasRows); first; first = this.#segments.find(hasRows)) {
      const bundle = await first.next()
      if (bundle) return bundle
      this.#log.error({ path: first.path, rows: first.lose() }, 'a file of the spool was removed or cut: rows are lost')
    }
    return undefined
  }

  /** The journal has what `undelivered` gave. */
  delivered(): void {
    this.#segments.find(hasRows)!.delivered()
    this.#trim()
  }

  /** Lets go of files that nobody would miss if the process died now. */
  #trim(): void {
    this.flush()
    const isIdle = !this.#segments.some(hasRows) && (this.#live.size === 0 || this.#retry !== undefined)
    if (!isIdle && this.#retry) return
    const kept = isIdle ? 0 : 1
    while (this.#segments.length > kept && !hasRows(this.#segments[0]!)) this.#segments.shift()!.remove()
    // Only what has begun still has to be written.
    if (this.#retry) this.#unwritten = Buffer.from([...this.#live.values()].join(''))
  }

  /** Nothing more will come. What is not delivered stays, for whoever finds the directory under the name `left`. */
  close(left: string): void {
    this.flush()
    clearTimeout(this.#retry)
    const isDone = this.rows === 0
    if (this.#unwritten && !isDone) this.#tellLost()
    for (const segment of this.#segments) {
      if (isDone) segment.remove()
      else segment.seal()
    }
    if (!existsSync(this.#directory)) return
    if (isDone) rmSync(this.#directory, { recursive: true, force: true })
    else renameSync(this.#directory, left)
  }

  /** Neither the journal nor the disk takes them. */
  #tellLost(): void {
    for (const { held } of this.#segments)
      for (const row of held.flatMap(({ lines }) => rowsOf(lines)))
        this.#log.error({ row }, 'a row of the ledger may be lost')
  }
}

function hasRows({ rows }: Segment): boolean {
  return rows > 0
}
