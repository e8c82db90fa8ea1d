/** Writes the events of one message of a streamed answer. */
import type { Citation, JsonObject } from '@sluice/core'
import { listOf, textOf } from '@sluice/dialect-kit'
import { tokensOf } from '../logprobs.ts'
import { encodeCitation } from './citations.ts'
import type { EventWriter, Head, ItemWriter } from './events.ts'
import { DIALECT } from './extensions.ts'
import { outputText } from './output.ts'

type Kind = 'output_text' | 'refusal'

/** The item's own events, `output_item.added` and `.done`, are the caller's business. */
export class MessageWriter implements ItemWriter {
  readonly id: unknown
  block: number | undefined
  isOpen = true
  readonly #events: EventWriter
  readonly #index: number
  readonly #item: JsonObject
  readonly #content: JsonObject[] = []
  /** The part that is being written, if any. */
  #kind: Kind | undefined
  #head: Head = ''
  #text = ''
  #logprobs: unknown[] = []
  #annotations: JsonObject[] = []
  #waiting: Citation[] = []

  /** @param index of the item in the response */
  constructor(events: EventWriter, index: number, item: JsonObject) {
    this.#events = events
    this.#index = index
    this.#item = item
    this.id = item.id
  }

  text(block: number, text: string, logprobs: unknown): string {
    const opening = this.#enter(block, 'output_text')
    this.#text += text
    const tokens = logprobs === undefined ? undefined : tokensOf(logprobs)
    if (tokens === undefined) return opening + this.#events.delta(this.#head, text, ',"logprobs":[]')
    for (const token of tokens) this.#logprobs.push(token)
    return opening + this.#events.delta(this.#head, text, `,"logprobs":${JSON.stringify(tokens)}`)
  }

  refusal(block: number, text: string): string {
    const opening = this.#enter(block, 'refusal')
    this.#text += text
    return opening + this.#events.delta(this.#head, text, '')
  }

  /**
   * '' for one that this API has no form for. One of its text as a whole may come before the text, and waits
   * until this is over.
   */
  citation(block: number, citation: Citation): string {
    if (encodeCitation(citation, 0) === undefined) return ''
    const opening = this.#enter(block, 'output_text')
    if (citation.end !== undefined || citation.extensions?.[DIALECT] !== undefined)
      return opening + this.#annotate(citation)
    this.#waiting.push(citation)
    return opening
  }

  #annotate(citation: Citation): string {
    const annotation = encodeCitation(citation, this.#text.length)!
    this.#annotations.push(annotation)
    const place = { ...this.#place(), annotation_index: this.#annotations.length - 1, annotation }
    return this.#events.frame('response.output_text.annotation.added', place)
  }

  /** A citation that comes when its text is done already stands in the final response only. */
  addLate(citation: Citation): void {
    const text = this.#content.findLast(({ type }) => type === 'output_text')
    const annotation = encodeCitation(citation, textOf(text?.text)?.length ?? 0)
    if (annotation !== undefined) listOf(text?.annotations).push(annotation)
  }

  /** Whether the text of `block` may still grow. */
  isAt(block: number): boolean {
    return this.block === block && this.#kind !== undefined
  }

  close(status: string): string {
    const frames = this.#closePart()
    this.#item.status = status
    return frames
  }

  item(): JsonObject {
    return { ...this.#item, content: this.#content }
  }

  #place(): JsonObject {
    return { item_id: this.id, output_index: this.#index, content_index: this.#content.length }
  }

  /** Opens a part of `kind` for `block`, unless it is open. */
  #enter(block: number, kind: Kind): string {
    if (this.block === block && this.#kind === kind) return ''
    const closing = this.#closePart()
    this.block = block
    this.#kind = kind
    this.#head = this.#events.head(`response.${kind}.delta`, this.#place())
    return closing + this.#events.frame('response.content_part.added', { ...this.#place(), part: this.#part() })
  }

  #part(): JsonObject {
    if (this.#kind === 'refusal') return { type: 'refusal', refusal: this.#text }
    return outputText({ annotations: this.#annotations, text: this.#text, logprobs: this.#logprobs })
  }

  #closePart(): string {
    if (this.#kind === undefined) return ''
    let annotated = ''
    for (const citation of this.#waiting) annotated += this.#annotate(citation)
    this.#waiting = []
    const place = this.#place()
    const part = this.#part()
    const said = this.#kind === 'refusal' ? { refusal: this.#text } : { text: this.#text, logprobs: this.#logprobs }
    const frames =
      annotated +
      this.#events.frame(`response.${this.#kind}.done`, { ...place, ...said }) +
      this.#events.frame('response.content_part.done', { ...place, part })
    this.#content.push(part)
    this.#kind = undefined
    this.#text = ''
    this.#logprobs = []
    this.#annotations = []
    return frames
  }
}
