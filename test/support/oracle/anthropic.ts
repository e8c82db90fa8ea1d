/** Reads answers of the Messages API. */
import { emptyChoice, parseArguments } from './answer.ts'
import type { Answer, Choice, Tokens } from './answer.ts'
import { framesOf } from './frames.ts'
import { count, object, objects, text } from './json.ts'
import type { Json } from './json.ts'

export function readMessage(body: Json): Answer {
  const choice = emptyChoice()
  choice.finish = text(body.stop_reason)
  for (const block of objects(body.content)) readBlock(block, choice)
  return { id: text(body.id), model: text(body.model), choices: [choice], tokens: tokensOf(object(body.usage) ?? {}) }
}

export function readEvents(events: readonly Json[]): Answer {
  return readMessage(messageOf(events))
}

/** Puts the message together from its events, as the vendor's documents tell clients to. */
export function messageOf(events: readonly Json[]): Json {
  let message: Json = {}
  let usage: Json = {}
  const blocks: Json[] = []
  for (const event of events) {
    if (event.type === 'message_start') {
      message = object(event.message) ?? {}
      usage = object(message.usage) ?? {}
    } else if (event.type === 'content_block_start') blocks[count(event.index)] = object(event.content_block) ?? {}
    else if (event.type === 'content_block_delta') {
      const index = count(event.index)
      blocks[index] = grown(blocks[index] ?? {}, object(event.delta) ?? {})
    } else if (event.type === 'message_delta') {
      message = { ...message, ...object(event.delta) }
      // Counts are cumulative: later ones replace earlier ones.
      usage = { ...usage, ...object(event.usage) }
    }
  }
  const content = blocks.map(({ written, ...block }) =>
    written === undefined ? block : { ...block, input: parsed(written) },
  )
  return { ...message, content, usage }
}

export function eventsOf(stream: Buffer | string): Json[] {
  return framesOf(stream).map(({ data }) => JSON.parse(data) as Json)
}

function parsed(written: unknown): unknown {
  return parseArguments(text(written))
}

function grown(block: Json, delta: Json): Json {
  switch (delta.type) {
    case 'text_delta':
      return { ...block, text: text(block.text) + text(delta.text) }
    case 'thinking_delta':
      return { ...block, thinking: text(block.thinking) + text(delta.thinking) }
    case 'signature_delta':
      return { ...block, signature: text(block.signature) + text(delta.signature) }
    case 'input_json_delta':
      return { ...block, written: text(block.written) + text(delta.partial_json) }
    case 'citations_delta':
      return { ...block, citations: [...objects(block.citations), delta.citation] }
    default:
      throw new Error(`the oracle does not know the delta ${String(delta.type)}`)
  }
}

function readBlock(block: Json, choice: Choice): void {
  switch (block.type) {
    case 'text':
      choice.text += text(block.text)
      for (const { url } of objects(block.citations)) if (typeof url === 'string') choice.sources.push(url)
      return
    case 'thinking':
      choice.reasoning += text(block.thinking)
      if (block.signature) choice.signatures.push(text(block.signature))
      return
    case 'redacted_thinking':
      choice.encrypted.push(text(block.data))
      return
    case 'tool_use':
      choice.calls.push({ id: text(block.id), name: text(block.name), arguments: block.input })
  }
}

function tokensOf(usage: Json): Tokens {
  const cacheRead = count(usage.cache_read_input_tokens)
  const cacheWrite = count(usage.cache_creation_input_tokens)
  return {
    // Cached tokens are counted beside the others.
    input: count(usage.input_tokens) + cacheRead + cacheWrite,
    cacheRead,
    cacheWrite,
    output: count(usage.output_tokens),
    reasoning: count(object(usage.output_tokens_details)?.thinking_tokens),
  }
}
