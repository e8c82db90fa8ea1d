/**
 * Parts → a client's stream. Nothing is told twice upstream, but here every text comes again where its part,
 * its item and the response end: what was said is remembered.
 */
import { GatewayError } from '@sluice/core'
import type { Extensions, JsonObject, ReplyContext, StreamPart, StreamWriter, Usage } from '@sluice/core'
import { defined, objectOf } from '@sluice/dialect-kit'
import type { Proven } from '@sluice/dialect-kit'
import { now } from '../now.ts'
import { CallWriter } from './call-writer.ts'
import { encodeCall } from './calls.ts'
import { envelope } from './encode-response.ts'
import { EventWriter } from './events.ts'
import { DIALECT } from './extensions.ts'
import { encodeFinish } from './finish.ts'
import { responseId } from './ids.ts'
import { MessageWriter } from './message-writer.ts'
import { opened } from './reasoning.ts'
import { isItem } from './output.ts'
import { OutputWriter } from './output-writer.ts'
import { ReasoningWriter } from './reasoning-writer.ts'
import { encodeUsage } from './usage.ts'

type PartOf<T extends StreamPart['type']> = Extract<StreamPart, { type: T }>

/** Characters of text that an answer may have, as all of them are remembered. */
const LIMIT = 64 * 1024 * 1024
/** Whether this dialect decoded the answer. Plugins may add to what another one kept of it. */
function isOwn(extensions: Extensions | undefined): boolean {
  for (const dialect in extensions) return dialect === DIALECT
  return false
}

/** For an answer that nobody gave a reason for the end of. */
const NO_REASON = { finish: { unified: 'stop' } } as const
const FINAL: ReadonlySet<unknown> = new Set(['completed', 'incomplete', 'failed'])

/** Made for one stream. Takes parts in any order, from any dialect. This API gives one answer: further choices are left out. */
export class ResponsesStreamEncoder implements StreamWriter {
  readonly #context: ReplyContext
  readonly #events = new EventWriter()
  readonly #output: OutputWriter
  /** What each event about the response says of it; undefined before the start. */
  #response: JsonObject | undefined
  /** Whether the answer was decoded by this dialect. */
  #isOwn = false
  /** By block. */
  readonly #messages = new Map<number, MessageWriter>()
  readonly #calls = new Map<number, CallWriter>()
  #finish: PartOf<'finish'> | undefined
  #usage: Usage | undefined
  #size = 0

  constructor(context: ReplyContext) {
    this.#context = context
    this.#output = new OutputWriter(this.#events, context)
  }

  push(part: StreamPart): string {
    if ('choice' in part && part.choice) return ''
    switch (part.type) {
      case 'text-delta':
        return this.#text(part.block, part.text, part.logprobs)
      case 'reasoning-delta':
        return part.text === '' ? '' : this.#reasoning(part)
      case 'tool-call-delta':
        return part.arguments === '' ? '' : this.#callDelta(part)
      case 'tool-call-start':
        return this.#startIfNeeded() + this.#callStart(part)
      case 'refusal-delta':
        return part.text === ''
          ? ''
          : this.#enterMessage(part.block) + this.#message.refusal(part.block, this.#count(part.text))
      case 'citation':
        return this.#citation(part)
      case 'reasoning-signature':
        return this.#prove(part.block, { signature: this.#count(part.signature), origin: part.origin })
      case 'reasoning-redacted':
        return this.#prove(part.block, { redacted: this.#count(part.data), origin: part.origin })
      case 'audio-delta':
        return part.transcript === undefined ? '' : this.#text(part.block, part.transcript, undefined)
      case 'raw':
        return part.dialect === DIALECT ? this.#startIfNeeded() + this.#raw(part) : ''
      case 'start':
        return this.#start(part)
      case 'finish':
        this.#finish ??= part
        return ''
      case 'usage':
        this.#usage = part.usage
        return ''
      case 'error':
        return ''
    }
  }

  end(): string {
    const { finish, extensions }: Pick<PartOf<'finish'>, 'finish' | 'extensions'> = this.#finish ?? NO_REASON
    const started = this.#startIfNeeded()
    const kept = extensions?.[DIALECT]
    const said = encodeFinish(finish, kept !== undefined)
    const closing = this.#output.end(said.status === 'completed' ? 'completed' : 'incomplete')
    const { id, object, created_at, model } = this.#response!
    const response: JsonObject = {
      ...(kept === undefined ? { ...this.#response, completed_at: now() } : { id, object, created_at, model, ...kept }),
      ...said,
      output: this.#output.output(),
    }
    if (this.#usage !== undefined) response.usage = encodeUsage(this.#usage, this.#isOwn)
    const type = `response.${FINAL.has(said.status) ? String(said.status) : 'completed'}`
    return started + closing + this.#events.frame(type, { response })
  }

  #start({ model, id, created, extensions }: Omit<PartOf<'start'>, 'type'>): string {
    if (this.#response !== undefined) return ''
    const kept = extensions?.[DIALECT]
    this.#isOwn = isOwn(extensions)
    const response: JsonObject = {
      ...(kept === undefined ? envelope(this.#context, created) : this.#ownEnvelope(kept, created)),
      ...defined({ id: kept === undefined ? undefined : id, model }),
    }
    this.#response = response
    return (
      this.#events.frame('response.created', { response }) + this.#events.frame('response.in_progress', { response })
    )
  }

  /** What the upstream said, and what it must have said. */
  #ownEnvelope(kept: JsonObject, created = now()): JsonObject {
    const { model } = this.#context
    const id = responseId(this.#context)
    const none = { status: 'in_progress', output: [], usage: null }
    return { id, object: 'response', created_at: created, model, ...kept, ...none }
  }

  #startIfNeeded(): string {
    return this.#response === undefined ? this.#start({}) : ''
  }

  #text(block: number, text: string, logprobs: unknown): string {
    if (text === '' && logprobs === undefined) return ''
    return this.#enterMessage(block) + this.#message.text(block, this.#count(text), logprobs)
  }

  /** The message that is being written. */
  get #message(): MessageWriter {
    return this.#output.current as MessageWriter
  }

  #enterMessage(block: number): string {
    const { current } = this.#output
    if (current instanceof MessageWriter) {
      if (current.block !== block) this.#messages.set(block, current)
      return ''
    }
    const opening =
      this.#startIfNeeded() + this.#output.openMessage({ type: 'message', role: 'assistant', content: [] })
    this.#messages.set(block, this.#message)
    return opening
  }

  #citation({ block, citation }: PartOf<'citation'>): string {
    const message = this.#messages.get(block)
    if (message === undefined || message.isAt(block)) {
      return this.#enterMessage(block) + this.#message.citation(block, citation)
    }
    message.addLate(citation)
    return ''
  }

  #reasoning({ block, text, summary }: PartOf<'reasoning-delta'>): string {
    const opening = this.#enterReasoning(block, undefined)
    const writer = this.#output.current as ReasoningWriter
    // Clients of this API know to show summaries.
    return opening + writer.text(this.#count(text), !this.#isOwn || summary === true)
  }

  #prove(block: number, proof: Proven): string {
    const id = proof.origin === DIALECT && proof.redacted !== undefined ? opened(proof.redacted).id : ''
    const opening = this.#enterReasoning(block, id || undefined)
    ;(this.#output.current as ReasoningWriter).prove(proof)
    return opening
  }

  /** @param id that the item must have, if it is not open yet */
  #enterReasoning(block: number, id: string | undefined): string {
    const { current } = this.#output
    if (current instanceof ReasoningWriter && (current.block ?? block) === block) {
      current.block = block
      return ''
    }
    const opening =
      this.#startIfNeeded() + this.#output.openReasoning({ ...defined({ id }), type: 'reasoning', summary: [] }, false)
    this.#output.current!.block = block
    return opening
  }

  #callStart(part: PartOf<'tool-call-start'>): string {
    const { block, signature, origin, id } = part
    const { current } = this.#output
    let frames = ''
    if (!(current instanceof CallWriter && current.block === undefined && current.isFor(id))) {
      // The signature goes in an item of its own: clients send such items back as they are.
      if (signature !== undefined) {
        frames += this.#output.openReasoning({ type: 'reasoning', summary: [] }, false)
        ;(this.#output.current as ReasoningWriter).prove({ signature, origin, call: id })
      }
      frames += this.#output.openCall(encodeCall({ ...part, type: 'tool-call', arguments: '' }))
    }
    const writer = this.#output.current as CallWriter
    writer.block = block
    this.#calls.set(block, writer)
    return frames
  }

  /** What follows the whole arguments of a call cannot belong to it. */
  #callDelta({ block, arguments: text }: PartOf<'tool-call-delta'>): string {
    const call = this.#calls.get(block)
    return call === undefined || !call.isOpen ? '' : call.text(this.#count(text))
  }

  /** An item or event that only this dialect understands, or what it said of an item whose parts follow. */
  #raw(part: PartOf<'raw'>): string {
    const { event, value } = part
    if (event === undefined) return isItem(value) ? this.#output.endRaw(value) : ''
    if (event !== 'response.output_item.added') {
      const index = value.item_id === undefined ? undefined : this.#output.indexOf(value.item_id)
      return this.#events.frame(event, { ...value, ...defined({ output_index: index }) })
    }
    const item = objectOf(value.item) ?? {}
    switch (item.type) {
      case 'message':
        return this.#output.openMessage(item)
      case 'reasoning':
        return this.#output.openReasoning(item, true)
      case 'function_call':
      case 'custom_tool_call':
        return this.#output.openCall(item)
      default:
        return this.#output.openRaw(item)
    }
  }

  /** The same text, once it is sure that it can be remembered. */
  #count(text: string): string {
    this.#size += text.length
    if (this.#size > LIMIT)
      throw new GatewayError('upstream_error', `The upstream sent an answer of more than ${LIMIT} characters.`)
    return text
  }
}
