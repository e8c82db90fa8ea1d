/** Items of type `message`, both directions, and how items are put in a row. */
import type { JsonObject, Part } from '@sluice/core'
import { defined, isObject, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { fields, keep, restore, spellingOf } from '../kept.ts'
import type { Kept } from '../kept.ts'
import { decodePart } from './content.ts'
import type { Side } from './content.ts'
import { DIALECT, extensions, keptIn } from './extensions.ts'

const FIELDS = fields('type role content id status')
const NO_FIELDS: ReadonlySet<string> = new Set()

/**
 * Id and status of an item, which say nothing to other dialects.
 * @returns to be kept as spelling; an item that came in this dialect always has it
 */
export function labels({ id, status }: JsonObject): JsonObject {
  return defined({ id: textOf(id), status: textOf(status) })
}

export function sideOf(role: unknown): Side {
  return role === 'assistant' ? 'output' : 'input'
}

/**
 * The content of a message, at least one part. What is kept of the item stands with the first: a message of
 * the canonical model may hold several items.
 */
export function decodeMessage(wire: JsonObject): Part[] {
  const { content } = wire
  const side = sideOf(wire.role)
  const form = typeof content === 'string' && content !== '' ? 'text' : undefined
  const item = keep(wire, FIELDS, defined({ ...labels(wire), type: textOf(wire.type), form }))
  const list = form === 'text' ? [{ type: `${side}_text`, text: content }] : listOf(content).filter(isObject)
  const parts = list.map((part, index) => decodePart(part, side, index === 0 ? { item } : {}))
  const first = parts[0] ?? { type: 'text', text: '', ...extensions(keep({}, NO_FIELDS, { item, content: 'none' })) }
  // Here other dialects find, and report, what only this one knows of the item.
  const kept = first.extensions?.[DIALECT] ?? {}
  for (const field in item) kept[field] ??= item[field]
  return parts.length === 0 ? [first] : parts
}

/** Items in a row. Contents that follow one another share a message, unless they came in two. */
export class ItemList {
  readonly #items: JsonObject[] = []
  #message: JsonObject | undefined
  #content: JsonObject[] = []
  /** Whether content of one text is written as that text. */
  #isText = false

  /** An item of another kind. */
  add(item: JsonObject): void {
    this.closeMessage()
    this.#items.push(item)
  }

  /**
   * @param part of which `wire` is the form in this API
   * @param head makes the message that it begins, if it did not come in this dialect
   */
  addContent(part: Part, wire: JsonObject, head: () => JsonObject): void {
    const spelling = spellingOf(keptIn(part))
    const item: Kept | undefined = objectOf(spelling.item)
    if (item !== undefined || this.#message === undefined) {
      this.closeMessage()
      this.#message = item === undefined ? head() : { ...restoreItem(item), role: head().role }
      this.#isText = spellingOf(item).form === 'text'
    }
    if (spelling.content !== 'none' || part.type !== 'text' || part.text !== '') this.#content.push(wire)
  }

  /** What follows begins another message. */
  closeMessage(): void {
    const message = this.#message
    if (message === undefined) return
    const [first] = this.#content
    if (this.#isText && this.#content.length === 1 && isPlainText(first)) message.content = first!.text
    else if (this.#content.length > 0) message.content = this.#content
    else message.content ??= []
    this.#items.push(message)
    this.#message = undefined
    this.#content = []
  }

  /** All of them; nothing may be added any more. */
  end(): JsonObject[] {
    this.closeMessage()
    return this.#items
  }
}

/** Whether a content part says nothing but a text. */
export function isPlainText(part: JsonObject | undefined): boolean {
  return typeof part?.text === 'string' && Object.keys(part).length === 2
}

function restoreItem(item: Kept): JsonObject {
  const { id, status, type } = spellingOf(item)
  return { ...restore(item), ...defined({ id, status, type }) }
}
