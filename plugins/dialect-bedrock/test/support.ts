/** Short ways to call the codec from tests. */
import type { ChatRequest, JsonObject, Message, Part, StreamPart } from '@sluice/core'
import type { Frame } from '@sluice/dialect-kit'
import { eventStream, eventWriter } from '../src/event-stream/index.ts'
import { bedrock } from '../src/index.ts'

export const chat = bedrock.codecs.chat!

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

/** A client's body, decoded and encoded for a model of the same kind. */
export function roundTrip(body: JsonObject, model = 'anthropic.claude-sonnet-4-5-v1:0'): Encoded {
  return encodeFor(model, chat.decodeRequest(body))
}

/** As it is once it has been sent. */
export function plain(value: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}

/** An event of a stream: its type, and what it says. */
export type Event = readonly [type: string, event: JsonObject]

/** Events as an upstream sends them. */
export function wire(...events: readonly Event[]): Buffer {
  return Buffer.concat(events.map(([type, event]) => eventWriter(type)(JSON.stringify(event))))
}

export function decodeStream(bytes: Buffer): { parts: StreamPart[]; whole: boolean } {
  const reader = chat.stream.reader()
  const parts: StreamPart[] = []
  reader.push(bytes, parts)
  return { whole: reader.end(parts), parts }
}

export function encodeStream(parts: readonly StreamPart[]): Buffer {
  const writer = chat.stream.writer(reply)
  return Buffer.concat([...parts.map((part) => Buffer.from(writer.push(part) as Buffer)), writer.end() as Buffer])
}

/** The events of a stream, without their padding. */
export function eventsOf(bytes: Buffer): Event[] {
  const frames: Frame[] = []
  const reader = eventStream.reader()
  reader.push(bytes, frames)
  reader.end(frames)
  return frames.map(({ event, data }) => {
    const { p: _, ...value } = JSON.parse(data) as JsonObject
    return [event, value]
  })
}
