/** Reads answers of the Chat Completions API and of the vendors that imitate it. */
import { emptyChoice, parseArguments } from './answer.ts'
import type { Answer, Choice, Tokens } from './answer.ts'
import { framesOf } from './frames.ts'
import { count, object, objects, text } from './json.ts'
import type { Json } from './json.ts'

/** @param vendor whose accounting it is: they agree on the fields and not on what these include */
export function readCompletion(body: Json, vendor: string): Answer {
  const reading = new Reading(vendor)
  reading.add(body, 'message')
  return reading.answer()
}

export function readChunks(chunks: readonly Json[], vendor: string): Answer {
  const reading = new Reading(vendor)
  for (const chunk of chunks) reading.add(chunk, 'delta')
  return reading.answer()
}

export function chunksOf(stream: Buffer | string): Json[] {
  return framesOf(stream).flatMap(({ data }) => (data === '[DONE]' ? [] : [JSON.parse(data) as Json]))
}

/** A call whose arguments are still coming. */
interface OpenCall {
  index: unknown
  id: string
  name: string
  written: string
}

class Reading {
  readonly #vendor: string
  readonly #choices = new Map<number, Choice>()
  readonly #calls = new Map<number, OpenCall[]>()
  #id = ''
  #model = ''
  #usage: Json | undefined

  constructor(vendor: string) {
    this.#vendor = vendor
  }

  add(body: Json, field: 'message' | 'delta'): void {
    this.#id ||= text(body.id)
    this.#model ||= text(body.model)
    this.#usage = object(body.usage) ?? object(object(body.x_groq)?.usage) ?? this.#usage
    for (const wire of objects(body.choices)) {
      const index = count(wire.index)
      const choice = this.#choices.get(index) ?? emptyChoice()
      this.#choices.set(index, choice)
      choice.finish ||= text(wire.finish_reason)
      this.#say(object(wire[field]) ?? {}, choice, index)
    }
  }

  answer(): Answer {
    const choices = [...this.#choices].sort(([a], [b]) => a - b)
    return {
      id: this.#id,
      model: this.#model,
      choices: choices.map(([index, choice]) => {
        const calls = this.#calls.get(index) ?? []
        return {
          ...choice,
          calls: calls.map(({ id, name, written }) => ({ id, name, arguments: parseArguments(written) })),
        }
      }),
      tokens: this.#usage && tokensOf(this.#usage, this.#vendor),
    }
  }

  #say(said: Json, choice: Choice, index: number): void {
    choice.text += text(said.content)
    for (const item of objects(said.content)) {
      choice.text += text(item.text)
      for (const thought of objects(item.thinking)) choice.reasoning += text(thought.text)
    }
    choice.refusal += text(said.refusal)
    choice.spoken += text(object(said.audio)?.transcript)
    const details = objects(said.reasoning_details)
    const detailed = details.map((detail) => text(detail.text) + text(detail.summary)).join('')
    choice.reasoning += text(said.reasoning_content) || text(said.reasoning) || detailed
    for (const { signature, data } of details) {
      if (typeof signature === 'string') choice.signatures.push(signature)
      if (typeof data === 'string') choice.encrypted.push(data)
    }
    for (const annotation of objects(said.annotations)) {
      const url = text(object(annotation.url_citation)?.url)
      if (url) choice.sources.push(url)
    }
    for (const { image_url: image } of objects(said.images)) choice.images.push(text(object(image)?.url))
    const calls = this.#calls.get(index) ?? []
    this.#calls.set(index, calls)
    for (const call of objects(said.tool_calls)) {
      // Where Google's own API of this kind puts the proof that belongs to a call.
      const signature = text(object(object(call.extra_content)?.google)?.thought_signature)
      if (signature) choice.signatures.push(signature)
    }
    for (const [position, wire] of objects(said.tool_calls).entries()) this.#call(wire, wire.index ?? position, calls)
  }

  #call(wire: Json, index: unknown, calls: OpenCall[]): void {
    const called = object(wire.function) ?? {}
    const name = text(called.name)
    let call = calls.find((open) => open.index === index)
    if (!call || (name && text(wire.id) && call.id !== wire.id)) {
      call = { index, id: text(wire.id), name, written: '' }
      calls.push(call)
    }
    call.written += text(called.arguments)
  }
}

function tokensOf(usage: Json, vendor: string): Tokens {
  const input = object(usage.prompt_tokens_details) ?? {}
  const reasoning = count(object(usage.completion_tokens_details)?.reasoning_tokens)
  // xAI alone counts reasoning beside the completion.
  const beside = vendor === 'xai' ? reasoning : 0
  return {
    input: count(usage.prompt_tokens),
    cacheRead: count(input.cached_tokens ?? usage.prompt_cache_hit_tokens),
    cacheWrite: count(input.cache_write_tokens),
    output: count(usage.completion_tokens) + beside,
    reasoning,
  }
}
