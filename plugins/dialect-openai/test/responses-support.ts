/** What the tests of the Responses API share: calls of the codec as the kernel makes them. */
import type { ChatRequest, ChatResponse, JsonObject, Part, StreamPart } from '@sluice/core'
import { textOf } from '@sluice/dialect-kit'
import type { Frame } from '@sluice/dialect-kit'
import { ResponsesStreamDecoder } from '../src/responses/decode-stream.ts'
import { ResponsesStreamEncoder } from '../src/responses/encode-stream.ts'
import { responses } from '../src/responses/index.ts'
import { checkResponses } from './responses-checker.ts'
import type { CheckedStream } from './responses-checker.ts'
import { requestOf } from './support.ts'

export const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** A client's body, through the codec and back to an upstream of the same dialect. */
export function roundTrip(body: JsonObject): { body: JsonObject; dropped: string[] } {
  return encodeFor(responses.decodeRequest({ model: 'm', ...body }), 'm')
}

export function encodeFor(request: ChatRequest, model = 'target'): { body: JsonObject; dropped: string[] } {
  const dropped: string[] = []
  const body = responses.encodeRequest(request, { model, drop: (param) => dropped.push(param) })
  return { body: plain(body), dropped }
}

/** A client's request, as it stands when its answer is written. */
export const clientRequest = (body: JsonObject = {}): ChatRequest =>
  responses.decodeRequest({ model: 'asked', input: 'Hi', ...body })

export const contextOf = (body: JsonObject = {}) => ({ id: 'x1', model: 'asked', request: clientRequest(body) })

export function encodeAnswer(response: ChatResponse, body: JsonObject = {}): JsonObject {
  return plain(responses.encodeResponse(response, contextOf(body)))
}

/** An answer that `from` decoded. */
export const answerFrom = (from: string, parts: Part[], more: Partial<ChatResponse> = {}): ChatResponse => ({
  operation: 'chat',
  choices: [{ index: 0, parts, finish: { unified: 'stop' } }],
  extensions: { [from]: {} },
  ...more,
})

/** The items of the answer that a client gets. */
export const outputOf = (response: JsonObject): JsonObject[] => response.output as JsonObject[]

export const startFrom = (from: string): StreamPart => ({
  type: 'start',
  model: 'm',
  created: 1,
  extensions: { [from]: {} },
})
export const finished = (unified: 'stop' | 'tool-calls' | 'length' = 'stop'): StreamPart => ({
  type: 'finish',
  finish: { unified },
})

/** The bytes of a stream. */
export function streamText(parts: readonly StreamPart[], body: JsonObject = {}): string {
  const encoder = new ResponsesStreamEncoder(contextOf(body))
  let text = ''
  for (const part of parts) text += encoder.push(part)
  return text + encoder.end()
}

/** The events of a stream, found in good order. */
export function encodeStream(parts: readonly StreamPart[], body: JsonObject = {}): CheckedStream {
  return checkResponses(streamText(parts, body))
}

export const frameOf = (event: JsonObject | string): Frame => ({
  event: typeof event === 'string' ? '' : (textOf(event.type) ?? ''),
  data: typeof event === 'string' ? event : JSON.stringify(event),
})

export function decodeEvents(...events: readonly (JsonObject | string)[]): { parts: StreamPart[]; whole: boolean } {
  const decoder = new ResponsesStreamDecoder()
  const parts: StreamPart[] = []
  for (const event of events) decoder.push(frameOf(event), parts)
  return { parts, whole: decoder.end() }
}

export { requestOf }
