/** Asks through an official SDK, as its documents show, and reads what the SDK made of the answer. */
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { Api } from './api.ts'
import { readEvents, readMessage } from './oracle/anthropic.ts'
import type { Answer } from './oracle/answer.ts'
import type { Json } from './oracle/json.ts'
import { readChunks, readCompletion } from './oracle/openai.ts'
import type { Clients } from './stage.ts'

export interface Heard {
  /** From the whole answer, or from the stream's items one by one. */
  answer: Answer
  /** The SDK's own result; of a stream, what its helper put together. */
  final: Json
  /** The items of a stream. */
  items: Json[]
}

export interface Wishes {
  /** Who counted the tokens of an answer that comes in the vendor's own words. */
  vendor?: string
  /** Fields of the request, in the client's own words. */
  request?: object
}

type Ask = (clients: Clients, model: string, stream: boolean, wishes?: Wishes) => Promise<Heard>

export const ask: { readonly [api in Api]: Ask } = {
  async openai({ openai }, model, stream, { vendor = 'openai', request: fields } = {}) {
    const request = { model, messages: [{ role: 'user' as const, content: 'Hello' }], ...fields }
    if (!stream) {
      const final = json(await openai.chat.completions.create(request))
      return { answer: readCompletion(final, vendor), final, items: [] }
    }
    const helper = openai.chat.completions.stream({ ...request, stream_options: { include_usage: true } })
    const items = await collect(helper)
    return { answer: readChunks(items, vendor), final: json(await helper.finalChatCompletion()), items }
  },
  async anthropic({ anthropic }, model, stream, { request: fields } = {}) {
    const request = { model, max_tokens: 1024, messages: [{ role: 'user' as const, content: 'Hello' }], ...fields }
    if (!stream) {
      const final = json(await anthropic.messages.create(request))
      return { answer: readMessage(final), final, items: [] }
    }
    const helper = anthropic.messages.stream(request)
    const items = await collect(helper)
    return { answer: readEvents(items), final: json(await helper.finalMessage()), items }
  },
}

/**
 * What an SDK's helper put together from a stream, as far as it does: OpenAI's keeps only the last piece of
 * fields that its API does not have.
 */
export function readFinal(client: Api, { answer, final }: Heard, vendor: string): Answer {
  if (client === 'anthropic') return readMessage(final)
  const whole = readCompletion(final, vendor)
  const choices = whole.choices.map((choice, index) => {
    const { reasoning = '', signatures = [], encrypted = [], sources = [] } = answer.choices[index] ?? {}
    return { ...choice, reasoning, signatures, encrypted, sources }
  })
  return { ...whole, choices }
}

async function collect(items: AsyncIterable<object>): Promise<Json[]> {
  const collected: Json[] = []
  // Helpers may go on changing what they handed out.
  for await (const item of items) collected.push(structuredClone(json(item)))
  return collected
}

/** An SDK's object, without its types. */
function json(value: object): Json {
  return value as Json
}

/** The class that the SDKs' documents name for a status. */
export function errorClass(client: Api, status: number): abstract new (...args: never[]) => Error {
  const sdk = client === 'openai' ? OpenAI : Anthropic
  switch (status) {
    case 400:
      return sdk.BadRequestError
    case 401:
      return sdk.AuthenticationError
    case 403:
      return sdk.PermissionDeniedError
    case 404:
      return sdk.NotFoundError
    case 422:
      return sdk.UnprocessableEntityError
    case 429:
      return sdk.RateLimitError
    default:
      return status >= 500 ? sdk.InternalServerError : sdk.APIError
  }
}
