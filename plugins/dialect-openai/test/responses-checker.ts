/** The grammar of a streamed response, strictly: ids, indexes, numbers, and that all that is opened is closed with what was said. */
import type { JsonObject } from '@sluice/core'
import { isObject } from '@sluice/dialect-kit'
import { expect } from 'vitest'

/** What the checker knows of an item while it is written. */
interface OpenItem {
  item: JsonObject
  /** Parts of content and of summary that are done, by list. */
  parts: { content: JsonObject[]; summary: JsonObject[] }
  /** The part that is open, and what its deltas said. */
  part:
    | { list: 'content' | 'summary'; type: unknown; text: string; annotations: unknown[]; isSaid: boolean }
    | undefined
  /** Arguments or input of a call. */
  text: string
  isTextDone: boolean
}

export interface CheckedStream {
  events: JsonObject[]
  /** The final response. */
  response: JsonObject
}

const TERMINAL = ['response.completed', 'response.incomplete', 'response.failed']
const PART_EVENTS: { readonly [event: string]: ['content' | 'summary', 'content_index' | 'summary_index'] } = {
  'response.content_part': ['content', 'content_index'],
  'response.output_text': ['content', 'content_index'],
  'response.refusal': ['content', 'content_index'],
  'response.reasoning_text': ['content', 'content_index'],
  'response.reasoning_summary_part': ['summary', 'summary_index'],
  'response.reasoning_summary_text': ['summary', 'summary_index'],
}
const EMPTY_PARTS: { readonly [type: string]: JsonObject } = {
  output_text: { type: 'output_text', annotations: [], text: '', logprobs: [] },
  refusal: { type: 'refusal', refusal: '' },
  reasoning_text: { type: 'reasoning_text', text: '' },
  summary_text: { type: 'summary_text', text: '' },
}

/** Fails the test unless `text` is a whole stream in good order. */
export function checkResponses(text: string): CheckedStream {
  const events = eventsIn(text)
  const [created, inProgress] = events
  expect([created?.type, inProgress?.type]).toEqual(['response.created', 'response.in_progress'])
  expect(created!.response).toMatchObject({ object: 'response', status: 'in_progress', output: [] })
  expect(inProgress!.response).toEqual(created!.response)
  const done: JsonObject[] = []
  const open = new Map<unknown, OpenItem>()
  let added = 0
  for (const event of events.slice(2, -1)) {
    const index = event.output_index
    if (event.type === 'response.output_item.added') {
      const item = event.item as JsonObject
      expect(index).toBe(added++)
      expect(typeof item.id === 'string' && item.id !== '').toBe(true)
      for (const other of [...done.filter(isObject), ...[...open.values()].map((each) => each.item)])
        expect(other.id).not.toBe(item.id)
      open.set(index, {
        item,
        parts: { content: [], summary: [] },
        part: undefined,
        text: '',
        isTextDone: false,
      })
    } else if (event.type === 'response.output_item.done') {
      const state = open.get(index)!
      expect(state).toBeDefined()
      checkItem(state, event.item as JsonObject)
      done[index as number] = event.item as JsonObject
      open.delete(index)
    } else if (index !== undefined) checkStep(open.get(index), event)
  }
  expect(open.size).toBe(0)
  const last = events.at(-1)!
  const response = last.response as JsonObject
  expect(TERMINAL).toContain(last.type)
  expect(last.type).toBe(`response.${String(response.status)}`)
  expect(response.id).toBe((created!.response as JsonObject).id)
  expect(response.output).toEqual(done)
  return { events, response }
}

/** The events of a stream, checked for framing and numbers. */
export function eventsIn(text: string): JsonObject[] {
  expect(text.endsWith('\n\n')).toBe(true)
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((frame, number) => {
      const [event, data, ...rest] = frame.split('\n')
      expect(rest).toEqual([])
      const value: unknown = JSON.parse(data!.replace(/^data: /, ''))
      if (!isObject(value)) throw new Error(`not an object: ${data}`)
      expect(event).toBe(`event: ${String(value.type)}`)
      expect(value.sequence_number).toBe(number)
      return value
    })
}

function checkStep(state: OpenItem | undefined, event: JsonObject): void {
  expect(state, `an event for an item that is not open: ${JSON.stringify(event)}`).toBeDefined()
  const { item } = state!
  expect(event.item_id).toBe(item.id)
  const [, name = '', step] = /^(.*)\.(added|delta|done)$/.exec(String(event.type)) ?? []
  if (name === 'response.function_call_arguments' || name === 'response.custom_tool_call_input')
    return checkCallStep(state!, name, event)
  if (name === 'response.output_text.annotation') {
    expect(state!.part?.type).toBe('output_text')
    expect(event.annotation_index).toBe(state!.part!.annotations.length)
    state!.part!.annotations.push(event.annotation)
    return
  }
  const place = PART_EVENTS[name]
  if (place === undefined) return // an event of a server tool
  const [list, index] = place
  expect(event[index]).toBe(state!.parts[list].length)
  if (name.endsWith('_part')) checkPart(state!, list, event, step === 'added')
  else checkSaid(state!, name, event, step === 'delta')
}

function checkPart(state: OpenItem, list: 'content' | 'summary', { part }: JsonObject, isAdded: boolean): void {
  const { type } = part as JsonObject
  if (isAdded) {
    expect(state.part).toBeUndefined()
    expect(part).toEqual(EMPTY_PARTS[String(type)])
    state.part = { list, type, text: '', annotations: [], isSaid: false }
    return
  }
  expect(state.part).toMatchObject({ list, type, isSaid: true })
  const { text, refusal, annotations } = part as JsonObject
  expect(text ?? refusal).toBe(state.part!.text)
  if (type === 'output_text') expect(annotations).toEqual(state.part!.annotations)
  state.parts[list].push(part as JsonObject)
  state.part = undefined
}

/** The part's own text, in pieces and then whole. */
function checkSaid(state: OpenItem, name: string, event: JsonObject, isDelta: boolean): void {
  const part = state.part!
  expect(part).toBeDefined()
  expect(part.isSaid).toBe(false)
  const type = name.replace('response.', '').replace('reasoning_summary_text', 'summary_text')
  expect(part.type).toBe(type)
  if (isDelta) part.text += String(event.delta)
  else {
    expect(event.text ?? event.refusal).toBe(part.text)
    part.isSaid = true
  }
  if (type === 'output_text') expect(Array.isArray(event.logprobs)).toBe(true)
}

function checkCallStep(state: OpenItem, name: string, event: JsonObject): void {
  const isCustom = name === 'response.custom_tool_call_input'
  expect(state.item.type).toBe(isCustom ? 'custom_tool_call' : 'function_call')
  expect(state.isTextDone).toBe(false)
  if (typeof event.delta === 'string') state.text += event.delta
  else {
    expect(isCustom ? event.input : event.arguments).toBe(state.text)
    state.isTextDone = true
  }
}

function checkItem(state: OpenItem, item: JsonObject): void {
  expect(state.part).toBeUndefined()
  expect([item.id, item.type, item.call_id]).toEqual([state.item.id, state.item.type, state.item.call_id])
  switch (item.type) {
    case 'message':
      expect(item).toMatchObject({ role: 'assistant', content: state.parts.content })
      expect(['completed', 'incomplete']).toContain(item.status)
      break
    case 'reasoning':
      expect(item.summary).toEqual(state.parts.summary)
      expect(item.content ?? []).toEqual(state.parts.content)
      break
    case 'function_call':
    case 'custom_tool_call':
      expect(state.isTextDone).toBe(true)
      expect(item.arguments ?? item.input).toBe(state.text)
      break
    default:
  }
}
