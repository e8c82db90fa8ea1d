/** A strict reading of how Bedrock's Converse API streams. */
import { parseEventStream } from '../event-stream.ts'
import type { EventMessage } from '../event-stream.ts'
import { object, text } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'

export const STOPS: readonly unknown[] = [
  'end_turn',
  'tool_use',
  'max_tokens',
  'stop_sequence',
  'guardrail_intervened',
  'content_filtered',
  'malformed_model_output',
  'malformed_tool_use',
  'model_context_window_exceeded',
]
const EXCEPTIONS: readonly unknown[] = [
  'internalServerException',
  'modelStreamErrorException',
  'modelTimeoutException',
  'serviceUnavailableException',
  'throttlingException',
  'validationException',
]

/** @throws Error naming the first rule that the stream breaks */
export function checkBedrockStream(stream: Buffer): void {
  const checker = new Checker()
  for (const message of parseEventStream(stream)) checker.check(message)
  checker.end()
}

class Checker {
  #state: 'new' | 'open' | 'stopped' | 'over' = 'new'
  #blocks = 0
  #block: { kind: string; written: string; isSigned: boolean } | undefined
  #called = false

  check({ headers, payload }: EventMessage): void {
    if (this.#state === 'over') fail('something follows the end')
    if (headers[':content-type'] !== 'application/json') fail('a frame is not of JSON')
    if (headers[':message-type'] === 'exception') return this.#except(headers, payload)
    if (headers[':message-type'] !== 'event') fail(`there is no message ${String(headers[':message-type'])}`)
    const event = headers[':event-type'] ?? ''
    if (event === 'messageStart') return this.#start(payload)
    if (this.#state === 'new') fail(`${event} comes before messageStart`)
    if (event === 'metadata') return this.#report(payload)
    if (this.#state === 'stopped') fail(`${event} follows messageStop`)
    switch (event) {
      case 'contentBlockStart':
        return this.#open(payload)
      case 'contentBlockDelta':
        return this.#grow(payload)
      case 'contentBlockStop':
        return this.#close(payload)
      case 'messageStop':
        return this.#stop(payload)
      default:
        fail(`there is no event ${event}`)
    }
  }

  end(): void {
    if (this.#state !== 'over') fail('the stream has no end')
  }

  #except({ ':exception-type': type }: EventMessage['headers'], { message }: Json): void {
    if (!EXCEPTIONS.includes(type)) fail(`there is no exception ${String(type)}`)
    if (text(message) === '') fail('an exception has no message')
    this.#state = 'over'
  }

  #start({ role }: Json): void {
    if (this.#state !== 'new') fail('messageStart is repeated')
    if (role !== 'assistant') fail('the message is not of the assistant')
    this.#state = 'open'
  }

  #open({ contentBlockIndex: index, start }: Json): void {
    if (this.#block !== undefined) fail('a block begins within another one')
    if (index !== this.#blocks++) fail(`block ${String(index)} is out of order`)
    const call = object(object(start)?.toolUse) ?? fail('only calls have a start')
    if (text(call.toolUseId) === '' || text(call.name) === '') fail('a call has no id or no name')
    this.#called = true
    this.#block = { kind: 'toolUse', written: '', isSigned: false }
  }

  /** Blocks other than calls begin with their first delta. */
  #grow({ contentBlockIndex: index, delta: wire }: Json): void {
    const delta = object(wire) ?? {}
    const [kind = '', more] = Object.keys(delta)
    if (more !== undefined) fail('a delta says two things')
    if (this.#block === undefined) {
      if (index !== this.#blocks++) fail(`block ${String(index)} is out of order`)
      if (kind === 'toolUse') fail('a call begins without a start')
      this.#block = { kind, written: '', isSigned: false }
    }
    const block = this.#block
    if (index !== this.#blocks - 1) fail('a delta belongs to no open block')
    const isText = kind === 'text' || kind === 'citation'
    if (isText ? block.kind !== 'text' && block.kind !== 'citation' : kind !== block.kind)
      fail(`${kind} stands in a block ${block.kind}`)
    if (kind === 'text' && typeof delta.text !== 'string') fail('a text is none')
    if (kind === 'reasoningContent') this.#think(block, object(delta.reasoningContent) ?? {})
    if (kind === 'toolUse') {
      const { input } = object(delta.toolUse) ?? {}
      if (typeof input !== 'string') fail('a piece of a call is no text')
      block.written += input
    }
  }

  #think(block: { isSigned: boolean }, thought: Json): void {
    const [kind = '', more] = Object.keys(thought)
    if (more !== undefined || !['text', 'signature', 'redactedContent'].includes(kind))
      fail('a thought is of an unknown kind')
    if (text(thought[kind]) === '' && kind !== 'text') fail(`${kind} is empty`)
    if (block.isSigned) fail('a thought goes on after its signature')
    block.isSigned = kind === 'signature'
  }

  #close({ contentBlockIndex: index }: Json): void {
    if (this.#block === undefined || index !== this.#blocks - 1) fail('a block ends that is not open')
    const { written } = this.#block
    if (written !== '' && object(JSON.parse(written)) === undefined) fail('the input of a call is no object')
    this.#block = undefined
  }

  #stop({ stopReason: stop }: Json): void {
    if (this.#block !== undefined) fail('messageStop comes within a block')
    if (!STOPS.includes(stop)) fail(`there is no stopReason ${JSON.stringify(stop)}`)
    if (this.#called ? stop === 'end_turn' : stop === 'tool_use') fail('stopReason does not go with the content')
    this.#state = 'stopped'
  }

  #report(report: Json): void {
    if (this.#state !== 'stopped') fail('metadata comes before messageStop')
    checkReport(report)
    this.#state = 'over'
  }
}

/** Whether all is counted, and adds up, and how long it took. */
export function checkReport({ usage, metrics }: Json): void {
  const counts = object(usage) ?? {}
  const { inputTokens: input, outputTokens: output, totalTokens: total } = counts
  for (const count of [input, output, total]) if (!Number.isInteger(count)) fail('a count of tokens is missing')
  const cached = Number(counts.cacheReadInputTokens ?? 0) + Number(counts.cacheWriteInputTokens ?? 0)
  if (total !== Number(input) + Number(output) + cached) fail('the total of the tokens is not their sum')
  if (!Number.isInteger(object(metrics)?.latencyMs)) fail('there is no latency')
}

function fail(rule: string): never {
  throw new Error(`not a Bedrock stream: ${rule}`)
}
