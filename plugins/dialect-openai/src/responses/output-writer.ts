/** The items of a streamed answer: opens, closes and numbers them, and remembers them for the final response. */
import { GatewayError } from '@sluice/core'
import type { JsonObject, ReplyContext } from '@sluice/core'
import { CallWriter } from './call-writer.ts'
import type { EventWriter, ItemWriter } from './events.ts'
import { itemId } from './ids.ts'
import { MessageWriter } from './message-writer.ts'
import { ReasoningWriter } from './reasoning-writer.ts'

/** More items than any answer has. */
const MAX_ITEMS = 4096

/** An item of a kind that only this dialect has. Its events are the upstream's. */
class RawWriter implements ItemWriter {
  readonly id: unknown
  block: number | undefined
  isOpen = true
  value: JsonObject

  constructor(value: JsonObject) {
    this.value = value
    this.id = value.id
  }

  close(): string {
    return ''
  }

  item(): JsonObject {
    return this.value
  }
}

type Make = (index: number, item: JsonObject) => ItemWriter

export class OutputWriter {
  readonly #events: EventWriter
  readonly #context: ReplyContext
  readonly #writers: ItemWriter[] = []
  /** The item that is being written; undefined once another thing has been said. */
  current: ItemWriter | undefined

  constructor(events: EventWriter, context: ReplyContext) {
    this.#events = events
    this.#context = context
  }

  /** Events that open an item. @param item without an id if it did not come in this dialect */
  openMessage(item: JsonObject): string {
    return this.#open(item, (index, whole) => new MessageWriter(this.#events, index, whole))
  }

  openCall(item: JsonObject): string {
    return this.#open(item, (index, whole) => new CallWriter(this.#events, index, whole))
  }

  /** @param isOwn whether the item is OpenAI's, as it came */
  openReasoning(item: JsonObject, isOwn: boolean): string {
    return this.#open(item, (index, whole) => new ReasoningWriter(this.#events, index, whole, isOwn))
  }

  openRaw(item: JsonObject): string {
    return this.#open(item, (_, whole) => new RawWriter(whole))
  }

  /** The whole of an item that `openRaw` opened, or opens now. */
  endRaw(item: JsonObject): string {
    const isIt = (writer: ItemWriter): boolean => writer instanceof RawWriter && writer.isOpen && writer.id === item.id
    const opening = this.#writers.some(isIt) ? '' : this.openRaw(item)
    const writer = this.#writers.find(isIt)
    if (!(writer instanceof RawWriter)) return opening
    writer.value = item
    return opening + this.#close(writer, 'completed')
  }

  /** Number of the item with `id`; undefined if there is none. */
  indexOf(id: unknown): number | undefined {
    const index = this.#writers.findIndex((writer) => writer.id === id)
    return index === -1 ? undefined : index
  }

  /** Closes all items. @param last status of the last one */
  end(last: string): string {
    let frames = ''
    for (const writer of this.#writers)
      frames += this.#close(writer, writer === this.#writers.at(-1) ? last : 'completed')
    return frames
  }

  /** As it stands in the final response. */
  output(): JsonObject[] {
    return this.#writers.map((writer) => writer.item())
  }

  #open(given: JsonObject, make: Make): string {
    const index = this.#writers.length
    if (index >= MAX_ITEMS) throw new GatewayError('upstream_error', 'The upstream sent too many items in one answer.')
    const leaving = this.#leave()
    const item = 'id' in given ? given : { id: itemId(this.#context, given, index), status: 'in_progress', ...given }
    const added = this.#events.frame('response.output_item.added', { output_index: index, item })
    this.current = make(index, { ...item })
    this.#writers.push(this.current)
    return leaving + added
  }

  /** Closes the current item, unless it is a call whose arguments may still go on. */
  #leave(): string {
    const { current } = this
    const isDone = current !== undefined && !(current instanceof CallWriter && !current.isWhole)
    return isDone && !(current instanceof RawWriter) ? this.#close(current, 'completed') : ''
  }

  #close(writer: ItemWriter, status: string): string {
    if (!writer.isOpen) return ''
    writer.isOpen = false
    const frames = writer.close(status)
    const place = { output_index: this.#writers.indexOf(writer), item: writer.item() }
    return frames + this.#events.frame('response.output_item.done', place)
  }
}
