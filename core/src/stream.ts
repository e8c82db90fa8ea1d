/**
 * The reply paths of a stream, chosen once per reply: `relayBytes` forwards the upstream's bytes and
 * reads the parts beside them (all on the observed path, the ends on the verbatim one); `relayParts`
 * takes decoded parts through the stages to an output. A relay ends exactly once, with `done(error?)`,
 * and never lets a broken answer look whole.
 */
import type { StreamCodec } from './dialect.ts'
import { asGatewayError, GatewayError } from './errors.ts'
import type { StreamSink } from './http.ts'
import type { StreamPart } from './model.ts'
import type { StreamConsumer, WireStream } from './provider.ts'
import type { Stages } from './stage.ts'

/** `abandon`: the client is gone; the relay sends nothing more and closes its source. */
export type Relay = { abandon(): void }
export type Done = (error?: GatewayError) => void
/** Told of every part that passes. Must not throw. */
type Watch = (part: StreamPart) => void

const unreadable = (thrown: unknown): GatewayError =>
  asGatewayError(thrown, 'upstream_error', 'The upstream sent a stream that cannot be read.')
const cutOff = (): GatewayError =>
  new GatewayError('upstream_error', 'The upstream broke off its answer before the end.')

/** @param hide takes out what the client shall not see @param tell ends the client's stream with an error */
export function relayBytes(
  source: WireStream,
  sink: StreamSink,
  codec: StreamCodec,
  observe: boolean,
  hide: ((frames: Buffer) => Buffer) | undefined,
  watch: (part: StreamPart, share: number) => void,
  tell: (error: GatewayError) => void,
  done: Done,
): Relay {
  const cutter = codec.cutter()
  const skimmer = observe ? undefined : codec.skimmer()
  const reader = skimmer ?? codec.reader()
  const parts: StreamPart[] = []
  const resume = (): void => {
    blocked = false
    source.resume()
  }
  let over = false
  let blocked = false
  /** What the bytes themselves told, or why they cannot be read. Neither stops them from passing. */
  let told: GatewayError | undefined
  let unread: GatewayError | undefined

  /** Reads the next bytes, or the end; false if the answer was cut off. */
  const read = (bytes?: Buffer): boolean => {
    if (unread) return true
    let whole = true
    try {
      if (bytes) reader.push(bytes, parts)
      else whole = reader.end(parts)
    } catch (thrown) {
      unread = unreadable(thrown)
    }
    for (const part of parts) {
      if (part.type === 'error') told = part.error
      watch(part, skimmer?.share ?? 1)
    }
    parts.length = 0
    return whole
  }
  const forward = (bytes: Buffer): void => {
    const shown = hide ? hide(bytes) : bytes
    if (shown.length > 0 && !sink.write(shown) && !blocked) {
      blocked = true
      source.pause()
      sink.onDrain(resume)
    }
    read(bytes)
    if (reader.isOver) finish()
  }
  const finish = (error?: GatewayError): void => {
    if (over) return
    over = true
    if (error) source.abort()
    if (error && error !== told) tell(error)
    else sink.end()
    done(error)
  }
  source.attach({
    onChunk(chunk) {
      if (over) return
      try {
        const frames = cutter.push(chunk)
        if (frames) forward(frames)
      } catch (thrown) {
        finish(unreadable(thrown))
      }
    },
    onEnd() {
      const rest = cutter.end()
      if (rest) read(rest)
      const whole = read()
      const error = told ?? unread ?? (whole ? undefined : cutOff())
      // Half a frame would swallow the one that tells of the error.
      if (rest && (!error || error === told)) sink.write(rest)
      finish(error)
    },
    onError(error) {
      read()
      finish(error)
    },
  })
  return {
    abandon() {
      over = true
      read()
      sink.stop()
      source.abort()
    },
  }
}

/** Where parts go: a client's dialect, or an internal exchange. */
export interface PartOutput {
  /** False asks to wait for `onDrain`. */
  take(parts: readonly StreamPart[]): boolean
  onDrain(listener: () => void): void
  end(error?: GatewayError): void
  /** Nobody listens any more. */
  stop(): void
}

/** What parts come from. */
export type PartSource = { pause(): void; resume(): void; abort(): void }

/** Takes parts on: `pass` some, with work to do after them, then `end`. Neither throws. */
export type PartRelay = Relay & { pass(parts: StreamPart[], then?: () => void): void; end(error?: GatewayError): void }

/** In one synchronous pass where there are no stages. */
export function relayParts(
  source: PartSource,
  output: PartOutput,
  stages: Stages | undefined,
  watch: Watch,
  done: Done,
): PartRelay {
  const resume = (): void => {
    blocked = false
    source.resume()
  }
  let over = false
  let blocked = false
  /** Work that stages have not done yet, in order. */
  let work = Promise.resolve()

  const emit = (parts: readonly StreamPart[]): void => {
    if (over || parts.length === 0) return
    for (const part of parts) watch(part)
    const fault = parts.find((part) => part.type === 'error')
    try {
      if (!output.take(fault ? parts.slice(0, parts.indexOf(fault)) : parts) && !blocked) {
        blocked = true
        source.pause()
        output.onDrain(resume)
      }
      if (fault) finish(fault.error)
    } catch (thrown) {
      finish(asGatewayError(thrown)) // these parts cannot be written in the client's dialect
    }
  }
  const finish = (error?: GatewayError): void => {
    if (over) return
    over = true
    if (error) source.abort()
    output.end(error)
    done(error)
  }
  const enqueue = (task: () => Promise<void>): void => {
    source.pause()
    const mine = work.then(task).catch((thrown: unknown) => finish(asGatewayError(thrown)))
    work = mine
    void mine.then(() => work === mine && !blocked && source.resume())
  }
  return {
    pass(parts, then) {
      if (stages) {
        return enqueue(async () => {
          emit(await stages.push(parts))
          then?.()
        })
      }
      emit(parts)
      then?.()
    },
    end(error) {
      if (error || !stages) return finish(error)
      enqueue(async () => {
        emit(await stages.flush())
        finish()
      })
    },
    abandon() {
      over = true
      output.stop()
      source.abort()
    },
  }
}

/** Feeds a relay with an upstream's bytes, decoded. */
export function decodeInto(relay: PartRelay, codec: StreamCodec): StreamConsumer {
  const reader = codec.reader()
  const fail = (parts: StreamPart[], thrown: unknown): void => relay.pass(parts, () => relay.end(unreadable(thrown)))
  return {
    onChunk(chunk) {
      const parts: StreamPart[] = []
      try {
        reader.push(chunk, parts)
      } catch (thrown) {
        return fail(parts, thrown) // what came before the bad frame is good
      }
      relay.pass(parts)
    },
    onEnd() {
      const parts: StreamPart[] = []
      try {
        const whole = reader.end(parts)
        relay.pass(parts, () => relay.end(whole ? undefined : cutOff()))
      } catch (thrown) {
        fail(parts, thrown)
      }
    },
    onError: (error) => relay.pass([], () => relay.end(error)),
  }
}

/** Feeds the relay that `open` makes from an in-process source of parts. */
export function pump(parts: AsyncIterable<StreamPart>, open: (source: PartSource) => PartRelay): Relay {
  let paused: PromiseWithResolvers<void> | undefined
  let stopped = false
  const resume = (): void => {
    paused?.resolve()
    paused = undefined
  }
  const pause = (): void => void (paused ??= Promise.withResolvers())
  const abort = (): void => {
    stopped = true
    resume()
  }
  const relay = open({ pause, resume, abort })
  const run = async (): Promise<void> => {
    for await (const part of parts) {
      if (stopped) return
      relay.pass([part])
      if (paused) await paused.promise
    }
    relay.end()
  }
  run().catch((thrown: unknown) =>
    relay.end(asGatewayError(thrown, 'upstream_error', 'The model broke off its answer.')),
  )
  return relay
}
