/** Reads answers of the Responses API and of the vendors that imitate it. */
import { emptyChoice, parseArguments } from './answer.ts'
import type { Answer, Choice, Tokens } from './answer.ts'
import { chunksOf } from './openai.ts'
import { count, object, objects, text } from './json.ts'
import type { Json } from './json.ts'

export function readResponse(body: Json): Answer {
  const choice = emptyChoice()
  for (const item of objects(body.output)) readItem(item, choice)
  const reason = text(object(body.incomplete_details)?.reason)
  choice.finish = body.status === 'incomplete' ? reason : text(body.status)
  const usage = object(body.usage)
  return { id: text(body.id), model: text(body.model), choices: [choice], tokens: usage && tokensOf(usage) }
}

/** The final response. Some vendors leave its output out: then it is what the items were when they ended. */
export function responseOf(stream: Buffer | string): Json {
  const events = chunksOf(stream)
  const last = events.findLast(({ type }) => /^response\.(?:completed|incomplete|failed)$/.test(text(type)))
  const response = object(last?.response) ?? {}
  if (objects(response.output).length > 0) return response
  const done = events.filter(({ type }) => type === 'response.output_item.done')
  const output = done.toSorted((a, b) => count(a.output_index) - count(b.output_index)).map(({ item }) => item)
  return { ...response, output }
}

function readItem(item: Json, choice: Choice): void {
  switch (item.type) {
    case 'message':
      for (const part of objects(item.content)) readContent(part, choice)
      return
    case 'reasoning': {
      const thoughts = objects(item.content).map((part) => text(part.text))
      const summaries = objects(item.summary).map((part) => text(part.text))
      choice.reasoning += thoughts.length > 0 ? thoughts.join('') : summaries.join('\n\n')
      if (item.encrypted_content) choice.encrypted.push(text(item.encrypted_content))
      return
    }
    case 'function_call':
      choice.calls.push({
        id: text(item.call_id),
        name: text(item.name),
        arguments: parseArguments(text(item.arguments)),
      })
  }
}

function readContent(part: Json, choice: Choice): void {
  choice.text += text(part.text)
  choice.refusal += text(part.refusal)
  for (const { url } of objects(part.annotations)) if (typeof url === 'string') choice.sources.push(url)
}

function tokensOf(usage: Json): Tokens {
  const input = object(usage.input_tokens_details) ?? {}
  return {
    input: count(usage.input_tokens),
    cacheRead: count(input.cached_tokens),
    cacheWrite: count(input.cache_write_tokens),
    output: count(usage.output_tokens),
    reasoning: count(object(usage.output_tokens_details)?.reasoning_tokens),
  }
}
