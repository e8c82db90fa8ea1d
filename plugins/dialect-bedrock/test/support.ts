/** Short ways to call the codec from tests. */
import type { ChatRequest, JsonObject, StreamPart } from '@sluice/core'
import { encodeWith, framesOf, readStream, writeStream } from '@sluice/dialect-kit/testing'
import type { Encoded } from '@sluice/dialect-kit/testing'
import { eventStream, eventWriter } from '../src/event-stream/index.ts'
import { bedrock } from '../src/index.ts'

export const chat = bedrock.codecs.chat!

export const encodeFor = (model: string, request: ChatRequest): Encoded => encodeWith(chat, model, request)

/** A client's body, decoded and encoded for a model of the same kind. */
export function roundTrip(body: JsonObject, model = 'anthropic.claude-sonnet-4-5-v1:0'): Encoded {
  return encodeFor(model, chat.decodeRequest(body))
}

/** An event of a stream: its type, and what it says. */
export type Event = readonly [type: string, event: JsonObject]

/** Events as an upstream sends them. */
export function wire(...events: readonly Event[]): Buffer {
  return Buffer.concat(events.map(([type, event]) => eventWriter(type)(JSON.stringify(event))))
}

export const decodeStream = (bytes: Buffer) => readStream(chat, bytes)
export const encodeStream = (parts: readonly StreamPart[]): Buffer => writeStream(chat, parts)

/** The events of a stream, without their padding. */
export function eventsOf(bytes: Buffer): Event[] {
  return framesOf(eventStream, bytes).map(({ event, data }) => {
    const { p: _, ...value } = JSON.parse(data) as JsonObject
    return [event, value]
  })
}
