/** Reads answers of the Gemini API, as Google AI and Vertex AI give them. */
import { emptyChoice } from './answer.ts'
import type { Answer, Choice, Tokens } from './answer.ts'
import { framesOf } from './frames.ts'
import { count, object, objects, text } from './json.ts'
import type { Json } from './json.ts'

export function readGenerated(body: Json): Answer {
  const usage = object(body.usageMetadata)
  const candidates = objects(body.candidates).toSorted((a, b) => count(a.index) - count(b.index))
  const choices = candidates.map(readCandidate)
  return { id: text(body.responseId), model: text(body.modelVersion), choices, tokens: usage && tokensOf(usage) }
}

/** Server-sent events, or one JSON array. */
export function chunksOfGemini(stream: Buffer | string): Json[] {
  const written = stream.toString()
  if (written.trimStart().startsWith('[')) return objects(JSON.parse(written))
  return framesOf(written).map(({ data }) => JSON.parse(data) as Json)
}

/** All chunks as one answer: contents grow, whatever else comes last counts. */
export function generatedOf(chunks: readonly Json[]): Json {
  const candidates = new Map<number, Json>()
  for (const candidate of chunks.flatMap((chunk) => objects(chunk.candidates))) {
    const index = count(candidate.index)
    const before = candidates.get(index) ?? {}
    const parts = [before, candidate].flatMap(({ content }) => objects(object(content)?.parts))
    candidates.set(index, { ...before, ...candidate, content: { role: 'model', parts } })
  }
  return Object.assign({}, ...chunks, { candidates: [...candidates.values()] }) as Json
}

/** Reasons as numbers, which the vendor sends if asked to. */
const REASONS = ['', 'STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'OTHER']

function readCandidate(candidate: Json): Choice {
  const choice = emptyChoice()
  const { finishReason: reason } = candidate
  choice.finish = typeof reason === 'number' ? (REASONS[reason] ?? '') : text(reason)
  for (const part of objects(object(candidate.content)?.parts)) {
    if (part.thought === true) choice.reasoning += text(part.text)
    else choice.text += text(part.text)
    const { mimeType, data } = object(part.inlineData) ?? {}
    if (data) choice.images.push(`data:${text(mimeType)};base64,${text(data)}`)
    const call = object(part.functionCall)
    // Google wants the signatures of calls back, and recommends it of others.
    if (part.thoughtSignature && (call ?? part.thought)) choice.signatures.push(text(part.thoughtSignature))
    if (call) choice.calls.push({ id: text(call.id), name: text(call.name), arguments: call.args ?? {} })
  }
  const grounding = object(candidate.groundingMetadata) ?? {}
  const chunks = objects(grounding.groundingChunks)
  // A source is cited where a segment of the text says so.
  for (const support of objects(grounding.groundingSupports)) {
    for (const index of [support.groundingChunkIndices ?? []].flat()) {
      const uri = text(object(chunks[Number(index)]?.web)?.uri)
      if (uri) choice.sources.push(uri)
    }
  }
  return choice
}

/** Thoughts are counted beside the answer, results of Google's own tools beside the prompt. */
function tokensOf(usage: Json): Tokens {
  const reasoning = count(usage.thoughtsTokenCount)
  return {
    input: count(usage.promptTokenCount) + count(usage.toolUsePromptTokenCount),
    cacheRead: count(usage.cachedContentTokenCount),
    cacheWrite: 0,
    output: count(usage.candidatesTokenCount) + reasoning,
    reasoning,
  }
}
