import type { JsonObject, ReplyContext, StreamPart, StreamWriter } from '@sluice/core'
import { callProof, isForeign, isObject, misplacedArguments, proofText, sseFrame } from '@sluice/dialect-kit'
import { kept, NAME } from '../extensions.ts'
import { encodeCitation } from './citations.ts'
import { encodeFinish } from './finish.ts'
import type { Held } from './finish.ts'
import { encodeUsage, NO_USAGE } from './usage.ts'

type Part<T extends StreamPart['type']> = Extract<StreamPart, { type: T }>
type Kind = 'text' | 'thinking' | 'tool_use' | 'other'

const EMPTY_TEXT = '{"type":"text","text":""}'
const EMPTY_THINKING = '{"type":"thinking","thinking":"","signature":""}'

function eventFrame(event: JsonObject & { type: string }): string {
  return sseFrame(JSON.stringify(event), event.type)
}

/** The constant head of the frames of a delta; the changing text and `}}` follow. */
function deltaHead(index: number, type: string, field: string): string {
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${field}":`
}
const DELTA_TAIL = '}}\n\n'

/**
 * Writes one streamed message. Blocks are opened, numbered and closed one after the other, whatever the
 * parts' own numbers are. Finish and usage come in any order, so that both wait for the end.
 */
export class AnthropicStreamWriter implements StreamWriter {
  readonly #context: ReplyContext
  #started = false
  /** Whether the answer was decoded by this dialect. */
  #own = false
  /** The open block: its number in the parts, and what it is. */
  #open: number | undefined
  #kind: Kind = 'other'
  /** Its number in the message, or that of the last one. */
  #index = -1
  /** Head of the open block's usual delta. */
  #head = ''
  #finish: Part<'finish'> | undefined
  #usage: Part<'usage'>['usage'] | undefined
  readonly #held: Held = { toolCall: false, refusal: false }

  constructor(context: ReplyContext) {
    this.#context = context
  }

  push(part: StreamPart): string {
    // Anthropic's messages have one choice.
    if ('choice' in part && part.choice) return ''
    switch (part.type) {
      case 'text-delta':
        return this.#text(part.block, part.text)
      case 'reasoning-delta':
        return part.text === ''
          ? ''
          : this.#enterThinking(part.block) + this.#head + JSON.stringify(part.text) + DELTA_TAIL
      case 'tool-call-delta':
        return this.#toolDelta(part)
      case 'tool-call-start':
        return this.#toolStart(part)
      case 'reasoning-signature':
        return this.#isThinking(part.block) || !isForeign(part, NAME)
          ? this.#signature(part.block, proofText(part, NAME))
          : this.#redacted(part.block, proofText(part, NAME))
      case 'reasoning-redacted': {
        const proof = proofText({ redacted: part.data, origin: part.origin }, NAME)
        return this.#isThinking(part.block) && isForeign(part, NAME)
          ? this.#signature(part.block, proof)
          : this.#redacted(part.block, proof)
      }
      case 'refusal-delta':
        this.#held.refusal = true
        return this.#text(part.block, part.text)
      case 'citation': {
        const citation = encodeCitation(part.citation)
        return citation === undefined
          ? ''
          : this.#enterText(part.block) + this.#blockDelta({ type: 'citations_delta', citation })
      }
      case 'start':
        return this.#start(part)
      case 'finish':
        this.#finish ??= part
        return ''
      case 'usage':
        this.#usage = part.usage
        return ''
      case 'raw':
        return part.dialect === NAME ? this.#raw(part) : ''
      case 'audio-delta':
        return part.transcript === undefined ? '' : this.#text(part.block, part.transcript)
      case 'error':
        return ''
    }
  }

  end(): string {
    const finish: Part<'finish'> = this.#finish ?? { type: 'finish', finish: { unified: 'other' } }
    const { delta, ...more } = kept(finish) ?? {}
    const reason = encodeFinish(finish.finish, this.#held, this.#own)
    const usage = encodeUsage(this.#usage, this.#own)
    return (
      this.#startIfNeeded() +
      this.#close() +
      eventFrame({ ...more, type: 'message_delta', delta: { ...(isObject(delta) && delta), ...reason }, usage }) +
      eventFrame({ type: 'message_stop' })
    )
  }

  #start(part: Part<'start'>): string {
    if (this.#started) return ''
    this.#started = true
    const own = kept(part)
    this.#own = own !== undefined
    const message = {
      usage: NO_USAGE,
      ...own,
      id: part.id ?? `msg_${this.#context.id}`,
      type: 'message',
      role: 'assistant',
      model: part.model ?? this.#context.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
    }
    return eventFrame({ type: 'message_start', message })
  }

  #startIfNeeded(): string {
    return this.#started ? '' : this.#start({ type: 'start' })
  }

  #text(block: number, text: string): string {
    return text === '' ? '' : this.#enterText(block) + this.#head + JSON.stringify(text) + DELTA_TAIL
  }

  #enterText(block: number): string {
    if (this.#open === block && this.#kind === 'text') return ''
    return this.#enter(block, 'text', EMPTY_TEXT, 'text_delta', 'text')
  }

  #isThinking(block: number): boolean {
    return this.#open === block && this.#kind === 'thinking'
  }

  #enterThinking(block: number): string {
    if (this.#isThinking(block)) return ''
    return this.#enter(block, 'thinking', EMPTY_THINKING, 'thinking_delta', 'thinking')
  }

  /** Nothing comes after it in its block. */
  #signature(block: number, signature: string): string {
    const frames = this.#enterThinking(block) + this.#blockDelta({ type: 'signature_delta', signature })
    this.#kind = 'other'
    return frames
  }

  #redacted(block: number, data: string): string {
    return this.#enter(block, 'other', JSON.stringify({ type: 'redacted_thinking', data })) + this.#close()
  }

  /** Closes the open block and opens another; `content` is JSON. */
  #enter(block: number, kind: Kind, content: string, deltaType = '', deltaField = ''): string {
    const before = this.#startIfNeeded() + this.#close()
    this.#open = block
    this.#kind = kind
    this.#index++
    this.#head = deltaHead(this.#index, deltaType, deltaField)
    const start = `{"type":"content_block_start","index":${this.#index},"content_block":${content}}`
    return before + sseFrame(start, 'content_block_start')
  }

  #close(): string {
    if (this.#open === undefined) return ''
    // Clients keep only thoughts that are signed, be it with nothing.
    const unsigned = this.#kind === 'thinking' ? this.#blockDelta({ type: 'signature_delta', signature: '' }) : ''
    this.#open = undefined
    return unsigned + sseFrame(`{"type":"content_block_stop","index":${this.#index}}`, 'content_block_stop')
  }

  #blockDelta(delta: JsonObject): string {
    return eventFrame({ type: 'content_block_delta', index: this.#index, delta })
  }

  #toolStart(part: Part<'tool-call-start'>): string {
    this.#held.toolCall = true
    const proof = callProof(part, NAME)
    const before = proof === undefined ? '' : this.#redacted(part.block, proof)
    const block = { ...kept(part), type: 'tool_use', id: part.id, name: part.name, input: {} }
    return before + this.#enter(part.block, 'tool_use', JSON.stringify(block), 'input_json_delta', 'partial_json')
  }

  #toolDelta(part: Part<'tool-call-delta'>): string {
    if (part.arguments === '') return ''
    if (this.#open !== part.block || this.#kind !== 'tool_use') throw misplacedArguments()
    return this.#head + JSON.stringify(part.arguments) + DELTA_TAIL
  }

  /** A block as it came, or an event that this dialect does not know. */
  #raw({ event, value }: Part<'raw'>): string {
    if (event === undefined) return this.#rawBlock(value)
    if (event !== 'content_block_delta') return this.#startIfNeeded() + sseFrame(JSON.stringify(value), event)
    return this.#open === value.index ? eventFrame({ ...value, type: event, index: this.#index }) : ''
  }

  /** A server tool's input is streamed, as Anthropic does, so that clients which put blocks together find it. */
  #rawBlock(value: JsonObject): string {
    const { input } = value
    const hasInput = isObject(input) && Object.keys(input).length > 0
    const start = this.#enter(-1, 'other', JSON.stringify(hasInput ? { ...value, input: {} } : value))
    const delta = hasInput ? this.#blockDelta({ type: 'input_json_delta', partial_json: JSON.stringify(input) }) : ''
    return start + delta + this.#close()
  }
}
