/** Streams of events that nobody translates: they pass as they are, and tell what they were worth. */
import type { StreamCodec, StreamPart } from '@sluice/core'
import { objectOf, parseUpstreamObject, sse, sseFrame, streamCodec, textOf } from '@sluice/dialect-kit'
import type { Frame, FrameDecoder } from '@sluice/dialect-kit'
import { inlineError } from '../chat/errors.ts'
import { DIALECT } from '../chat/extensions.ts'
import { decodeUsage } from './usage.ts'

/** The last event of an answer: `image_generation.completed`, `transcript.text.done`, `speech.audio.done`. */
const LAST = /\.(?:completed|done)$/

/** Made for one stream. */
class EventDecoder implements FrameDecoder {
  #isDone = false
  #isBroken = false

  push({ event, data }: Frame, out: StreamPart[]): void {
    if (data === '') return
    if (data === '[DONE]') {
      this.#isDone = true
      return
    }
    const value = parseUpstreamObject(data, 'an event')
    const error = inlineError(value)
    if (error !== undefined) {
      this.#isBroken = true
      out.push({ type: 'error', error })
      return
    }
    out.push({ type: 'raw', dialect: DIALECT, value, ...(event !== '' && { event }) })
    const usage = decodeUsage(objectOf(value.usage))
    if (usage !== undefined) out.push({ type: 'usage', usage })
    if (LAST.test(textOf(value.type) ?? '')) this.#isDone = true
  }

  end(): boolean {
    return this.#isDone && !this.#isBroken
  }
}

export const events: StreamCodec = streamCodec({
  framing: sse,
  decoder: () => new EventDecoder(),
  writer: () => ({
    push: (part) =>
      part.type === 'raw' && part.dialect === DIALECT ? sseFrame(JSON.stringify(part.value), part.event) : '',
    end: () => '',
  }),
  probe({ data }) {
    if (data === '') return 'more'
    return (data.includes('"error"') ? inlineError(parseUpstreamObject(data, 'an event')) : undefined) ?? 'ok'
  },
})
