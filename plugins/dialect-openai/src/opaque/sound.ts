/** Speech comes as the bytes of a sound file or, with `stream_format: "sse"`, as events: the first bytes tell which. */
import { BYTES } from '@sluice/core'
import type { StreamCodec, StreamPart, StreamReader } from '@sluice/core'
import { DIALECT } from '../chat/extensions.ts'
import { events } from './events.ts'

/** No sound file begins like this. */
const EVENTS = /^(?::|event:|data:)/

function codecFor(first: Buffer): StreamCodec {
  return EVENTS.test(first.toString('latin1', 0, 8)) ? events : bytes
}

/** Bytes in raw parts, so that stages may look at them go by. */
const bytes: StreamCodec = {
  ...BYTES,
  reader: () => ({
    push: (chunk, out) => void out.push({ type: 'raw', dialect: DIALECT, value: { bytes: chunk } }),
    end: () => true,
  }),
}

/** Reads in the form that the first chunk shows. */
class SoundReader implements StreamReader {
  readonly #kind: 'reader' | 'skimmer'
  #reader: (StreamReader & { readonly share?: number }) | undefined

  constructor(kind: 'reader' | 'skimmer') {
    this.#kind = kind
  }

  get share(): number {
    return this.#reader?.share ?? 1
  }

  push(chunk: Buffer, out: StreamPart[]): void {
    this.#reader ??= codecFor(chunk)[this.#kind]()
    this.#reader.push(chunk, out)
  }

  end(out: StreamPart[]): boolean {
    return this.#reader?.end(out) ?? false
  }
}

export const sound: StreamCodec = {
  ...BYTES,
  reader: () => new SoundReader('reader'),
  skimmer: () => new SoundReader('skimmer'),
  writer(context) {
    const writer = events.writer(context)
    return {
      push: (part) => (part.type === 'raw' && Buffer.isBuffer(part.value.bytes) ? part.value.bytes : writer.push(part)),
      end: () => '',
    }
  },
  cutter() {
    let cutter: ReturnType<StreamCodec['cutter']> | undefined
    return {
      push: (chunk) => (cutter ??= codecFor(chunk).cutter()).push(chunk),
      end: () => cutter?.end(),
    }
  },
  prober() {
    let probe: ReturnType<StreamCodec['prober']> | undefined
    return (chunk) => (probe ??= codecFor(chunk).prober())(chunk)
  },
}
