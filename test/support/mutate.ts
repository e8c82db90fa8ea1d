/** Breaks a stream in one place, for checkers to find. */
import { bedrockEvent, eventMessage, parseEventStream } from './event-stream.ts'
import type { Json } from './oracle/json.ts'

type Mutate = (stream: string) => string

/** Without the first frame that has `text` in it. */
export function without(text: string): Mutate {
  return changed(text, () => [])
}

/** With that frame sent twice. */
export function twice(text: string): Mutate {
  return changed(text, (frame) => [frame, frame])
}

/** With that frame as the last one. */
export function last(text: string): Mutate {
  return (stream) => {
    const frame = framesOf(stream).find((each) => each.includes(text)) ?? ''
    return without(text)(stream) + frame
  }
}

/** With `to` in place of the first `from`. */
export function replaced(from: string, to: string): Mutate {
  return (stream) => {
    if (!stream.includes(from)) throw new Error(`the stream has no ${from}`)
    return stream.replace(from, to)
  }
}

/** Numbers the events anew, so that a missing one does not show by that alone. */
export function renumbered(stream: string): string {
  let number = 0
  return stream.replaceAll(/"sequence_number":\d+/g, () => `"sequence_number":${number++}`)
}

function changed(text: string, change: (frame: string) => string[]): Mutate {
  return (stream) => {
    const frames = framesOf(stream)
    const at = frames.findIndex((frame) => frame.includes(text))
    if (at === -1) throw new Error(`no frame has ${text}`)
    return frames.toSpliced(at, 1, ...change(frames[at]!)).join('')
  }
}

function framesOf(stream: string): string[] {
  return stream.match(/.*?(?:\r?\n){2}/gs) ?? []
}

/** An event stream as lines of text, one a frame, so that the same can be done to it; `binary` undoes it. */
export function readable(frames: readonly Buffer[]): string {
  const messages = frames.flatMap((frame) => parseEventStream(frame))
  return messages
    .map(({ headers, payload }) => `${JSON.stringify({ [headers[':event-type']!]: payload })}\n\n`)
    .join('')
}

export function binary(lines: string): Buffer {
  const messages = lines
    .split('\n\n')
    .filter(Boolean)
    .map((line) => Object.entries(JSON.parse(line) as { [type: string]: Json }))
  return Buffer.concat(messages.flatMap((entries) => entries.map(([type, payload]) => frameOf(type, payload))))
}

function frameOf(type: string, payload: Json): Buffer {
  if (!type.endsWith('Exception')) return bedrockEvent(type, payload)
  const headers = { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' }
  return eventMessage(headers, payload)
}
