/** Writes the events of one tool call of a streamed answer. */
import type { JsonObject } from '@sluice/core'
import { isObject, tryParse } from '@sluice/dialect-kit'
import type { EventWriter, Head, ItemWriter } from './events.ts'

/** The item's own events, `output_item.added` and `.done`, are the caller's business. */
export class CallWriter implements ItemWriter {
  readonly id: unknown
  block: number | undefined
  isOpen = true
  readonly #events: EventWriter
  readonly #item: JsonObject
  readonly #place: JsonObject
  readonly #event: string
  /** Field of the item that holds what the model wrote. */
  readonly #field: 'arguments' | 'input'
  readonly #head: Head
  #text = ''

  /** @param index of the item in the response */
  constructor(events: EventWriter, index: number, item: JsonObject) {
    this.#events = events
    this.#item = item
    this.id = item.id
    const isCustom = item.type === 'custom_tool_call'
    this.#field = isCustom ? 'input' : 'arguments'
    this.#event = isCustom ? 'response.custom_tool_call_input' : 'response.function_call_arguments'
    this.#place = { item_id: item.id, output_index: index }
    this.#head = events.head(`${this.#event}.delta`, this.#place)
  }

  isFor(callId: string): boolean {
    return this.#item.call_id === callId
  }

  /** Whether nothing can follow: arguments are one JSON object. Free text may always go on. */
  get isWhole(): boolean {
    return this.#field === 'arguments' && this.#text.endsWith('}') && isObject(tryParse(this.#text))
  }

  text(text: string): string {
    this.#text += text
    return this.#events.delta(this.#head, text, '')
  }

  close(status: string): string {
    // A call without arguments says so in JSON.
    const missing = this.#field === 'arguments' && this.#text === '' ? this.text('{}') : ''
    this.#item.status = status
    const done = { ...this.#place, name: this.#item.name, [this.#field]: this.#text }
    return missing + this.#events.frame(`${this.#event}.done`, done)
  }

  item(): JsonObject {
    return { ...this.#item, [this.#field]: this.#text }
  }
}
