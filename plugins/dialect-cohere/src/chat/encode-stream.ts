import type { JsonObject, ReplyContext, StreamPart, StreamWriter } from '@sluice/core'
import { misplacedArguments, objectOf, sseFrame } from '@sluice/dialect-kit'
import type { Proven } from '@sluice/dialect-kit'
import { kept, NAME } from '../extensions.ts'
import { isPlan } from './assistant.ts'
import { encodeCitation } from './citations.ts'
import { encodeFinish } from './finish.ts'
import { proofField } from './proof.ts'
import { encodeUsage } from './usage.ts'

type Part<T extends StreamPart['type']> = Extract<StreamPart, { type: T }>
type Kind = 'text' | 'thinking' | 'call' | 'none'

/** The constant heads and tails of frames; the changing text stands between them. */
const PLAN_HEAD = 'event: tool-plan-delta\ndata: {"type":"tool-plan-delta","delta":{"message":{"tool_plan":'
const PLAN_TAIL = '}}}\n\n'
const CONTENT_END = '}}}'
const CONTENT_TAIL = `${CONTENT_END}}\n\n`
const CALL_TAIL = '}}}}}\n\n'

function contentHead(index: number, field: string): string {
  return `event: content-delta\ndata: {"type":"content-delta","index":${index},"delta":{"message":{"content":{"${field}":`
}

function callHead(index: number): string {
  return `event: tool-call-delta\ndata: {"type":"tool-call-delta","index":${index},"delta":{"message":{"tool_calls":{"function":{"arguments":`
}

function eventFrame(event: JsonObject & { type: string }): string {
  return sseFrame(JSON.stringify(event), event.type)
}

/**
 * Writes one streamed answer. Contents and calls are opened, numbered and closed one after the other,
 * whatever the parts' own numbers are. Finish and usage stand in one event, which waits for the end.
 */
export class CohereStreamWriter implements StreamWriter {
  readonly #context: ReplyContext
  #started = false
  /** Whether the answer was decoded by this dialect. */
  #own = false
  /** The open block: its number in the parts, and what it is. */
  #block = -1
  #kind: Kind = 'none'
  /** Its number in the answer, and the head of its deltas. */
  #index = 0
  #head = ''
  /** How many there were so far. */
  #contents = 0
  #calls = 0
  #citations = 0
  /** The last text: its number in the parts, and in the answer. */
  #text = -1
  #textIndex = 0
  #finish: Part<'finish'> | undefined
  #usage: Part<'usage'>['usage'] | undefined

  constructor(context: ReplyContext) {
    this.#context = context
  }

  push(part: StreamPart): string {
    // Cohere's answers have one choice.
    if ('choice' in part && part.choice) return ''
    switch (part.type) {
      case 'text-delta':
        return this.#textDelta(part)
      case 'reasoning-delta':
        return part.text === ''
          ? ''
          : this.#enter(part.block, 'thinking') + this.#head + JSON.stringify(part.text) + CONTENT_TAIL
      case 'tool-call-delta':
        return this.#callDelta(part)
      case 'tool-call-start':
        return this.#callStart(part)
      case 'refusal-delta':
        return this.#plainText(part.block, part.text)
      case 'citation':
        return this.#citation(part)
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
        return part.transcript === undefined ? '' : this.#plainText(part.block, part.transcript)
      case 'reasoning-signature':
        return this.#proof(part.block, part)
      case 'reasoning-redacted':
        return this.#proof(part.block, { redacted: part.data, origin: part.origin })
      case 'error':
        return ''
    }
  }

  end(): string {
    const finish: Part<'finish'> = this.#finish ?? { type: 'finish', finish: { unified: 'other' } }
    const own = kept(finish)
    const delta = {
      ...objectOf(own?.delta),
      finish_reason: encodeFinish(finish.finish, this.#calls > 0, this.#own),
      usage: this.#usage === undefined ? {} : encodeUsage(this.#usage),
    }
    return (
      this.#startIfNeeded() + this.#close() + eventFrame({ ...own, type: 'message-end', delta }) + sseFrame('[DONE]')
    )
  }

  #start(part: Part<'start'>): string {
    if (this.#started) return ''
    this.#started = true
    const own = kept(part)
    this.#own = own !== undefined
    const { message: more, ...rest } = own ?? {}
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [], ...objectOf(more) }
    return eventFrame({ ...rest, id: part.id ?? this.#context.id, type: 'message-start', delta: { message } })
  }

  #startIfNeeded(): string {
    return this.#started ? '' : this.#start({ type: 'start' })
  }

  #textDelta(part: Part<'text-delta'>): string {
    const { text, logprobs } = part
    if (isPlan(part)) return this.#startIfNeeded() + this.#close() + PLAN_HEAD + JSON.stringify(text) + PLAN_TAIL
    if (logprobs === undefined || !this.#own) return this.#plainText(part.block, text)
    const content = this.#enter(part.block, 'text') + this.#head + JSON.stringify(text)
    return `${content}${CONTENT_END},"logprobs":${JSON.stringify(logprobs)}}\n\n`
  }

  #plainText(block: number, text: string): string {
    return text === '' ? '' : this.#enter(block, 'text') + this.#head + JSON.stringify(text) + CONTENT_TAIL
  }

  /** Stands in the thought that it is about. */
  #proof(block: number, proof: Proven): string {
    const before = this.#enter(block, 'thinking')
    const content = { thinking: '', ...proofField(proof) }
    return before + eventFrame({ type: 'content-delta', index: this.#index, delta: { message: { content } } })
  }

  /** Opens the content that a delta belongs to, if it is not open; what is open is closed. */
  #enter(block: number, kind: 'text' | 'thinking'): string {
    if (this.#block === block && this.#kind === kind) return ''
    const before = this.#startIfNeeded() + this.#close()
    const index = this.#contents++
    this.#block = block
    this.#kind = kind
    this.#index = index
    this.#head = contentHead(index, kind)
    if (kind === 'text') {
      this.#text = block
      this.#textIndex = index
    }
    const content = { type: kind, [kind]: '' }
    return before + eventFrame({ type: 'content-start', index, delta: { message: { content } } })
  }

  #close(): string {
    const kind = this.#kind
    if (kind === 'none') return ''
    this.#kind = 'none'
    return eventFrame({ type: kind === 'call' ? 'tool-call-end' : 'content-end', index: this.#index })
  }

  #callStart(part: Part<'tool-call-start'>): string {
    const before = this.#startIfNeeded() + this.#close()
    const index = this.#calls++
    this.#block = part.block
    this.#kind = 'call'
    this.#index = index
    this.#head = callHead(index)
    const { id, name, signature, origin } = part
    const field = signature === undefined ? undefined : proofField({ signature, origin })
    const call = { ...kept(part), ...field, id, type: 'function', function: { name, arguments: '' } }
    return before + eventFrame({ type: 'tool-call-start', index, delta: { message: { tool_calls: call } } })
  }

  #callDelta(part: Part<'tool-call-delta'>): string {
    if (part.arguments === '') return ''
    if (this.#block !== part.block || this.#kind !== 'call') throw misplacedArguments()
    return this.#head + JSON.stringify(part.arguments) + CALL_TAIL
  }

  /** Stands between the deltas of the text it is about, or after it. */
  #citation({ block, citation }: Part<'citation'>): string {
    const before = block === this.#text ? '' : this.#enter(block, 'text')
    return before + this.#cite({ message: { citations: encodeCitation(citation, this.#textIndex) } })
  }

  #cite(delta: unknown): string {
    const index = this.#citations++
    return eventFrame({ type: 'citation-start', index, delta }) + eventFrame({ type: 'citation-end', index })
  }

  /** An event that the model has no words for, or a whole content. */
  #raw({ event, value }: Part<'raw'>): string {
    const before = this.#startIfNeeded()
    if (event === 'citation-start') return before + this.#cite(value.delta)
    if (event !== undefined) return before + sseFrame(JSON.stringify(value), event)
    const index = this.#contents++
    const start = eventFrame({ type: 'content-start', index, delta: { message: { content: value } } })
    return before + this.#close() + start + eventFrame({ type: 'content-end', index })
  }
}
