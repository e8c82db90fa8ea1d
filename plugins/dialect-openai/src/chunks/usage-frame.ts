/**
 * Usage of streams, which OpenAI's APIs tell only if asked (`stream_options.include_usage`), in a frame of its own
 * before the end: https://platform.openai.com/docs/api-reference/chat/create
 */
import type { JsonObject, StreamUsage } from '@sluice/core'
import { sse } from '@sluice/dialect-kit'

const QUESTION = Buffer.from('{"stream_options":{"include_usage":true},')
/** How vendors write that a frame is about no choice. */
const EMPTY = ['"choices":[]', '"choices": []']

export const usageFrame: StreamUsage = { ask, hide }

function ask(body: JsonObject, bytes: Buffer): { body: JsonObject; bytes: Buffer } | undefined {
  const { stream_options: options } = body
  if (options === undefined) {
    const rest = bytes.subarray(bytes.indexOf('{') + 1)
    return { body: { ...body, stream_options: { include_usage: true } }, bytes: Buffer.concat([QUESTION, rest]) }
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return undefined
  if ((options as JsonObject)['include_usage'] === true) return undefined
  const asking = { ...body, stream_options: { ...options, include_usage: true } }
  return { body: asking, bytes: Buffer.from(JSON.stringify(asking)) }
}

function hide(frames: Buffer): Buffer {
  if (!EMPTY.some((text) => frames.includes(text))) return frames
  const kept: Buffer[] = []
  for (let rest = frames; rest.length > 0;) {
    const end = sse.firstEnd(rest)
    const frame = rest.subarray(0, end)
    if (!isUsage(frame)) kept.push(frame)
    rest = rest.subarray(end)
  }
  return Buffer.concat(kept)
}

/** Azure's filter results come without choices too. */
function isUsage(frame: Buffer): boolean {
  const text = frame.toString()
  if (!EMPTY.some((empty) => text.includes(empty))) return false
  try {
    const data = JSON.parse(text.replace(/^data: ?/, '')) as JsonObject | null
    return typeof data?.['usage'] === 'object' && data['usage'] !== null
  } catch {
    return false
  }
}
