/** A scripted answer of the Gemini API. */
import { json, sse } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import type { Json } from '../oracle/json.ts'
import { pieces } from '../say.ts'
import type { Line } from '../say.ts'

const USAGE = { promptTokenCount: 10, candidatesTokenCount: 20, totalTokenCount: 30 }

/** Calls come whole and without ids if theirs are ''. The first one bears the signature. */
export function sayGemini(line: Line, isStream: boolean): UpstreamReply {
  if (!isStream) return json(chunk(partsOf(line), { finishReason: 'STOP', ...line.end }))
  return sse(geminiStream(line), { chunk: 'frame' })
}

/** The same as bytes of a stream. */
export function geminiStream(line: Line): string {
  const end = chunk([{ text: '' }], { finishReason: 'STOP', ...line.end })
  const chunks = [...partsOf(line, true).map((part) => chunk([part])), end]
  return chunks.map((each) => `data: ${JSON.stringify(each)}\r\n\r\n`).join('')
}

function chunk(parts: readonly Json[], end: Json = {}): Json {
  const candidates = [{ content: { parts, role: 'model' }, ...end, index: 0 }]
  return { candidates, usageMetadata: USAGE, modelVersion: 'scripted', responseId: 'response-1' }
}

function partsOf({ thought, signature, text, calls = [] }: Line, isPieced = false): Json[] {
  const cut = (whole: string | undefined): string[] => (isPieced ? pieces(whole) : whole === undefined ? [] : [whole])
  return [
    ...cut(thought).map((piece) => ({ text: piece, thought: true })),
    ...cut(text).map((piece) => ({ text: piece })),
    ...calls.map(({ id, name, arguments: args }, index) => ({
      functionCall: { ...(id && { id }), name, args },
      ...(index === 0 && signature !== undefined && { thoughtSignature: signature }),
    })),
  ]
}
