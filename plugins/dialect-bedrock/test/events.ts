/** The events of a streamed answer, as tests write them. */
import type { JsonObject, StreamPart } from '@sluice/core'
import { decodeStream, wire } from './support.ts'
import type { Event } from './support.ts'

export const started: Event = ['messageStart', { role: 'assistant', p: 'abc' }]
export const opened = (index: number, start: JsonObject): Event => [
  'contentBlockStart',
  { contentBlockIndex: index, start },
]
export const delta = (index: number, value: JsonObject): Event => [
  'contentBlockDelta',
  { contentBlockIndex: index, delta: value },
]
export const closed = (index: number): Event => ['contentBlockStop', { contentBlockIndex: index }]
export const stopped = (stopReason: string, more: JsonObject = {}): Event => ['messageStop', { stopReason, ...more }]
export const USAGE = { inputTokens: 10, outputTokens: 7, totalTokens: 22, cacheReadInputTokens: 5 }
export const told: Event = ['metadata', { usage: USAGE, metrics: { latencyMs: 9 }, p: 'a' }]
export const called = (index: number, id = 'a'): Event => opened(index, { toolUse: { toolUseId: id, name: 'f' } })
export const input = (index: number, piece: string): Event => delta(index, { toolUse: { input: piece } })

export const decode = (...events: Event[]) => decodeStream(wire(...events))
export const typesOf = (parts: readonly StreamPart[]) => parts.map((part) => part.type)
