/** A strict reading of how the Gemini API streams. */
import { object, objects, text } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import { splitFrames } from './split-frames.ts'

const FINISHES: readonly unknown[] =
  'STOP MAX_TOKENS SAFETY RECITATION LANGUAGE OTHER BLOCKLIST PROHIBITED_CONTENT SPII MALFORMED_FUNCTION_CALL IMAGE_SAFETY UNEXPECTED_TOOL_CALL'.split(
    ' ',
  )
/** One of these is what a part is. */
const KINDS = 'text inlineData fileData functionCall functionResponse executableCode codeExecutionResult'.split(' ')

/**
 * Server-sent events.
 * @param isCounted whether there are tokens to be told
 * @throws Error naming the first rule that the stream breaks
 */
export function checkGeminiStream(stream: Buffer | string, isCounted = true): void {
  // The vendor itself ends lines with CRLF.
  const frames = splitFrames(stream.toString().replaceAll('\r\n', '\n'))
  for (const { event } of frames) if (event !== '') fail(`a frame names the event "${event}"`)
  if (frames.at(-1)?.data === '[DONE]') fail('the stream ends with [DONE]')
  checkChunks(
    frames.map(({ data }) => JSON.parse(data) as Json),
    isCounted,
  )
}

/** One JSON array, by the same rules. */
export function checkGeminiArray(stream: Buffer | string, isCounted = true): void {
  const chunks: unknown = JSON.parse(stream.toString())
  if (!Array.isArray(chunks) || objects(chunks).length < chunks.length) fail('the stream is no array of objects')
  checkChunks(objects(chunks), isCounted)
}

/** What holds for the chunks of a stream, and for an answer that is its own only chunk. */
export function checkChunks(chunks: readonly Json[], isCounted: boolean): void {
  const broken = chunks.findIndex(({ error }) => error !== undefined)
  if (broken !== -1 && broken < chunks.length - 1) fail('something follows an error')
  const answer = broken === -1 ? chunks : chunks.slice(0, broken)
  const [first = {}] = answer
  const finishes = new Map<number, unknown>()
  for (const chunk of answer) {
    for (const field of ['responseId', 'modelVersion']) {
      if (text(chunk[field]) === '') fail(`a chunk has no "${field}"`)
      if (chunk[field] !== first[field]) fail(`"${field}" changes within the stream`)
    }
    for (const candidate of objects(chunk.candidates)) checkCandidate(candidate, finishes)
  }
  if (broken !== -1) return checkError(object(chunks[broken]!.error) ?? {})
  if (finishes.size === 0) fail('there is no candidate')
  for (const [index, finish] of finishes) if (finish === undefined) fail(`candidate ${index} never finishes`)
  const usage = object(answer.at(-1)?.usageMetadata)
  if (!isCounted) {
    if (usage) fail('there is usage that nobody counted')
    return
  }
  const { promptTokenCount: prompt, totalTokenCount: total } = usage ?? {}
  if (!Number.isInteger(prompt) || !Number.isInteger(total)) fail('the last chunk does not count the tokens')
}

function checkCandidate({ index = 0, content, finishReason }: Json, finishes: Map<number, unknown>): void {
  const at = Number(index)
  if (finishes.get(at) !== undefined) fail(`candidate ${at} goes on after its finish`)
  finishes.set(at, finishReason)
  if (finishReason !== undefined && !FINISHES.includes(finishReason))
    fail(`there is no finishReason ${JSON.stringify(finishReason)}`)
  const { role, parts } = object(content) ?? {}
  if (role !== undefined && role !== 'model') fail('a content is not of the model')
  for (const part of objects(parts)) checkPart(part)
}

function checkPart(part: Json): void {
  const kinds = KINDS.filter((kind) => kind in part)
  if (kinds.length !== 1) fail(`a part is ${kinds.length} things at once`)
  if ('text' in part && typeof part.text !== 'string') fail('a text is none')
  const call = object(part.functionCall)
  if (call && (text(call.name) === '' || object(call.args ?? {}) === undefined))
    fail('a call has no name, or its arguments are no object')
  if ('thoughtSignature' in part && text(part.thoughtSignature) === '') fail('a signature is empty')
}

function checkError({ code, message, status }: Json): void {
  if (!Number.isInteger(code) || text(message) === '' || !/^[A-Z_]+$/.test(text(status)))
    fail('an error is not in the envelope')
}

function fail(rule: string): never {
  throw new Error(`not a Gemini stream: ${rule}`)
}
