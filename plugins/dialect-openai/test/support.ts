/** What the tests of this folder share: calls of the codec as the kernel makes them. */
import type { ChatRequest, ChatResponse, JsonObject, StreamPart } from '@sluice/core'
import type { Frame } from '@sluice/dialect-kit'
import { ChatStreamDecoder } from '../src/chat/decode-stream.ts'
import { ChatStreamEncoder } from '../src/chat/encode-stream.ts'
import { chat } from '../src/chat/index.ts'

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** A client's body with one message, and `fields`. */
export const bodyOf = (fields: JsonObject = {}): JsonObject => ({
  model: 'm',
  messages: [{ role: 'user', content: 'Hi' }],
  ...fields,
})

/** A canonical request as another dialect's decoder makes it. */
export const requestOf = (fields: Partial<ChatRequest> = {}): ChatRequest => ({
  operation: 'chat',
  model: 'm',
  stream: false,
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  extensions: {},
  ...fields,
})

export function encodeFor(request: ChatRequest): { body: JsonObject; dropped: string[] } {
  const dropped: string[] = []
  const body = chat.encodeRequest(request, { model: 'target', drop: (param) => dropped.push(param) })
  return { body: plain(body) as JsonObject, dropped }
}

/** An upstream's answer with one choice. */
export const answerOf = (message: JsonObject, choice: JsonObject = {}, fields: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message, finish_reason: 'stop', ...choice }],
  ...fields,
})

export function encodeResponse(response: ChatResponse): JsonObject {
  return plain(chat.encodeResponse(response, { id: 'x1', model: 'asked', request: requestOf() })) as JsonObject
}

/** A chunk of a stream with one choice. */
export const chunkOf = (
  delta: JsonObject | undefined,
  choice: JsonObject = {},
  fields: JsonObject = {},
): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, ...(delta && { delta }), finish_reason: null, ...choice }],
  ...fields,
})

export const frameOf = (data: JsonObject | string, event = ''): Frame => ({
  event,
  data: typeof data === 'string' ? data : JSON.stringify(data),
})

export function decodeChunks(...chunks: readonly (JsonObject | string)[]): { parts: StreamPart[]; whole: boolean } {
  const decoder = new ChatStreamDecoder()
  const parts: StreamPart[] = []
  for (const chunk of chunks) decoder.push(frameOf(chunk), parts)
  const whole = decoder.end(parts)
  return { parts, whole }
}

/** The chunks that a client is sent for `parts`; the last one is `[DONE]`. */
export function encodeParts(parts: readonly StreamPart[], request: Partial<ChatRequest> = {}): (JsonObject | string)[] {
  const encoder = new ChatStreamEncoder({ id: 'x1', model: 'asked', request: requestOf({ stream: true, ...request }) })
  let text = ''
  for (const part of parts) text += encoder.push(part)
  text += encoder.end()
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((frame) => {
      const data = frame.slice('data: '.length)
      return data === '[DONE]' ? data : (JSON.parse(data) as JsonObject)
    })
}

/** Parts of one kind. */
export function ofType<T extends StreamPart['type']>(
  parts: readonly StreamPart[],
  type: T,
): Extract<StreamPart, { type: T }>[] {
  return parts.filter((part): part is Extract<StreamPart, { type: T }> => part.type === type)
}

/** The text, thoughts and arguments of a stream, each joined by block. */
export function texts(
  parts: readonly StreamPart[],
  type: 'text-delta' | 'reasoning-delta' | 'refusal-delta' | 'tool-call-delta',
): string[] {
  const blocks = new Map<string, string>()
  for (const part of parts) {
    if (part.type !== type) continue
    const key = `${part.choice ?? 0}/${part.block}`
    const piece = part.type === 'tool-call-delta' ? part.arguments : part.text
    blocks.set(key, (blocks.get(key) ?? '') + piece)
  }
  return [...blocks.values()]
}
