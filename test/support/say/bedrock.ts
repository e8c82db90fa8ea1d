/** A scripted answer of Bedrock's Converse API. */
import { body, json } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { bedrockEvent } from '../event-stream.ts'
import { object } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import { pieces } from '../say.ts'
import type { Line } from '../say.ts'

const REPORT = { usage: { inputTokens: 10, outputTokens: 20, totalTokens: 30 }, metrics: { latencyMs: 1 } }

export function sayBedrock(line: Line, isStream: boolean): UpstreamReply {
  if (isStream) return body(Buffer.concat(bedrockFrames(line)), 'application/vnd.amazon.eventstream')
  return json({ output: { message: { role: 'assistant', content: contentOf(line) } }, ...endOf(line), ...REPORT })
}

/** The same as frames of a stream. */
export function bedrockFrames(line: Line): Buffer[] {
  return [
    bedrockEvent('messageStart', { role: 'assistant' }),
    ...contentOf(line).flatMap(eventsOf),
    bedrockEvent('messageStop', endOf(line)),
    bedrockEvent('metadata', REPORT),
  ]
}

function endOf({ calls = [], end }: Line): Json {
  return { stopReason: calls.length > 0 ? 'tool_use' : 'end_turn', ...end }
}

function contentOf({ thought, signature, encrypted, text, calls = [] }: Line): Json[] {
  return [
    ...(thought === undefined
      ? []
      : [{ reasoningContent: { reasoningText: { text: thought, ...(signature && { signature }) } } }]),
    ...(encrypted === undefined ? [] : [{ reasoningContent: { redactedContent: encrypted } }]),
    ...(text === undefined ? [] : [{ text }]),
    ...calls.map(({ id, name, arguments: input }) => ({ toolUse: { toolUseId: id, name, input } })),
  ]
}

/** Only calls have a start. */
function eventsOf(block: Json, contentBlockIndex: number): Buffer[] {
  const call = object(block.toolUse)
  const delta = (piece: Json): Buffer => bedrockEvent('contentBlockDelta', { contentBlockIndex, delta: piece })
  const stop = bedrockEvent('contentBlockStop', { contentBlockIndex })
  if (call) {
    const { input, ...who } = call
    const start = bedrockEvent('contentBlockStart', { contentBlockIndex, start: { toolUse: who } })
    const written = JSON.stringify(input)
    return [
      start,
      ...pieces(written === '{}' ? '' : written).map((piece) => delta({ toolUse: { input: piece } })),
      stop,
    ]
  }
  const reasoning = object(block.reasoningContent)
  const thought = object(reasoning?.reasoningText)
  if (thought) {
    const texts = pieces(thought.text).map((text) => delta({ reasoningContent: { text } }))
    const proof = thought.signature ? [delta({ reasoningContent: { signature: thought.signature } })] : []
    return [...texts, ...proof, stop]
  }
  if (reasoning) return [delta({ reasoningContent: reasoning }), stop]
  return [...pieces(block.text).map((text) => delta({ text })), stop]
}
