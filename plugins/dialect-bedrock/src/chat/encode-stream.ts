import type { Frames, JsonObject, StreamPart, StreamWriter } from '@sluice/core'
import { callProof, isForeign, isObject, misplacedArguments, proofText } from '@sluice/dialect-kit'
import type { Proven } from '@sluice/dialect-kit'
import { eventWriter } from '../event-stream/index.ts'
import type { MessageWriter } from '../event-stream/index.ts'
import { FAMILY, kept, NAME } from '../extensions.ts'
import { encodeCitation } from './citations.ts'
import { encodeFinish } from './finish.ts'
import type { Held } from './finish.ts'
import { streamed } from './raw-block.ts'
import { encodeUsage, NO_METRICS } from './usage.ts'

type Part<T extends StreamPart['type']> = Extract<StreamPart, { type: T }>
type Kind = 'text' | 'reasoning' | 'toolUse' | 'other'

const messageStart = eventWriter('messageStart')
const blockStart = eventWriter('contentBlockStart')
const blockDelta = eventWriter('contentBlockDelta')
const blockStop = eventWriter('contentBlockStop')
const messageStop = eventWriter('messageStop')
const metadata = eventWriter('metadata')

/** What surrounds the changing text of a delta, by kind of block. */
const DELTAS: { readonly [kind in Kind]: readonly [head: string, tail: string] } = {
  text: [',"delta":{"text":', '}}'],
  reasoning: [',"delta":{"reasoningContent":{"text":', '}}}'],
  toolUse: [',"delta":{"toolUse":{"input":', '}}}'],
  other: ['', ''],
}

/**
 * Writes one streamed answer. Blocks are numbered and closed one after the other, whatever the parts'
 * own numbers are. Finish and usage come in any order, so that both wait for the end.
 */
export class BedrockStreamWriter implements StreamWriter {
  #started = false
  /** Whether the answer was decoded by this dialect. */
  #own = false
  /** The open block: its number in the parts, what it is, and whether it is a call without arguments so far. */
  #open: number | undefined
  #kind: Kind = 'other'
  #emptyCall = false
  /** Its number in the message, or that of the last one. */
  #index = -1
  /** What surrounds the changing text of the open block's usual delta. */
  #head = ''
  #tail = ''
  #finish: Part<'finish'> | undefined
  #usage: Part<'usage'>['usage'] | undefined
  readonly #held: Held = { toolCall: false, refusal: false }

  push(part: StreamPart): Frames {
    // Bedrock's messages have one choice.
    if ('choice' in part && part.choice) return ''
    switch (part.type) {
      case 'text-delta':
        return this.#text(part.block, 'text', part.text)
      case 'reasoning-delta':
        return this.#text(part.block, 'reasoning', part.text)
      case 'tool-call-delta':
        return this.#toolDelta(part)
      case 'tool-call-start':
        return this.#toolStart(part)
      case 'reasoning-signature':
        return this.#proof(part.block, part, !isForeign(part, FAMILY))
      case 'reasoning-redacted':
        return this.#proof(part.block, { redacted: part.data, origin: part.origin }, false)
      case 'refusal-delta':
        this.#held.refusal = true
        return this.#text(part.block, 'text', part.text)
      case 'citation':
        return this.#piece(part.block, 'text', { citation: encodeCitation(part.citation) })
      case 'start':
        return this.#start(part) ?? ''
      case 'finish':
        this.#finish ??= part
        return ''
      case 'usage':
        this.#usage = part.usage
        return ''
      case 'raw':
        return part.dialect === NAME ? this.#raw(part) : ''
      case 'audio-delta':
        return part.transcript === undefined ? '' : this.#text(part.block, 'text', part.transcript)
      case 'error':
        return ''
    }
  }

  end(): Buffer {
    const finish: Part<'finish'> = this.#finish ?? { type: 'finish', finish: { unified: 'other' } }
    const { metadata: more, ...own } = kept(finish) ?? {}
    const stopReason = encodeFinish(finish.finish, this.#held, this.#own)
    const usage = encodeUsage(this.#usage, this.#own)
    const frames = this.#leave()
    frames.push(messageStop(JSON.stringify({ ...own, stopReason })))
    frames.push(metadata(JSON.stringify({ ...(isObject(more) ? more : NO_METRICS), usage })))
    return Buffer.concat(frames)
  }

  /** Undefined if it has been written. */
  #start(part: Part<'start'>): Buffer | undefined {
    if (this.#started) return undefined
    this.#started = true
    const own = kept(part)
    this.#own = own !== undefined
    return messageStart(JSON.stringify({ ...own, role: 'assistant' }))
  }

  #text(block: number, kind: Kind, text: string): Frames {
    if (text === '') return ''
    const isOpen = this.#open === block && this.#kind === kind
    const before = isOpen ? undefined : this.#enter(block, kind)
    const frame = blockDelta(this.#head + JSON.stringify(text) + this.#tail)
    return before === undefined || before.length === 0 ? frame : Buffer.concat([...before, frame])
  }

  /** A delta that is not a block's usual one. */
  #piece(block: number, kind: Kind, delta: JsonObject): Buffer {
    const isOpen = this.#open === block && this.#kind === kind
    const before = isOpen ? [] : this.#enter(block, kind)
    return Buffer.concat([...before, this.#numbered(blockDelta, { delta })])
  }

  /** Marked, it signs what could be read in its block. It ends the block. */
  #proof(block: number, proof: Proven, isSignature: boolean): Buffer {
    const text = proofText(proof, FAMILY)
    const isOpen = this.#open === block && this.#kind === 'reasoning'
    const signs = isSignature || (isOpen && isForeign(proof, FAMILY))
    const frame = signs
      ? this.#piece(block, 'reasoning', { reasoningContent: { signature: text } })
      : this.#piece(block, 'other', { reasoningContent: { redactedContent: text } })
    return Buffer.concat([frame, ...this.#leave()])
  }

  #toolStart(part: Part<'tool-call-start'>): Buffer {
    this.#held.toolCall = true
    const proof = callProof(part, FAMILY)
    const before = proof === undefined ? [] : [this.#proof(part.block, { redacted: proof }, false)]
    before.push(...this.#enter(part.block, 'toolUse'))
    this.#emptyCall = true
    const toolUse = { ...kept(part), toolUseId: part.id, name: part.name }
    return Buffer.concat([...before, this.#numbered(blockStart, { start: { toolUse } })])
  }

  #toolDelta(part: Part<'tool-call-delta'>): Frames {
    if (part.arguments === '') return ''
    if (this.#open !== part.block || this.#kind !== 'toolUse') throw misplacedArguments()
    this.#emptyCall = false
    return blockDelta(this.#head + JSON.stringify(part.arguments) + this.#tail)
  }

  /** Closes the open block and begins another, of which nothing is written yet. */
  #enter(block: number, kind: Kind): Buffer[] {
    const before = this.#leave()
    this.#open = block
    this.#kind = kind
    this.#index++
    const [head, tail] = DELTAS[kind]
    this.#head = `{"contentBlockIndex":${this.#index}${head}`
    this.#tail = tail
    return before
  }

  /** Closes the open block, if there is one; the message begins before all else. */
  #leave(): Buffer[] {
    const frames: Buffer[] = []
    const start = this.#start({ type: 'start' })
    if (start !== undefined) frames.push(start)
    if (this.#open === undefined) return frames
    // A client that puts the pieces of arguments together parses what it has got.
    if (this.#emptyCall) frames.push(blockDelta(`${this.#head}"{}"${this.#tail}`))
    this.#emptyCall = false
    this.#open = undefined
    frames.push(this.#numbered(blockStop, {}))
    return frames
  }

  #numbered(write: MessageWriter, event: JsonObject): Buffer {
    return write(JSON.stringify({ ...event, contentBlockIndex: this.#index }))
  }

  /** A block as it came, or an event that this dialect does not know. */
  #raw({ event, value }: Part<'raw'>): Frames {
    if (event === undefined) return this.#rawBlock(value)
    if (event !== 'contentBlockDelta') {
      const start = this.#start({ type: 'start' })
      const frame = eventWriter(event)(JSON.stringify(value))
      return start === undefined ? frame : Buffer.concat([start, frame])
    }
    const { contentBlockIndex: block, delta } = value
    return this.#piece(typeof block === 'number' ? block : 0, this.#open === block ? this.#kind : 'other', {
      ...(isObject(delta) && delta),
    })
  }

  #rawBlock(value: JsonObject): Frames {
    const events = streamed(value)
    if (events === undefined) return ''
    const frames = this.#enter(-1, 'other')
    frames.push(this.#numbered(blockStart, { start: events.start }))
    if (events.delta !== undefined) frames.push(this.#numbered(blockDelta, { delta: events.delta }))
    return Buffer.concat([...frames, ...this.#leave()])
  }
}
