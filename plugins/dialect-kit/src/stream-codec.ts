/** Builds a stream codec from what differs between dialects: how frames are cut, read, written and judged. */
import type {
  GatewayError,
  ReplyContext,
  StreamCodec,
  StreamPart,
  StreamReader,
  StreamUsage,
  StreamWriter,
} from '@sluice/core'
import { firstEnd, FrameCutter, HEARTBEAT, SseReader, startBefore } from './sse.ts'

/** One SSE event or event-stream message. `event` is '' where the stream named none. */
export type Frame = { event: string; data: string }

/** Cuts one stream into frames. Throws `upstream_error` above its bound. */
export interface FrameReader {
  push(chunk: Buffer, out: Frame[]): void
  /** The stream is over: a last frame without its end still counts. */
  end(out: Frame[]): void
}

/** Reads the frames of one stream. */
export interface FrameDecoder {
  /** Appends to `out` what `frame` says. Throws `upstream_error` on a frame that is not of the dialect. */
  push(frame: Frame, out: StreamPart[]): void
  /** The upstream closed the stream: appends what was held back; false if the answer was cut off. */
  end(out: StreamPart[]): boolean
}

/** The frames of one wire format. */
export interface Framing {
  contentType: string
  heartbeat?: string
  reader(): FrameReader
  cutter(): ReturnType<StreamCodec['cutter']>
  /** Where the first frame ends; the length of `bytes` if it does not. */
  firstEnd(bytes: Buffer): number
  /** Where the last frame that starts at or before `at` starts. `bytes` begins with a frame. */
  startBefore(bytes: Buffer, at: number): number
}

export const sse: Framing = {
  contentType: 'text/event-stream',
  heartbeat: HEARTBEAT,
  reader: () => new SseReader(),
  cutter: () => new FrameCutter(),
  firstEnd,
  startBefore,
}

/** What a dialect says about its streams. */
export interface StreamCodecParts {
  framing: Framing
  decoder: () => FrameDecoder
  writer: (context: ReplyContext) => StreamWriter
  /** Judges a stream's first frames: `more` asks for the next one, an error is one that came inside a 200. */
  probe: (frame: Frame) => 'ok' | 'more' | GatewayError
  usage?: StreamUsage
}

export function streamCodec({ framing, decoder, writer, probe, usage }: StreamCodecParts): StreamCodec {
  return {
    contentType: framing.contentType,
    ...(usage && { usage }),
    ...(framing.heartbeat === undefined ? {} : { heartbeat: framing.heartbeat }),
    reader: () => new DecodingReader(framing.reader(), decoder()),
    skimmer: () => new Skimmer(framing, decoder),
    writer,
    cutter: () => framing.cutter(),
    prober: () => prober(framing.reader(), probe),
  }
}

class DecodingReader implements StreamReader {
  readonly #reader: FrameReader
  readonly #decoder: FrameDecoder
  readonly #frames: Frame[] = []

  constructor(reader: FrameReader, decoder: FrameDecoder) {
    this.#reader = reader
    this.#decoder = decoder
  }

  push(chunk: Buffer, out: StreamPart[]): void {
    this.#reader.push(chunk, this.#frames)
    this.#decode(out)
  }

  end(out: StreamPart[]): boolean {
    this.#reader.end(this.#frames)
    this.#decode(out)
    return this.#decoder.end(out)
  }

  #decode(out: StreamPart[]): void {
    const frames = this.#frames
    for (let i = 0; i < frames.length; i++) this.#decoder.push(frames[i]!, out)
    frames.length = 0
  }
}

/** Enough of a stream's end to hold its usage and finish, and to estimate usage from if there is none. */
const TAIL_BYTES = 2048
/** As many frames as dialects take to end a stream: finish, usage, end mark. */
const LAST_FRAMES = 3

/**
 * Usage and finish stand in a stream's first frame or its last ones; what is between is not read. Chunks
 * must hold whole frames.
 */
class Skimmer implements StreamReader {
  readonly #framing: Framing
  readonly #decoder: () => FrameDecoder
  #first: Buffer | undefined
  #tail: Buffer[] = []
  #tailBytes = 0
  #bytes = 0

  constructor(framing: Framing, decoder: () => FrameDecoder) {
    this.#framing = framing
    this.#decoder = decoder
  }

  get share(): number {
    return this.#bytes === 0 ? 1 : this.#tailBytes / this.#bytes
  }

  push(chunk: Buffer): void {
    this.#first ??= chunk
    this.#bytes += chunk.length
    this.#tail.push(chunk)
    this.#tailBytes += chunk.length
    while (this.#tailBytes - this.#tail[0]!.length >= TAIL_BYTES) {
      this.#tailBytes -= this.#tail.shift()!.length
    }
  }

  end(out: StreamPart[]): boolean {
    const framing = this.#framing
    const tail = this.#tail.length === 1 ? this.#tail[0]! : Buffer.concat(this.#tail)
    if (this.#bytes > TAIL_BYTES) {
      let start = tail.length
      for (let frames = 0; frames < LAST_FRAMES; frames++) start = framing.startBefore(tail, start - 1)
      const whole = this.#read(tail, start, out)
      if (isTold(out)) return whole
      out.length = 0 // usage has to be estimated, from the text
    }
    return this.#read(tail, framing.startBefore(tail, tail.length - TAIL_BYTES), out)
  }

  /** Reads the first frame, and the last ones. */
  #read(tail: Buffer, start: number, out: StreamPart[]): boolean {
    const frames: Frame[] = []
    const reader = this.#framing.reader()
    this.#tailBytes = tail.length - start
    if (this.#bytes > this.#tailBytes)
      reader.push(this.#first!.subarray(0, this.#framing.firstEnd(this.#first!)), frames)
    const decoder = this.#decoder()
    try {
      reader.push(start === 0 ? tail : tail.subarray(start), frames)
      reader.end(frames)
    } finally {
      // Before a frame that was broken off, all is good.
      for (const frame of frames) decoder.push(frame, out)
    }
    return decoder.end(out)
  }
}

function isTold(parts: readonly StreamPart[]): boolean {
  return parts.some(({ type }) => type === 'usage') && parts.some(({ type }) => type === 'finish')
}

function prober(reader: FrameReader, probe: StreamCodecParts['probe']): ReturnType<StreamCodec['prober']> {
  const frames: Frame[] = []
  let judged = 0
  return (chunk) => {
    reader.push(chunk, frames)
    for (; judged < frames.length; judged++) {
      const verdict = probe(frames[judged]!)
      if (verdict !== 'more') return verdict
    }
    return 'more'
  }
}
