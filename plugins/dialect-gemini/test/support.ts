/** Short ways to call the codec from tests. */
import type { ChatRequest, JsonObject, Message, Part, StreamPart } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { sse, sseFrame } from '@sluice/dialect-kit'
import type { Frame } from '@sluice/dialect-kit'
import { gemini } from '../src/index.ts'

export const chat = gemini.codecs.chat!

export const reply = { id: 'x1', model: 'asked-for', request: requestOf([]) }

/** A canonical request that no dialect wrote. */
export function requestOf(messages: Message[], more: Partial<ChatRequest> = {}): ChatRequest {
  return { operation: 'chat', model: 'alias', stream: false, messages, extensions: {}, ...more }
}

export function says(role: Message['role'], ...parts: (string | Part)[]): Message {
  return { role, parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)) }
}

export interface Encoded {
  body: JsonObject
  /** What was reported, with the reasons. */
  dropped: { [param: string]: string }
}

export function encodeFor(model: string, request: ChatRequest): Encoded {
  const dropped: { [param: string]: string } = {}
  const drop = (param: string, why: string): void => {
    dropped[param] = why
  }
  return { body: plain(chat.encodeRequest(request, { model, drop })), dropped }
}

/** A client's body, decoded and encoded for a model. */
export function roundTrip(body: JsonObject): Encoded {
  chat.inspect(body, Buffer.from(JSON.stringify(body)), PLACE)
  return encodeFor('gemini-2.5-flash', chat.decodeRequest(body))
}

/** As it is once it has been sent. */
export function plain(value: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}

/** Responses as an upstream streams them. */
export function wire(...responses: readonly JsonObject[]): string {
  return responses.map((response) => sseFrame(JSON.stringify(response))).join('')
}

export function decodeStream(text: string | Buffer): { parts: StreamPart[]; whole: boolean } {
  const reader = chat.stream.reader()
  const parts: StreamPart[] = []
  reader.push(Buffer.from(text), parts)
  return { whole: reader.end(parts), parts }
}

export function encodeStream(parts: readonly StreamPart[], codec = chat): string {
  const writer = codec.stream.writer(reply)
  return parts.map((part) => writer.push(part) as string).join('') + (writer.end() as string)
}

/** The responses of a stream. */
export function responsesOf(text: string | Buffer, framing = sse): JsonObject[] {
  const frames: Frame[] = []
  const reader = framing.reader()
  reader.push(Buffer.from(text), frames)
  reader.end(frames)
  return frames.map(({ data }) => JSON.parse(data) as JsonObject)
}
