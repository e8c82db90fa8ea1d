/** Rows of one process on their way to the journal, in files that outlive it. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from '@sluice/core'
import type { Logger } from '@sluice/core'
import type { Row } from '@sluice/store-kit'
import { begunLine, endedLine, rowsOf } from './records.ts'
import type { Begun } from './records.ts'
import { linesOf, Segment } from './segment.ts'
import type { Bundle } from './segment.ts'

/** Bytes of a file, and of text that waits for a disk that takes none. */
const SEGMENT = 4 * 1024 ** 2
const WAITING = 16 * 1024 ** 2
/** Files whose rows are also in memory. */
const HELD = 8
/** Bytes that go to the journal at once. */
const DELIVERY = 256 * 1024
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
  readonly #live = new Map<string, string>()
  /** Text of this turn of the event loop; and what of it are rows, and how many. */
  #text = ''
  #lines = ''
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

  /** Rows that the journal does not have yet. */
  get rows(): number {
    return this.#segments.reduce((sum, { count, delivered }) => sum + count - delivered, 0)
  }

  get hasRows(): boolean {
    return this.#segments.some(hasMore)
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
    const text = JSON.stringify(row)
    this.#lines += `${text}\n`
    this.#count++
    this.#current().count++
    this.#append(endedLine(text))
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
    this.#bundle()
    this.#await(this.#text)
    this.#text = ''
    if (!this.#retry) this.#write()
  }

  #bundle(): void {
    if (this.#count === 0) return
    this.#current().bundles!.push({ lines: Buffer.from(this.#lines), count: this.#count })
    this.#lines = ''
    this.#count = 0
  }

  #await(text: string): void {
    const bytes = Buffer.from(text)
    this.#unwritten = this.#unwritten ? Buffer.concat([this.#unwritten, bytes]) : bytes
  }

  #write(): void {
    this.#retry = undefined
    try {
      while (this.#unwritten) {
        const segment = this.#current()
        const rest = this.#unwritten.subarray(segment.write(this.#unwritten))
        this.#unwritten = rest.length > 0 ? rest : undefined
        if (!this.#unwritten && segment.size >= Math.min(SEGMENT, this.#options.limit / 4)) this.#rotate()
      }
    } catch (error) {
      this.#log.error({ reason: describe(error) }, 'the spool of the ledger cannot be written; rows are kept in memory')
      this.#retry = setTimeout(() => this.#write(), RETRY).unref()
    }
  }

  #current(): Segment {
    return this.#segments.at(-1) ?? this.#add()
  }

  #add(): Segment {
    const segment = new Segment(join(this.#directory, `${String(++this.#number).padStart(8, '0')}.log`))
    this.#segments.push(segment)
    return segment
  }

  /** What has begun is said again in a new file, so that an old one may go as soon as its rows are delivered. */
  #rotate(): void {
    const lines = [...this.#live.values()].join('')
    // Were they most of it, each file would be followed by one like it.
    if (lines.length > this.#current().size / 2) return
    this.#add()
    const sealed = this.#segments.at(-2)!
    sealed.seal()
    if (this.#segments.length > HELD) sealed.bundles = undefined
    if (lines !== '') this.#await(lines)
  }

  /** Rows that the journal does not have yet, oldest first; undefined if there are none. */
  async undelivered(): Promise<Bundle | undefined> {
    this.#bundle()
    this.#trim()
    const first = this.#segments.find(hasMore)
    if (!first) return undefined
    const bundles = (first.bundles ??= await bundlesIn(first.path, first.delivered))
    let size = 0
    const beyond = bundles.findIndex(({ lines }) => (size += lines.length) > DELIVERY)
    const some = bundles.splice(0, beyond < 0 ? bundles.length : Math.max(1, beyond))
    if (some.length > 0) bundles.unshift(joined(some))
    return bundles[0]
  }

  /** The journal has the rows of `bundle`. */
  delivered(bundle: Bundle): void {
    const first = this.#segments.find(hasMore)!
    first.delivered += bundle.count
    first.bundles?.splice(0, 1)
    this.#trim()
  }

  /** Lets go of files that nobody would miss if the process died now. */
  #trim(): void {
    this.flush()
    const isIdle = !this.hasRows && (this.#live.size === 0 || this.#retry !== undefined)
    if (!isIdle && this.#retry) return
    const kept = isIdle ? 0 : 1
    while (this.#segments.length > kept && !hasMore(this.#segments[0]!)) this.#segments.shift()!.remove()
    // Only what has begun still has to be written.
    if (this.#retry) this.#unwritten = Buffer.from([...this.#live.values()].join(''))
  }

  /** Nothing more will come. What is not delivered stays, for whoever finds the directory under the name `left`. */
  close(left: string): void {
    this.flush()
    clearTimeout(this.#retry)
    const isDone = !this.hasRows
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
    for (const { bundles = [] } of this.#segments)
      for (const row of bundles.flatMap(({ lines }) => rowsOf(lines)))
        this.#log.error({ row }, 'a row of the ledger may be lost')
  }
}

/** Rows that the journal does not have. */
function hasMore({ count, delivered }: Segment): boolean {
  return count > delivered
}

function joined(bundles: readonly Bundle[]): Bundle {
  const count = bundles.reduce((sum, bundle) => sum + bundle.count, 0)
  return { lines: Buffer.concat(bundles.map(({ lines }) => lines)), count }
}

/** The rows in a file behind the first `skipped`. */
async function bundlesIn(path: string, skipped: number): Promise<Bundle[]> {
  const texts: string[] = []
  for await (const record of linesOf(path, () => undefined))
    if ('row' in record) texts.push(`${JSON.stringify(record.row)}\n`)
  return texts.slice(skipped).map((text) => ({ lines: Buffer.from(text), count: 1 }))
}
