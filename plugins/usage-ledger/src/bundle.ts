/** Bytes that go to the journal at once. */
const SIZE = 256 * 1024
/** Buffers that are used again; more are left to garbage collection. */
const SPARE = 8
const spare: Buffer[] = []

/** Lines of a spool on their way to the journal: bytes are kept, and handed on, for less than objects. */
export class Bundle {
  /** How many of the lines are rows. */
  count = 0
  /** It is on its way; nothing is added any more. */
  isClosed = false
  #bytes: Buffer | undefined
  #length = 0

  get lines(): Buffer {
    return this.#bytes?.subarray(0, this.#length) ?? Buffer.alloc(0)
  }

  /** @returns the bytes of `text`; undefined if there is no room, which an empty one always has */
  add(text: string, count: number): Buffer | undefined {
    const start = this.#length
    const end = start + Buffer.byteLength(text)
    if (start === 0)
      this.#bytes = end > SIZE ? Buffer.allocUnsafeSlow(end) : (spare.pop() ?? Buffer.allocUnsafeSlow(SIZE))
    if (this.isClosed || end > this.#bytes!.length) return undefined
    this.#bytes!.write(text, start)
    this.#length = end
    this.count += count
    return this.#bytes!.subarray(start, end)
  }

  /** Nobody needs its bytes any more. */
  release(): void {
    if (this.#bytes?.length === SIZE && spare.length < SPARE) spare.push(this.#bytes)
    this.#bytes = undefined
  }
}

/** Puts `text` into the last bundle of a list, or into another one behind it. */
export function addTo(bundles: Bundle[], text: string, count: number): Buffer {
  const added = bundles.at(-1)?.add(text, count)
  if (added) return added
  const bundle = new Bundle()
  bundles.push(bundle)
  return bundle.add(text, count)!
}
