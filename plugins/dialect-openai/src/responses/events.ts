/** Numbers the events of one stream and writes them as frames. */
import type { JsonObject } from '@sluice/core'
import { sseFrame } from '@sluice/dialect-kit'

/** A frame of a repeated event, up to what changes. */
export type Head = string

export class EventWriter {
  #sequence = 0

  frame(type: string, fields: JsonObject): string {
    return sseFrame(JSON.stringify({ type, ...fields, sequence_number: this.#sequence++ }), type)
  }

  /** @param place what all of these events say */
  head(type: string, place: JsonObject): Head {
    return `event: ${type}\ndata: ${JSON.stringify({ type, ...place }).slice(0, -1)},"delta":`
  }

  /** @param more further fields as JSON, each with its comma in front */
  delta(head: Head, text: string, more: string): string {
    return `${head}${JSON.stringify(text)}${more},"sequence_number":${this.#sequence++}}\n\n`
  }
}

/** An item that is written. */
export interface ItemWriter {
  readonly id: unknown
  /** Number of the block that it was opened for; undefined until there is one. */
  block: number | undefined
  isOpen: boolean
  /** The events that end what is in it. @param status of the item */
  close(status: string): string
  /** As it stands in the final response. */
  item(): JsonObject
}
