/** Reads the events of one item of a streamed answer. */
import { GatewayError } from '@sluice/core'
import type { JsonObject, StreamPart } from '@sluice/core'
import { isObject, listOf, objectOf, textOf } from '@sluice/dialect-kit'
import { decodeCall } from './calls.ts'
import { decodeCitation } from './citations.ts'
import { DIALECT } from './extensions.ts'
import { sealed, SEPARATOR, textIn } from './reasoning.ts'

/** Numbers the blocks of a stream. */
export interface Blocks {
  next: number
}

/** More parts than any message has. */
const MAX_CONTENTS = 4096

/** One part of a message: its block, and what of it was told. */
interface Content {
  block: number
  isTold: boolean
  citations: number
}

/** Of an item, what its own events will say. */
const SPOKEN: { readonly [type: string]: JsonObject } = {
  message: { content: [] },
  reasoning: { summary: [] },
  function_call: { arguments: '' },
  custom_tool_call: { input: '' },
}

/** Made for one item. Keeps no text. */
export class ItemReader {
  readonly type: string
  isDone = false
  readonly #blocks: Blocks
  readonly #contents: Content[] = []
  #summary = 0

  /** @param item as it was announced; its parts are told as its events come */
  constructor(item: JsonObject, blocks: Blocks, out: StreamPart[]) {
    this.type = textOf(item.type) ?? ''
    this.#blocks = blocks
    const { encrypted_content: _, ...known } = item
    const empty = SPOKEN[this.type]
    const announced = empty === undefined ? item : { ...known, ...empty }
    if (this.type === 'reasoning' && Array.isArray(item.content)) announced.content = []
    out.push(rawEvent('response.output_item.added', { item: announced }))
    if (!this.#isCall) return
    const { arguments: _text, type: _type, ...call } = decodeCall(item)
    out.push({ type: 'tool-call-start', block: this.#content(0).block, ...call })
  }

  get #isCall(): boolean {
    return this.type === 'function_call' || this.type === 'custom_tool_call'
  }

  /** A piece of text; `index` counts the parts of the message. */
  text(index: unknown, text: string, logprobs: unknown, out: StreamPart[]): void {
    const hasTokens = Array.isArray(logprobs) && logprobs.length > 0
    if (text === '' && !hasTokens) return
    const content = this.#content(index)
    content.isTold = true
    const part: Extract<StreamPart, { type: 'text-delta' }> = { type: 'text-delta', block: content.block, text }
    if (hasTokens) part.logprobs = logprobs
    out.push(part)
  }

  refusal(index: unknown, text: string, out: StreamPart[]): void {
    if (text === '') return
    const content = this.#content(index)
    content.isTold = true
    out.push({ type: 'refusal-delta', block: content.block, text })
  }

  /** @param index counts the pieces of a summary; undefined for the thinking itself */
  thought(index: unknown, text: string, out: StreamPart[]): void {
    if (text === '') return
    const content = this.#content(0)
    const { block } = content
    if (index === undefined) out.push({ type: 'reasoning-delta', block, text })
    else {
      const piece = typeof index === 'number' ? index : 0
      if (content.isTold && piece !== this.#summary)
        out.push({ type: 'reasoning-delta', block, text: SEPARATOR, summary: true })
      this.#summary = piece
      out.push({ type: 'reasoning-delta', block, text, summary: true })
    }
    content.isTold = true
  }

  arguments(text: string, out: StreamPart[]): void {
    if (text === '') return
    const content = this.#content(0)
    content.isTold = true
    out.push({ type: 'tool-call-delta', block: content.block, arguments: text })
  }

  citation(index: unknown, annotation: JsonObject, out: StreamPart[]): void {
    const content = this.#content(index)
    content.citations++
    out.push({ type: 'citation', block: content.block, citation: decodeCitation(annotation) })
  }

  /** A text that comes whole; nothing if its pieces came before. */
  whole(index: unknown, event: JsonObject, out: StreamPart[]): void {
    if (this.#content(index).isTold) return
    this.refusal(index, textOf(event.refusal) ?? '', out)
    this.text(index, textOf(event.text) ?? '', event.logprobs, out)
  }

  /** The whole item: tells what its events left out. */
  done(item: JsonObject, out: StreamPart[]): void {
    if (this.isDone) return
    this.isDone = true
    if (this.type === 'message') this.#messageDone(item, out)
    else if (this.type === 'reasoning') this.#reasoningDone(item, out)
    else if (this.#isCall) this.#callDone(item, out)
    else out.push({ type: 'raw', dialect: DIALECT, value: item })
  }

  #messageDone(item: JsonObject, out: StreamPart[]): void {
    for (const [index, value] of listOf(item.content).entries()) {
      const part = objectOf(value) ?? {}
      this.whole(index, part, out)
      const annotations = listOf(part.annotations).filter(isObject)
      for (const annotation of annotations.slice(this.#content(index).citations)) this.citation(index, annotation, out)
    }
  }

  #reasoningDone(item: JsonObject, out: StreamPart[]): void {
    const text = textIn(item)
    if (text !== '' && !this.#content(0).isTold)
      this.thought(listOf(item.content).length > 0 ? undefined : this.#summary, text, out)
    const encrypted = textOf(item.encrypted_content)
    if (encrypted) {
      const data = sealed(textOf(item.id) ?? '', encrypted)
      out.push({ type: 'reasoning-redacted', block: this.#content(0).block, data, origin: DIALECT })
    }
  }

  #callDone(item: JsonObject, out: StreamPart[]): void {
    if (this.#content(0).isTold) return
    this.arguments(decodeCall({ ...item, type: this.type }).arguments, out)
  }

  #content(index: unknown): Content {
    const number = typeof index === 'number' && Number.isInteger(index) && index >= 0 ? index : 0
    if (number >= MAX_CONTENTS)
      throw new GatewayError('upstream_error', 'The upstream sent a message with too many parts.')
    return (this.#contents[number] ??= { block: this.#blocks.next++, isTold: false, citations: 0 })
  }
}

/** An event that only this dialect understands, without what counts it. */
export function rawEvent(type: string, event: JsonObject): StreamPart {
  const { sequence_number: _, output_index: __, obfuscation: ___, ...value } = event
  return { type: 'raw', dialect: DIALECT, event: type, value: { ...value, type } }
}
