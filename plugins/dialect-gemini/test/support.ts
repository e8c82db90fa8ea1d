/** Short ways to call the codec from tests. */
import type { ChatRequest, JsonObject, StreamPart } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { sse, sseFrame } from '@sluice/dialect-kit'
import { encodeWith, framesOf, readStream, writeStream } from '@sluice/dialect-kit/testing'
import type { Encoded } from '@sluice/dialect-kit/testing'
import { gemini } from '../src/index.ts'

export const chat = gemini.codecs.chat!

export const encodeFor = (model: string, request: ChatRequest): Encoded => encodeWith(chat, model, request)

/** A client's body, decoded and encoded for a model. */
export function roundTrip(body: JsonObject): Encoded {
  chat.inspect(body, Buffer.from(JSON.stringify(body)), PLACE)
  return encodeFor('gemini-2.5-flash', chat.decodeRequest(body))
}

/** Responses as an upstream streams them. */
export function wire(...responses: readonly JsonObject[]): string {
  return responses.map((response) => sseFrame(JSON.stringify(response))).join('')
}

export const decodeStream = (text: string | Buffer) => readStream(chat, text)
export const encodeStream = (parts: readonly StreamPart[], codec = chat): string => writeStream(codec, parts).toString()

/** The responses of a stream. */
export function responsesOf(text: string | Buffer, framing = sse): JsonObject[] {
  return framesOf(framing, text).map(({ data }) => JSON.parse(data) as JsonObject)
}
