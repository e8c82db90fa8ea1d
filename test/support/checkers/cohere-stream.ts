/** A strict reading of how Cohere's chat streams. */
import { object, text } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import { splitFrames } from './split-frames.ts'

export const FINISHES: readonly unknown[] = ['COMPLETE', 'MAX_TOKENS', 'STOP_SEQUENCE', 'TOOL_CALL', 'ERROR', 'TIMEOUT']

/**
 * @param isCounted whether there are tokens to be told
 * @throws Error naming the first rule that the stream breaks
 */
export function checkCohereStream(stream: Buffer | string, isCounted = true): void {
  const frames = splitFrames(stream)
  const checker = new Checker(isCounted)
  for (const { event, data } of frames) {
    if (data === '[DONE]') {
      checker.close(event)
      continue
    }
    const value = JSON.parse(data) as Json
    if (value.type !== event) fail(`the event "${event}" calls itself ${String(value.type)}`)
    checker.check(event, value)
  }
  checker.end()
}

class Checker {
  #state: 'new' | 'open' | 'finished' | 'failed' | 'over' = 'new'
  /** The open block or call. */
  #open: { kind: 'content' | 'tool-call'; index: number; type: string; written: string } | undefined
  #contents = 0
  #calls = 0
  #citations = 0
  #isCiting = false
  readonly #isCounted: boolean

  constructor(isCounted: boolean) {
    this.#isCounted = isCounted
  }

  check(event: string, value: Json): void {
    const delta = object(value.delta) ?? {}
    const said = object(delta.message) ?? {}
    if (event === 'message-start') return this.#start(value, said)
    if (this.#state !== 'open')
      fail(`${event} comes ${this.#state === 'new' ? 'before message-start' : 'after message-end'}`)
    switch (event) {
      case 'content-start':
        return this.#startContent(value.index, object(said.content) ?? {})
      case 'content-delta':
        return this.#growContent(value.index, object(said.content) ?? {})
      case 'tool-plan-delta':
        if (this.#open !== undefined || this.#calls > 0) fail('the plan is out of order')
        if (typeof said.tool_plan !== 'string') fail('a piece of the plan is no text')
        return
      case 'tool-call-start':
        return this.#startCall(value.index, said.tool_calls)
      case 'tool-call-delta':
        return this.#growCall(value.index, object(said.tool_calls) ?? {})
      case 'content-end':
      case 'tool-call-end':
        return this.#close(event.slice(0, -'-end'.length), value.index)
      case 'citation-start':
        return this.#cite(value.index, said.citations)
      case 'citation-end':
        if (!this.#isCiting || value.index !== this.#citations - 1) fail('a citation ends that is not open')
        this.#isCiting = false
        return
      case 'message-end':
        return this.#finish(delta)
      default:
        fail(`there is no event ${event}`)
    }
  }

  /** @param event of the frame with `[DONE]` */
  close(event: string): void {
    if (event !== '') fail('[DONE] has a name')
    if (this.#state === 'failed') this.#state = 'over'
    else if (this.#state !== 'finished') fail('[DONE] is out of order')
    this.#state = 'over'
  }

  end(): void {
    if (this.#state !== 'over' && this.#state !== 'failed') fail('the stream does not end with [DONE]')
  }

  #start({ id }: Json, { role, content, tool_calls: calls }: Json): void {
    if (this.#state !== 'new') fail('message-start is repeated')
    if (text(id) === '' || role !== 'assistant') fail('the message has no id, or is not of the assistant')
    if (!Array.isArray(content) || content.length > 0 || !Array.isArray(calls)) fail('the message does not begin empty')
    this.#state = 'open'
  }

  #startContent(index: unknown, block: Json): void {
    if (this.#open !== undefined) fail('a block begins within another one')
    if (index !== this.#contents++) fail(`block ${String(index)} is out of order`)
    const type = text(block.type)
    if (type !== 'text' && type !== 'thinking') fail(`there is no block ${type}`)
    if (block[type] !== '') fail('a block does not begin empty')
    this.#open = { kind: 'content', index: Number(index), type, written: '' }
  }

  #growContent(index: unknown, piece: Json): void {
    const open = this.#open
    if (open?.kind !== 'content' || open.index !== index) fail('a piece belongs to no open block')
    if (typeof piece[open.type] !== 'string') fail(`a piece of a block ${open.type} is none`)
  }

  #startCall(index: unknown, wire: unknown): void {
    const call = object(wire) ?? fail('a call is no object')
    if (this.#open !== undefined) fail('a call begins within something else')
    if (index !== this.#calls++) fail(`call ${String(index)} is out of order`)
    const { name, arguments: written } = object(call.function) ?? {}
    if (text(call.id) === '' || call.type !== 'function' || text(name) === '')
      fail('a call begins without its id, type or name')
    if (written !== '') fail('a call begins with arguments')
    this.#open = { kind: 'tool-call', index: Number(index), type: '', written: '' }
  }

  #growCall(index: unknown, wire: Json): void {
    const open = this.#open
    const written = object(wire.function)?.arguments
    if (open?.kind !== 'tool-call' || open.index !== index) fail('arguments belong to no open call')
    if (typeof written !== 'string') fail('arguments are no text')
    open.written += written
  }

  #close(kind: string, index: unknown): void {
    const open = this.#open
    if (open?.kind !== kind || open.index !== index) fail(`a ${kind} ends that is not open`)
    if (open.written !== '' && object(JSON.parse(open.written)) === undefined)
      fail('the arguments of a call are no object')
    this.#open = undefined
  }

  #cite(index: unknown, wire: unknown): void {
    if (this.#isCiting || index !== this.#citations++) fail('a citation is out of order')
    const { start, end, text: quoted, sources } = object(wire) ?? fail('a citation is no object')
    for (const offset of [start ?? 0, end ?? 0])
      if (!Number.isInteger(offset)) fail('a citation does not say for what it is')
    if (typeof (quoted ?? '') !== 'string' || !Array.isArray(sources)) fail('a citation does not say what it cites')
    this.#isCiting = true
  }

  #finish({ finish_reason: finish, usage, error }: Json): void {
    if (!FINISHES.includes(finish)) fail(`there is no finish_reason ${JSON.stringify(finish)}`)
    if (finish === 'ERROR' && error !== undefined) {
      if (text(error) === '') fail('an error has no message')
      this.#state = 'failed'
      return
    }
    if (this.#open !== undefined || this.#isCiting) fail('message-end comes within something')
    if ((finish === 'TOOL_CALL') !== this.#calls > 0) fail('finish_reason does not go with the content')
    this.#state = 'finished'
    if (!this.#isCounted) {
      if (Object.keys(object(usage) ?? {}).length > 0) fail('there is usage that nobody counted')
      return
    }
    checkUsage(object(usage) ?? {})
  }
}

/** Whether what is billed is counted. */
export function checkUsage({ billed_units: billed }: Json): void {
  for (const field of ['input_tokens', 'output_tokens']) {
    if (!Number.isInteger(object(billed)?.[field])) fail(`usage has no ${field}`)
  }
}

function fail(rule: string): never {
  throw new Error(`not a Cohere stream: ${rule}`)
}
