/** Any wire format, as its codec writes it. */
import type { ChatRequest, ChatResponse, StreamPart, Usage } from '@sluice/core'
import { CODECS } from '../../support/codecs.ts'
import { SYSTEM, turnsOf } from '../content.ts'
import type { Turn } from '../content.ts'
import { MODELS } from '../wires.ts'
import type { Wire } from '../wires.ts'
import type { Speech } from './speech.ts'

const usage: Usage = { input: { total: 118, cacheRead: 0, cacheWrite: 0 }, output: { total: 64, reasoning: 0 } }
const finish = { unified: 'stop' } as const

function asked(model: string, turns: readonly Turn[], stream: boolean): ChatRequest {
  const said = [{ role: 'system' as const, content: SYSTEM }, ...turns]
  return {
    operation: 'chat',
    model,
    stream,
    messages: said.map(({ role, content }) => ({ role, parts: [{ type: 'text', text: content }] })),
    maxTokens: 1024,
    ...(stream ? { includeUsage: true } : {}),
    extensions: {},
  }
}

/** @throws Error if the wire format has no word for something that the benchmark says */
export function encoded(wire: Wire): Speech {
  const codec = CODECS[wire]
  const model = MODELS[wire]
  const start = { id: 'answer-011CdEr5G1SYtpTkVd1HniUF', model, created: 1760729432 }
  const context = (stream: boolean) => ({ id: 'exchange', model, request: asked(model, turnsOf('small'), stream) })
  const drop = (param: string): never => {
    throw new Error(`${wire} does not take ${param}.`)
  }
  return {
    request: (model, turns, stream) => codec.encodeRequest(asked(model, turns, stream), { model, drop }),
    reply(text) {
      const choices = [{ index: 0, parts: [{ type: 'text' as const, text }], finish }]
      const response: ChatResponse = { operation: 'chat', ...start, choices, usage, extensions: {} }
      return codec.encodeResponse(response, context(false))
    },
    frames(pieces) {
      const writer = codec.stream.writer(context(true))
      const parts: StreamPart[] = [
        { type: 'start', ...start },
        ...pieces.map((text): StreamPart => ({ type: 'text-delta', block: 0, text })),
        { type: 'finish', finish },
        { type: 'usage', usage },
      ]
      const frames = [...parts.map((part) => writer.push(part)), writer.end()]
      return frames.filter(({ length }) => length > 0)
    },
  }
}
