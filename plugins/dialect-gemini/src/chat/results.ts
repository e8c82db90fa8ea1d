/** Results of functions in both directions. Gemini wants them as objects, everybody else as text and media. */
import type { JsonObject, Part, ToolResultPart } from '@sluice/core'
import { isObject, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { keep, leftovers, NAME, restore, spellingOf } from '../extensions.ts'
import type { CallIds } from './call-ids.ts'
import { decodeMedia } from './media.ts'

const FIELDS = new Set(['id', 'name', 'response', 'parts'])
const NOTHING: ReadonlySet<string> = new Set()

export function decodeResult(part: JsonObject, result: JsonObject, ids: CallIds): ToolResultPart {
  const { functionResponse: _, ...outer } = part
  const inner = leftovers(result, FIELDS)
  if (inner !== undefined) outer.functionResponse = inner
  const name = textOf(result.name) ?? ''
  const id = textOf(result.id) || undefined
  const response = objectOf(result.response)
  const { text, isError } = textIn(response ?? {})
  const spelling = { id, response, parts: Array.isArray(result.parts) }
  return {
    type: 'tool-result',
    callId: ids.result(name, id),
    name,
    content: [{ type: 'text', text }, ...listOf(result.parts).filter(isObject).map(decodeItem)],
    ...(isError && { isError }),
    ...keep(outer, NOTHING, spelling),
  }
}

function decodeItem(item: JsonObject): Part {
  return decodeMedia(item) ?? { type: 'raw', dialect: NAME, value: item }
}

/** `output` and `error` are Gemini's words; any other object is the result as a whole. */
function textIn(response: JsonObject): { text: string; isError: boolean } {
  const keys = Object.keys(response)
  const word = keys.length === 1 && (keys[0] === 'output' || keys[0] === 'error') ? keys[0] : undefined
  const value = word === undefined ? response : response[word]
  return { text: typeof value === 'string' ? value : JSON.stringify(value), isError: word === 'error' }
}

/** @param items the media of the result, on the wire */
export function encodeResult(part: ToolResultPart, items: readonly JsonObject[]): JsonObject {
  const wire = restore(part)
  const spelling = spellingOf(part)
  const callId = 'id' in spelling ? spelling.id : part.callId
  const functionResponse = {
    ...objectOf(wire.functionResponse),
    ...(callId !== undefined && { id: callId }),
    name: part.name,
    response: responseFor(part, spelling.response),
    ...((items.length > 0 || spelling.parts === true) && { parts: items }),
  }
  return { ...wire, functionResponse }
}

/** The response as it came, if the result still says the same. As text, numbers keep all their digits. */
function responseFor(part: ToolResultPart, came: unknown): unknown {
  const text = textsOf(part)
  const isError = part.isError === true
  if (isObject(came)) {
    const said = textIn(came)
    if (said.text === text && said.isError === isError) return came
  }
  return isError ? { error: text } : { output: text }
}

/** What is written as the response. */
function textsOf(part: ToolResultPart): string {
  return part.content.flatMap((item) => (item.type === 'text' ? item.text : [])).join('\n')
}
