/** The events of a streamed message, as tests write them. */
import type { JsonObject, StreamPart } from '@sluice/core'
import { decodeStream, wire } from './support.ts'

export const started = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 1 },
  },
}
export const opened = (index: number, content_block: JsonObject) => ({
  type: 'content_block_start',
  index,
  content_block,
})
export const delta = (index: number, value: JsonObject) => ({ type: 'content_block_delta', index, delta: value })
export const closed = (index: number) => ({ type: 'content_block_stop', index })
export const finished = (stop_reason: string | null, usage: JsonObject = { output_tokens: 7 }) => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  usage,
})
export const stopped = { type: 'message_stop' }

export const decode = (...events: JsonObject[]) => decodeStream(wire(...events))
export const typesOf = (parts: readonly StreamPart[]) => parts.map((part) => part.type)
