/** Reads answers of Bedrock's Converse API. */
import { parseEventStream } from '../event-stream.ts'
import { emptyChoice, parseArguments } from './answer.ts'
import type { Answer, Choice, Tokens } from './answer.ts'
import { count, object, objects, text } from './json.ts'
import type { Json } from './json.ts'

export function readConverse(body: Json): Answer {
  const choice = emptyChoice()
  choice.finish = text(body.stopReason)
  for (const block of objects(object(object(body.output)?.message)?.content)) readBlock(block, choice)
  const usage = object(body.usage)
  return { id: '', model: '', choices: [choice], tokens: usage && tokensOf(usage) }
}

/** The answer that a stream's events say piece by piece. */
export function converseOf(stream: Buffer): Json {
  const blocks: Json[] = []
  const answer: { [field: string]: unknown } = {}
  for (const { headers, payload } of parseEventStream(stream)) {
    const index = count(payload.contentBlockIndex)
    switch (headers[':event-type'] ?? '') {
      case 'contentBlockStart':
        blocks[index] = object(payload.start) ?? {}
        break
      case 'contentBlockDelta':
        blocks[index] = grown(blocks[index] ?? {}, object(payload.delta) ?? {})
        break
      case 'messageStop':
      case 'metadata':
        Object.assign(answer, payload)
    }
  }
  const content = blocks.map((block) => {
    const call = object(block.toolUse)
    return call ? { toolUse: { ...call, input: parseArguments(text(call.input)) } } : block
  })
  return { ...answer, output: { message: { role: 'assistant', content } } }
}

function grown(block: Json, { text: said, toolUse, reasoningContent, citation }: Json): Json {
  if (typeof said === 'string') {
    const cited = object(block.citationsContent)
    if (cited) return { citationsContent: { ...cited, content: [...objects(cited.content), { text: said }] } }
    return { text: text(block.text) + said }
  }
  if (citation !== undefined) {
    const cited = object(block.citationsContent)
    const content = cited?.content ?? (block.text === undefined ? [] : [{ text: block.text }])
    return { citationsContent: { content, citations: [...objects(cited?.citations), citation] } }
  }
  const call = object(toolUse)
  if (call) {
    const before = object(block.toolUse) ?? {}
    return { toolUse: { ...before, input: text(before.input) + text(call.input) } }
  }
  const thought = object(reasoningContent) ?? {}
  if (typeof thought.redactedContent === 'string') return { reasoningContent: thought }
  const before = object(object(block.reasoningContent)?.reasoningText) ?? {}
  const signature = text(before.signature) + text(thought.signature)
  const reasoningText = { text: text(before.text) + text(thought.text), ...(signature && { signature }) }
  return { reasoningContent: { reasoningText } }
}

function readBlock(block: Json, choice: Choice): void {
  choice.text += text(block.text)
  const cited = object(block.citationsContent)
  for (const piece of objects(cited?.content)) choice.text += text(piece.text)
  for (const { location } of objects(cited?.citations)) {
    const url = text(object(object(location)?.web)?.url)
    if (url) choice.sources.push(url)
  }
  const thought = object(object(block.reasoningContent)?.reasoningText)
  choice.reasoning += text(thought?.text)
  if (thought?.signature) choice.signatures.push(text(thought.signature))
  const encrypted = object(block.reasoningContent)?.redactedContent
  if (encrypted) choice.encrypted.push(text(encrypted))
  const call = object(block.toolUse)
  if (call) choice.calls.push({ id: text(call.toolUseId), name: text(call.name), arguments: call.input })
}

/** Cached tokens are counted beside the others, and within the total. */
function tokensOf(usage: Json): Tokens {
  const cacheRead = count(usage.cacheReadInputTokens ?? usage.cacheReadInputTokenCount)
  const cacheWrite = count(usage.cacheWriteInputTokens ?? usage.cacheWriteInputTokenCount)
  const input = count(usage.inputTokens) + cacheRead + cacheWrite
  return { input, cacheRead, cacheWrite, output: count(usage.outputTokens), reasoning: 0 }
}
