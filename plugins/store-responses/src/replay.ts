/** A response that is over, as the events that would have streamed it: each text in one piece. */
import type { JsonObject } from '@sluice/core'
import { isObject, listOf, sseFrame, textOf } from '@sluice/dialect-kit'

/** Frames, the first with number 0. */
export function replayOf(response: JsonObject): string {
  const events = new Events()
  const begun = { ...response, status: 'in_progress', output: [], usage: null, error: null, incomplete_details: null }
  events.add('response.created', { response: begun })
  events.add('response.in_progress', { response: begun })
  const output = listOf(response.output).filter(isObject)
  for (const [index, item] of output.entries()) addItem(events, item, index)
  return events.frames + lastFrame(response, events.count)
}

/** The event that ends a stream. There is none for a response that was cancelled. */
export function lastFrame(response: JsonObject, sequence_number: number): string {
  const { status } = response
  const type = `response.${status === 'completed' || status === 'incomplete' ? status : 'failed'}`
  return sseFrame(JSON.stringify({ type, response, sequence_number }), type)
}

class Events {
  frames = ''
  count = 0

  add(type: string, fields: JsonObject): void {
    this.frames += sseFrame(JSON.stringify({ type, ...fields, sequence_number: this.count++ }), type)
  }
}

function addItem(events: Events, item: JsonObject, output_index: number): void {
  const { content, summary } = item
  const at = { item_id: item.id, output_index }
  events.add('response.output_item.added', { output_index, item: { ...item, ...blankOf(item), status: 'in_progress' } })
  const parts = item.type === 'message' ? listOf(content).filter(isObject) : []
  for (const [index, part] of parts.entries()) addPart(events, part, { ...at, content_index: index })
  const pieces = item.type === 'reasoning' ? listOf(summary).filter(isObject) : []
  for (const [index, part] of pieces.entries()) addSummary(events, part, { ...at, summary_index: index })
  if (item.type === 'function_call') addText(events, 'function_call_arguments', at, 'arguments', item)
  if (item.type === 'custom_tool_call') addText(events, 'custom_tool_call_input', at, 'input', item)
  events.add('response.output_item.done', { output_index, item })
}

/** Of an item, what its own events say. */
function blankOf({ type }: JsonObject): JsonObject {
  if (type === 'message') return { content: [] }
  if (type === 'reasoning') return { summary: [], encrypted_content: undefined }
  if (type === 'function_call') return { arguments: '' }
  return type === 'custom_tool_call' ? { input: '' } : {}
}

function addPart(events: Events, part: JsonObject, at: JsonObject): void {
  const isRefusal = part.type === 'refusal'
  const blank = isRefusal ? { ...part, refusal: '' } : { ...part, text: '', annotations: [], logprobs: [] }
  events.add('response.content_part.added', { ...at, part: blank })
  if (isRefusal) addText(events, 'refusal', at, 'refusal', part)
  else {
    addText(events, 'output_text', at, 'text', part, { logprobs: listOf(part.logprobs) })
    for (const [index, annotation] of listOf(part.annotations).entries())
      events.add('response.output_text.annotation.added', { ...at, annotation_index: index, annotation })
  }
  events.add('response.content_part.done', { ...at, part })
}

function addSummary(events: Events, part: JsonObject, at: JsonObject): void {
  events.add('response.reasoning_summary_part.added', { ...at, part: { ...part, text: '' } })
  addText(events, 'reasoning_summary_text', at, 'text', part)
  events.add('response.reasoning_summary_part.done', { ...at, part })
}

/** A text in one piece, and its end. @param field that holds it in `from`, and in the event of its end */
function addText(
  events: Events,
  name: string,
  at: JsonObject,
  field: string,
  from: JsonObject,
  more: JsonObject = {},
): void {
  const text = textOf(from[field]) ?? ''
  if (text !== '') events.add(`response.${name}.delta`, { ...at, delta: text, ...more })
  events.add(`response.${name}.done`, { ...at, [field]: text, ...more })
}
