/** The rules for one item of a streamed response: what is added grows, is done, and is then as it was streamed. */
import { isDeepStrictEqual } from 'node:util'
import { object, objects, text } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'

/** Ids of items begin by their type; OpenAI takes back no others. */
export const PREFIXES: { readonly [type: string]: RegExp } = {
  message: /^msg_/,
  reasoning: /^rs_/,
  function_call: /^fc_/,
  custom_tool_call: /^ctc_/,
  web_search_call: /^ws_/,
}
/** Events of texts, by their names, with the kind of part they are of and where it stands. */
const TEXTS: { readonly [name: string]: { part: string; field: string; index: string; owner: string } } = {
  output_text: { part: 'output_text', field: 'text', index: 'content_index', owner: 'message' },
  refusal: { part: 'refusal', field: 'refusal', index: 'content_index', owner: 'message' },
  reasoning_text: { part: 'reasoning_text', field: 'text', index: 'content_index', owner: 'reasoning' },
  reasoning_summary_text: { part: 'summary_text', field: 'text', index: 'summary_index', owner: 'reasoning' },
}
const INPUTS: { readonly [name: string]: string } = {
  function_call_arguments: 'arguments',
  custom_tool_call_input: 'input',
}

interface OpenPart {
  type: string
  written: string
  isWritten: boolean
  annotations: unknown[]
}

export class ItemChecker {
  readonly type: string
  /** As it was done. */
  whole: Json = {}
  isDone = false
  readonly #id: string
  readonly #lists: { [index: string]: Json[] } = { content_index: [], summary_index: [] }
  #part: OpenPart | undefined
  #input: string | undefined

  /** @param others the items before it */
  constructor(item: Json, others: readonly ItemChecker[]) {
    this.type = text(item.type)
    this.#id = text(item.id)
    const prefix = PREFIXES[this.type]
    if (prefix === undefined) fail(`there is no item ${this.type}`)
    if (!prefix.test(this.#id)) fail(`the item ${this.type} has the id "${this.#id}"`)
    if (others.some((other) => other.#id === this.#id)) fail(`two items have the id "${this.#id}"`)
    if (this.type === 'message' && item.role !== 'assistant') fail('a message is not one of the assistant')
    if (this.type === 'message' && item.status !== 'in_progress') fail('a message does not begin in progress')
    if (objects(item.content).length + objects(item.summary).length > 0) fail('an item does not begin empty')
    if (this.type === 'function_call' && (text(item.call_id) === '' || text(item.name) === '' || item.arguments !== ''))
      fail('a call begins without an id or a name, or with arguments')
  }

  check(event: string, value: Json): void {
    if (this.isDone) fail(`${event} belongs to an item that is done`)
    if (event === 'response.output_item.done') return this.#finish(object(value.item) ?? {})
    if (value.item_id !== this.#id) fail(`${event} names another item`)
    const [, name = '', step = ''] = /^response\.(\w+)(?:\.text)?\.(\w+)$/.exec(event) ?? []
    if (event === 'response.output_text.annotation.added') return this.#annotate(value)
    if (name === 'content_part' || name === 'reasoning_summary_part') return this.#bound(name, step, value)
    if (name in TEXTS) return this.#text(name, step, value)
    if (name in INPUTS) return this.#write(INPUTS[name]!, step, value)
    if (name !== this.type) fail(`there is no event ${event}`)
  }

  #bound(name: string, step: string, value: Json): void {
    const index = name === 'content_part' ? 'content_index' : 'summary_index'
    const list = this.#lists[index]!
    const part = object(value.part) ?? {}
    if (value[index] !== list.length) fail(`a part has the number ${String(value[index])}`)
    if (step === 'added') {
      if (this.#part !== undefined) fail('a part begins within another one')
      if (text(part.text) + text(part.refusal) !== '') fail('a part does not begin empty')
      this.#part = { type: text(part.type), written: '', isWritten: false, annotations: [] }
      return
    }
    const open = this.#part ?? fail('a part ends that did not begin')
    if (!open.isWritten) fail('a part ends before its text')
    if ((part.text ?? part.refusal) !== open.written) fail('a part ends with another text')
    if (part.type !== open.type) fail('a part changes its type')
    if (part.annotations !== undefined && !isDeepStrictEqual(part.annotations, open.annotations))
      fail('a part ends with other annotations')
    list.push(part)
    this.#part = undefined
  }

  #text(name: string, step: string, value: Json): void {
    const { part, field, index, owner } = TEXTS[name]!
    const open = this.#part ?? fail(`${name} belongs to no part`)
    if (open.type !== part || owner !== this.type) fail(`${name} stands in a part ${open.type} of an item ${this.type}`)
    if (value[index] !== this.#lists[index]!.length) fail(`${name} names another part`)
    if (open.isWritten) fail(`${name} goes on after its end`)
    if (step === 'delta') {
      if (typeof value.delta !== 'string') fail('a delta is no text')
      open.written += value.delta
      return
    }
    if (value[field] !== open.written) fail(`${name} ends with another text`)
    open.isWritten = true
  }

  #annotate({ annotation, annotation_index: index }: Json): void {
    const open = this.#part ?? fail('an annotation belongs to no part')
    if (index !== open.annotations.length) fail('an annotation is out of order')
    if (text(object(annotation)?.type) === '') fail('an annotation has no type')
    open.annotations.push(annotation)
  }

  #write(field: string, step: string, value: Json): void {
    if (step === 'delta') {
      if (typeof value.delta !== 'string') fail('a delta is no text')
      this.#input = (this.#input ?? '') + value.delta
      return
    }
    if (value[field] !== (this.#input ?? '')) fail('a call ends with other arguments')
  }

  #finish(item: Json): void {
    if (this.#part !== undefined) fail('an item ends within a part')
    if (item.id !== this.#id || item.type !== this.type) fail('an item ends as another one')
    const { content_index: content = [], summary_index: summary = [] } = this.#lists
    if (!isDeepStrictEqual(objects(item.content), content)) fail('an item ends with other content')
    if (!isDeepStrictEqual(objects(item.summary), summary)) fail('an item ends with another summary')
    if (this.type === 'function_call') {
      if (item.arguments !== this.#input) fail('a call ends with other arguments')
      if (item.status === 'completed' && object(JSON.parse(text(item.arguments))) === undefined)
        fail('the arguments of a call are no object')
    }
    if (this.type !== 'reasoning' && item.status !== 'completed' && item.status !== 'incomplete')
      fail('an item ends in progress')
    this.whole = item
    this.isDone = true
  }
}

function fail(rule: string): never {
  throw new Error(`not a Responses stream: ${rule}`)
}
