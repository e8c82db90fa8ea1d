/** Short ways to call the codec from tests. */
import type { ChatRequest, JsonObject, StreamPart } from '@sluice/core'
import { sse } from '@sluice/dialect-kit'
import { encodeWith, framesOf, readStream, typedEvent, typedFrame, writeStream } from '@sluice/dialect-kit/testing'
import type { Encoded } from '@sluice/dialect-kit/testing'
import { anthropic } from '../src/index.ts'

export const chat = anthropic.codecs.chat!

export const encodeFor = (model: string, request: ChatRequest): Encoded => encodeWith(chat, model, request)

/** A client's body, decoded and encoded for the model it names. */
export function roundTrip(body: JsonObject): Encoded {
  const request = chat.decodeRequest(body)
  return encodeFor(request.model, request)
}

/** Events as an upstream sends them. */
export const wire = (...events: readonly JsonObject[]): string => events.map(typedFrame).join('')

export const decodeStream = (text: string | Buffer) => readStream(chat, text)
export const encodeStream = (parts: readonly StreamPart[]): string => writeStream(chat, parts).toString()

/** The events of a stream. */
export const eventsOf = (text: string | Buffer): JsonObject[] => framesOf(sse, text).map(typedEvent)
