/** Reads answers of Cohere's chat, version 2. */
import { emptyChoice, parseArguments } from './answer.ts'
import type { Answer, Tokens } from './answer.ts'
import { chunksOf } from './openai.ts'
import { count, object, objects, text } from './json.ts'
import type { Json } from './json.ts'

export function readCohere(body: Json): Answer {
  const choice = emptyChoice()
  const message = object(body.message) ?? {}
  choice.finish = text(body.finish_reason)
  for (const block of objects(message.content)) {
    choice.text += text(block.text)
    choice.reasoning += text(block.thinking)
  }
  // The plan is what the model says before it calls.
  choice.text += text(message.tool_plan)
  for (const call of objects(message.tool_calls)) {
    const { name, arguments: written } = object(call.function) ?? {}
    choice.calls.push({ id: text(call.id), name: text(name), arguments: parseArguments(text(written)) })
  }
  for (const source of objects(message.citations).flatMap((citation) => objects(citation.sources))) {
    const url = text(object(source.document)?.url)
    if (url) choice.sources.push(url)
  }
  return { id: text(body.id), model: '', choices: [choice], tokens: tokensOf(object(body.usage) ?? {}) }
}

/** The answer that a stream's events say piece by piece. */
export function cohereOf(stream: Buffer | string): Json {
  const answer: { id?: unknown; end?: Json } = {}
  const content: Json[] = []
  const calls: { [field: string]: unknown; function: { name: unknown; arguments: string } }[] = []
  const citations: unknown[] = []
  let plan = ''
  for (const event of chunksOf(stream)) {
    const index = count(event.index)
    const delta = object(event.delta) ?? {}
    const said = object(delta.message) ?? {}
    const piece = object(said.content) ?? {}
    const call = object(said.tool_calls) ?? {}
    const called = object(call.function) ?? {}
    switch (event.type) {
      case 'message-start':
        answer.id = event.id
        break
      case 'content-start':
        content[index] = { ...piece }
        break
      case 'content-delta':
        content[index] = grown(content[index] ?? {}, piece)
        break
      case 'tool-plan-delta':
        plan += text(said.tool_plan)
        break
      case 'tool-call-start':
        calls[index] = { ...call, function: { name: called.name, arguments: text(called.arguments) } }
        break
      case 'tool-call-delta':
        calls[index]!.function.arguments += text(called.arguments)
        break
      case 'citation-start':
        citations.push(said.citations)
        break
      case 'message-end':
        answer.end = delta
    }
  }
  const message = {
    role: 'assistant',
    ...(content.length > 0 && { content: content.filter(Boolean) }),
    ...(plan && { tool_plan: plan }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(citations.length > 0 && { citations }),
  }
  return { ...answer.end, id: answer.id, message }
}

/** Texts grow; what else comes with a block belongs to it. */
function grown(block: Json, piece: Json): Json {
  const grow = (field: string, value: unknown): unknown =>
    typeof value === 'string' ? text(block[field]) + value : value
  return { ...block, ...Object.fromEntries(Object.entries(piece).map(([field, value]) => [field, grow(field, value)])) }
}

/**
 * Billed tokens are what the client wrote and gets. The rest of what the model sees is Cohere's own hidden
 * prompt, which is the first to come from the cache.
 */
function tokensOf(usage: Json): Tokens | undefined {
  const billed = object(usage.billed_units)
  const seen = object(usage.tokens)
  const counted = billed ?? seen
  if (counted === undefined) return undefined
  const input = count(counted.input_tokens)
  const hidden = Math.max(0, count(seen?.input_tokens) + count(seen?.image_tokens) - input)
  return {
    input,
    cacheRead: Math.min(input, Math.max(0, count(usage.cached_tokens) - hidden)),
    cacheWrite: 0,
    output: count(counted.output_tokens),
    reasoning: Math.min(count(seen?.reasoning_tokens), count(counted.output_tokens)),
  }
}
