/** Writes the events of one thought of a streamed answer. */
import type { JsonObject } from '@sluice/core'
import type { Proven } from '@sluice/dialect-kit'
import type { EventWriter, Head, ItemWriter } from './events.ts'
import { encryptedContent } from './reasoning.ts'

/** The two forms of a readable thought: the events of its text and of its part, and where it stands. */
const SUMMARY = {
  text: 'reasoning_summary_text',
  part: 'reasoning_summary_part',
  type: 'summary_text',
  list: 'summary',
  index: 'summary_index',
} as const
const CONTENT = {
  text: 'reasoning_text',
  part: 'content_part',
  type: 'reasoning_text',
  list: 'content',
  index: 'content_index',
} as const

type Form = typeof SUMMARY | typeof CONTENT

/** The item's own events, `output_item.added` and `.done`, are the caller's business. */
export class ReasoningWriter implements ItemWriter {
  readonly id: unknown
  block: number | undefined
  isOpen = true
  readonly #events: EventWriter
  readonly #index: number
  readonly #item: JsonObject
  readonly #lists: { summary: JsonObject[]; content: JsonObject[] } = { summary: [], content: [] }
  readonly #isOwn: boolean
  readonly #proof: Proven = {}
  #form: Form | undefined
  #head: Head = ''
  #text = ''

  /**
   * @param index of the item in the response
   * @param isOwn whether the item is OpenAI's, as it came
   */
  constructor(events: EventWriter, index: number, item: JsonObject, isOwn: boolean) {
    this.#events = events
    this.#index = index
    this.#item = item
    this.id = item.id
    this.#isOwn = isOwn
  }

  /** What is to be sent back with the thought. */
  prove(proof: Proven): void {
    Object.assign(this.#proof, proof)
  }

  /** @param isSummary whether the text sums the thinking up */
  text(text: string, isSummary: boolean): string {
    const opening = this.#enter(isSummary ? SUMMARY : CONTENT)
    this.#text += text
    return opening + this.#events.delta(this.#head, text, '')
  }

  close(status: string): string {
    const frames = this.#closePart()
    if ('status' in this.#item) this.#item.status = status
    if (!this.#isOwn || this.#proof.redacted !== undefined)
      this.#item.encrypted_content = encryptedContent(this.#proof, this.id)
    return frames
  }

  item(): JsonObject {
    const { summary, content } = this.#lists
    return { ...this.#item, summary, ...(content.length > 0 && { content }) }
  }

  #place(form: Form): JsonObject {
    return { item_id: this.id, output_index: this.#index, [form.index]: this.#lists[form.list].length }
  }

  #enter(form: Form): string {
    if (this.#form === form) return ''
    const closing = this.#closePart()
    this.#form = form
    const place = this.#place(form)
    this.#head = this.#events.head(`response.${form.text}.delta`, place)
    const part = { type: form.type, text: '' }
    return closing + this.#events.frame(`response.${form.part}.added`, { ...place, part })
  }

  #closePart(): string {
    const form = this.#form
    if (form === undefined) return ''
    const place = this.#place(form)
    const part = { type: form.type, text: this.#text }
    const frames =
      this.#events.frame(`response.${form.text}.done`, { ...place, text: this.#text }) +
      this.#events.frame(`response.${form.part}.done`, { ...place, part })
    this.#lists[form.list].push(part)
    this.#form = undefined
    this.#text = ''
    return frames
  }
}
