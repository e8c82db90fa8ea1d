/** What clients ask and upstreams answer in the benchmark, as bytes on the wire. */
import type { Frames } from '@sluice/core'
import { piecesOf, turnsOf } from './content.ts'
import type { ReplyKind, RequestSize } from './content.ts'
import { anthropic } from './speech/anthropic.ts'
import { encoded } from './speech/encoded.ts'
import { openaiChat } from './speech/openai-chat.ts'
import type { Speech } from './speech/speech.ts'
import type { ByWire, Wire } from './wires.ts'

const SPEECH: ByWire<Speech> = {
  'openai-chat': openaiChat,
  'openai-responses': encoded('openai-responses'),
  anthropic,
  gemini: encoded('gemini'),
  cohere: encoded('cohere'),
  bedrock: encoded('bedrock'),
}

/** The client's request. */
export function requestBody(wire: Wire, model: string, size: RequestSize, stream: boolean): string {
  return JSON.stringify(SPEECH[wire].request(model, turnsOf(size), stream))
}

/** The upstream's whole answer, in JSON. */
export function replyBody(wire: Wire, kind: ReplyKind): string {
  return JSON.stringify(SPEECH[wire].reply(piecesOf(kind).join('')))
}

/** The upstream's streamed answer, as it is sent. */
export function replyFrames(wire: Wire, kind: ReplyKind): Frames[] {
  return SPEECH[wire].frames(piecesOf(kind))
}
