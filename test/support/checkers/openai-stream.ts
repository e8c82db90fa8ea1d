/** A strict reading of how the Chat Completions API streams. */
import { object, objects } from '../oracle/json.ts'
import type { Json } from '../oracle/json.ts'
import { splitFrames } from './split-frames.ts'

export const FINISHES: readonly unknown[] = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call', 'error']

export interface OpenAIStreamRules {
  /** Whether the client asked for usage. */
  usage: boolean
}

/** @throws Error naming the first rule that the stream breaks */
export function checkOpenAIStream(stream: Buffer | string, rules: OpenAIStreamRules): void {
  const frames = splitFrames(stream)
  const datas = frames.map(({ event, data }) => {
    if (event !== '') fail(`a frame names the event "${event}"`)
    return data
  })
  const last = datas.pop()
  if (last === undefined) fail('there is no frame')
  if (datas.includes('[DONE]')) fail('something follows [DONE]')
  if (isError(last)) return checkChunks(datas, { ...rules, broken: true })
  if (last !== '[DONE]') fail('the stream does not end with [DONE]')
  checkChunks(datas, { ...rules, broken: false })
}

function isError(data: string): boolean {
  if (data === '[DONE]') return false
  const error = object((JSON.parse(data) as Json).error)
  if (error === undefined) return false
  if (typeof error.message !== 'string' || typeof error.type !== 'string') fail('an error has no message or no type')
  return true
}

function checkChunks(datas: readonly string[], { usage, broken }: OpenAIStreamRules & { broken: boolean }): void {
  const chunks = datas.map((data) => JSON.parse(data) as Json)
  const choices = new Map<unknown, ChoiceChecker>()
  const [first = {}] = chunks
  let usages = 0
  for (const chunk of chunks) {
    if (usages > 0) fail('a chunk follows the one with usage')
    if (chunk.object !== 'chat.completion.chunk') fail(`a chunk calls itself ${String(chunk.object)}`)
    for (const field of ['id', 'created', 'model']) {
      if (chunk[field] !== first[field]) fail(`"${field}" changes within the stream`)
    }
    if (typeof chunk.id !== 'string' || chunk.id === '') fail('a chunk has no id')
    if (typeof chunk.model !== 'string' || chunk.model === '') fail('a chunk has no model')
    if (typeof chunk.created !== 'number') fail('a chunk has no time')
    if (!Array.isArray(chunk.choices)) fail('a chunk has no choices')
    if (object(chunk.usage)) {
      usages++
      checkUsage(object(chunk.usage)!)
      if (!usage) fail('there is usage that nobody asked for')
      if (chunk.choices.length > 0) fail('the chunk with usage has choices')
    } else {
      if (chunk.choices.length === 0) fail('a chunk without usage has no choices')
      if (usage && chunk.usage !== null) fail('usage is not null before the end')
    }
    for (const choice of objects(chunk.choices)) {
      if (!choices.has(choice.index)) choices.set(choice.index, new ChoiceChecker())
      choices.get(choice.index)!.check(choice)
    }
  }
  if (broken) return
  if (choices.size === 0) fail('there is no choice')
  for (const [index, choice] of choices) if (!choice.isFinished) fail(`choice ${String(index)} never finishes`)
  if (usage && usages === 0) fail('the usage that was asked for does not come')
}

/** Whether all is counted, and adds up. */
export function checkUsage({ prompt_tokens: prompt, completion_tokens: completion, total_tokens: total }: Json): void {
  for (const count of [prompt, completion, total]) if (!Number.isInteger(count)) fail('a count of tokens is missing')
  if (total !== Number(prompt) + Number(completion)) fail('the total of the tokens is not their sum')
}

class ChoiceChecker {
  isFinished = false
  #isOpen = false
  #calls = 0

  check({ index, delta: wire, finish_reason: finish }: Json): void {
    if (!Number.isInteger(index)) fail('a choice has no index')
    const delta = object(wire)
    if (delta === undefined) return fail('a choice has no delta')
    if (this.isFinished) fail('a choice goes on after its finish')
    if (this.#isOpen === 'role' in delta) fail(this.#isOpen ? 'a role is repeated' : 'the first delta has no role')
    if (!this.#isOpen && delta.role !== 'assistant') fail('the role is not assistant')
    this.#isOpen = true
    for (const field of ['content', 'refusal', 'reasoning_content']) {
      if (typeof (delta[field] ?? '') !== 'string') fail(`"${field}" is no text`)
    }
    for (const call of objects(delta.tool_calls)) this.#checkCall(call)
    if (finish === null) return
    if (!FINISHES.includes(finish)) fail(`there is no finish_reason ${JSON.stringify(finish)}`)
    if (Object.keys(delta).length > 0) fail('the chunk that finishes a choice says something else, too')
    this.isFinished = true
  }

  #checkCall({ index, id, type, function: wire }: Json): void {
    const called = object(wire)
    if (typeof called?.arguments !== 'string') fail('a piece of a call has no text of arguments')
    if (index === this.#calls) {
      if (typeof id !== 'string' || id === '') fail('a call begins without an id')
      if (type !== 'function') fail('a call begins without its type')
      if (typeof called.name !== 'string' || called.name === '') fail('a call begins without a name')
      this.#calls++
    } else {
      if (index !== this.#calls - 1) fail('the pieces of calls are out of order')
      if (id !== undefined || type !== undefined || called.name !== undefined) fail('a call says twice who it is')
    }
  }
}

function fail(rule: string): never {
  throw new Error(`not an OpenAI stream: ${rule}`)
}
