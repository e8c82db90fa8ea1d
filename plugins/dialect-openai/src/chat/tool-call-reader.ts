/** Reads the tool calls of one streamed choice: in pieces by index, whole in one frame, without index, without id. */
import { GatewayError } from '@sluice/core'
import type { JsonObject, StreamPart } from '@sluice/core'
import { objectOf, textOf } from '@sluice/dialect-kit'
import type { ChoicePart } from '../chunks/encode-chunks.ts'
import { fields } from '../kept.ts'
import { DIALECT } from './extensions.ts'
import { inventCallId, signatureOf } from './tool-calls.ts'

/** More calls than any answer makes. */
const MAX_CALLS = 1024

/** What the reader needs of the choice it reads for. */
interface Choice {
  /** Opens a block for a call and gives its number. */
  openTool(): number
  emit(part: ChoicePart, out: StreamPart[]): void
}

interface Call {
  index: number
  id: string | undefined
  /** Undefined until the call's name is known. */
  block: number | undefined
  isCustom: boolean
  hasArguments: boolean
}

const CALL_FIELDS = fields('index id type function custom')

/** Made for one choice of one stream. Remembers at most 1,024 calls, without their arguments. */
export class ToolCallReader {
  readonly #choice: Choice
  readonly #responseId: string | undefined
  readonly #calls: Call[] = []

  constructor(choice: Choice, responseId: string | undefined) {
    this.#choice = choice
    this.#responseId = responseId
  }

  read(items: readonly unknown[], out: StreamPart[]): void {
    for (const item of items) {
      const wire = objectOf(item)
      if (wire !== undefined) this.#readCall(wire, out)
    }
  }

  /** Calls that got no arguments have none: `{}`. */
  settle(out: StreamPart[]): void {
    for (const call of this.#calls) {
      if (call.block === undefined) this.#open(call, '', {}, out)
      if (!call.hasArguments && !call.isCustom) this.#push(call, '{}', out)
    }
  }

  #readCall(wire: JsonObject, out: StreamPart[]): void {
    const custom = objectOf(wire.custom)
    const called = custom ?? objectOf(wire.function) ?? {}
    const name = textOf(called.name) ?? ''
    const call = this.#find(wire, name)
    const piece = custom === undefined ? called.arguments : custom.input
    const text = typeof piece === 'string' ? piece : objectOf(piece) === undefined ? '' : JSON.stringify(piece)
    if (call.block === undefined && (name !== '' || text !== '')) this.#open(call, name, wire, out)
    // Groq's way to say that there are none. JSON text of arguments never begins so.
    if (text === 'null' && custom === undefined && !call.hasArguments) this.#push(call, '{}', out)
    else if (text !== '') this.#push(call, text, out)
  }

  /** The call that a piece belongs to, or a new one. */
  #find(wire: JsonObject, name: string): Call {
    const id = textOf(wire.id) || undefined
    const index = typeof wire.index === 'number' ? wire.index : undefined
    const found =
      index === undefined ? this.#findUnnumbered(id, name) : this.#calls.findLast((call) => call.index === index)
    // A name and another id make another call, whatever the index: some vendors number them all 0.
    const isOther = found !== undefined && name !== '' && id !== undefined && found.id !== undefined && found.id !== id
    if (found !== undefined && !isOther) return found
    if (this.#calls.length >= MAX_CALLS)
      throw new GatewayError('upstream_error', 'The upstream sent too many tool calls in one answer.')
    const call: Call = {
      index: index ?? this.#calls.length,
      id,
      block: undefined,
      isCustom: false,
      hasArguments: false,
    }
    this.#calls.push(call)
    return call
  }

  #findUnnumbered(id: string | undefined, name: string): Call | undefined {
    if (id !== undefined) return this.#calls.findLast((call) => call.id === id)
    return name === '' ? this.#calls.at(-1) : undefined
  }

  #open(call: Call, name: string, wire: JsonObject, out: StreamPart[]): void {
    const block = this.#choice.openTool()
    call.block = block
    const id = call.id ?? inventCallId(this.#calls.indexOf(call), this.#responseId)
    const part: Extract<ChoicePart, { type: 'tool-call-start' }> = { type: 'tool-call-start', block, id, name }
    if (objectOf(wire.custom) !== undefined) {
      part.kind = 'custom'
      call.isCustom = true
    }
    const signature = signatureOf(wire)
    if (signature !== undefined) {
      part.signature = signature
      part.origin = DIALECT
    }
    for (const field in wire) {
      if (CALL_FIELDS.has(field)) continue
      part.extensions ??= { [DIALECT]: {} }
      part.extensions[DIALECT]![field] = wire[field]
    }
    this.#choice.emit(part, out)
  }

  #push(call: Call, text: string, out: StreamPart[]): void {
    call.hasArguments = true
    this.#choice.emit({ type: 'tool-call-delta', block: call.block ?? 0, arguments: text }, out)
  }
}
