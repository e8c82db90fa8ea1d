/** Short ways to call the codec from tests. */
import type { ChatRequest, JsonObject, Message, Part, RequestContext, StreamPart } from '@sluice/core'
import { sse, sseFrame } from '@sluice/dialect-kit'
import type { Frame } from '@sluice/dialect-kit'
import { cohere } from '../src/index.ts'

export const chat = cohere.codecs.chat!
export const embed = cohere.codecs.embeddings!
export const rerank = cohere.codecs.rerank!

export const reply = { id: 'x1', model: 'asked-for', request: requestOf([]) }

/** A canonical request that no dialect wrote. */
export function requestOf(messages: Message[], more: Partial<ChatRequest> = {}): ChatRequest {
  return { operation: 'chat', model: 'alias', stream: false, messages, extensions: {}, ...more }
}

export function says(role: Message['role'], ...parts: (string | Part)[]): Message {
  return { role, parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)) }
}

/** By the codec of any operation. */
export function encodeWith<Q>({ encodeRequest }: Encoder<Q>, request: Q): Encoded {
  const dropped: { [param: string]: string } = {}
  const drop = (param: string, why: string): void => {
    dropped[param] = why
  }
  return { body: plain(encodeRequest(request, { model: 'command-a', drop })), dropped }
}

type Encoder<Q> = { encodeRequest: (request: Q, context: RequestContext) => JsonObject }

export interface Encoded {
  body: JsonObject
  /** What was reported, with the reasons. */
  dropped: { [param: string]: string }
}

export function encode(request: ChatRequest): Encoded {
  return encodeWith(chat, request)
}

/** A client's body, decoded and encoded for the same model. */
export function roundTrip(body: JsonObject): Encoded {
  return encode(chat.decodeRequest(body))
}

/** As it is once it has been sent. */
export function plain(value: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}

/** Events as Cohere sends them, without the end mark. */
export function wire(...events: readonly JsonObject[]): string {
  return events.map((event) => sseFrame(JSON.stringify(event), String(event.type))).join('')
}

export function decodeStream(text: string | Buffer): { parts: StreamPart[]; whole: boolean } {
  const reader = chat.stream.reader()
  const parts: StreamPart[] = []
  reader.push(Buffer.from(text), parts)
  return { whole: reader.end(parts), parts }
}

export function encodeStream(parts: readonly StreamPart[]): string {
  const writer = chat.stream.writer(reply)
  return parts.map((part) => writer.push(part)).join('') + String(writer.end())
}

/** The events of a stream up to its end mark; each frame names its own type. */
export function eventsOf(text: string | Buffer): JsonObject[] {
  const frames: Frame[] = []
  const reader = sse.reader()
  reader.push(Buffer.from(text), frames)
  reader.end(frames)
  if (frames.at(-1)?.data !== '[DONE]') throw new Error('the stream has no end mark')
  return frames.slice(0, -1).map(({ event, data }) => {
    const value = JSON.parse(data) as JsonObject
    if (value.type !== event) throw new Error(`a frame named ${event} holds ${data}`)
    return value
  })
}

/** What is at a path of keys and indices. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let found = value
  for (const key of path) found = (found as { [key: string]: unknown } | undefined)?.[key]
  return found
}
