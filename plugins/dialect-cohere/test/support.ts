/** Short ways to call the codec from tests. */
import type { ChatRequest, JsonObject, StreamPart } from '@sluice/core'
import { sse } from '@sluice/dialect-kit'
import { encodeWith, framesOf, readStream, typedEvent, typedFrame, writeStream } from '@sluice/dialect-kit/testing'
import type { Encoded } from '@sluice/dialect-kit/testing'
import { cohere } from '../src/index.ts'

export const MODEL = 'command-a'

export const chat = cohere.codecs.chat!
export const embed = cohere.codecs.embeddings!
export const rerank = cohere.codecs.rerank!

export const encode = (request: ChatRequest): Encoded => encodeWith(chat, MODEL, request)

/** A client's body, decoded and encoded for the same model. */
export const roundTrip = (body: JsonObject): Encoded => encode(chat.decodeRequest(body))

/** Events as Cohere sends them, without the end mark. */
export const wire = (...events: readonly JsonObject[]): string => events.map(typedFrame).join('')

export const decodeStream = (text: string | Buffer) => readStream(chat, text)
export const encodeStream = (parts: readonly StreamPart[]): string => writeStream(chat, parts).toString()

/** The events of a stream up to its end mark. */
export function eventsOf(text: string | Buffer): JsonObject[] {
  const frames = framesOf(sse, text)
  if (frames.at(-1)?.data !== '[DONE]') throw new Error('the stream has no end mark')
  return frames.slice(0, -1).map(typedEvent)
}

/** What is at a path of keys and indices. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let found = value
  for (const key of path) found = (found as { [key: string]: unknown } | undefined)?.[key]
  return found
}
