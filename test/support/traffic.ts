/** Every recorded chat, with the dialect that it was led in and what the oracle reads in it. */
import { recordedCases } from '@sluice/core/testing'
import type { RecordedCase } from '@sluice/core/testing'
import { VENDORS } from '@sluice/provider-compatible'
import type { DialectName } from './dialect-names.ts'
import type { Answer } from './oracle/answer.ts'
import { text } from './oracle/json.ts'
import { WIRES } from './wires.ts'

export interface Traffic extends RecordedCase {
  dialect: DialectName
  vendor: string
  /** As the gateway calls vendor and model. */
  target: string
}

const DIALECT_OF: { readonly [endpoint: string]: DialectName } = {
  'chat.completions': 'openai-chat',
  responses: 'openai-responses',
  messages: 'anthropic',
  // Claude at Vertex AI.
  streamRawPredict: 'anthropic',
  generateContent: 'gemini',
  streamGenerateContent: 'gemini',
  chat: 'cohere',
  converse: 'bedrock',
  'converse-stream': 'bedrock',
}
/** Recordings that are no chats, or chats in none of the six dialects, by endpoint. */
const OTHERS: { readonly [endpoint: string]: string } = {
  embeddings: 'no chat',
  '/v1beta/models/gemini-embedding-001:batchEmbedContents': 'no chat',
  rerank: 'no chat',
  invoke: 'no chat, but ranking',
  images: 'no chat',
  audio: 'no chat',
  'messages.count_tokens': 'no chat, but its price',
  completions: 'a text that goes on, without turns',
  'invoke-stream': "a vendor's own events in frames of AWS, which only /passthrough hands on",
}
const OLLAMA = 'ollama/native-stream-thinking--gemma3-1b'

/** @throws Error for a recording that is neither in a dialect nor known to be something else */
export const traffic: readonly Traffic[] = recordedCases().flatMap((recorded) => {
  const { endpoint, provider: vendor } = recorded.meta
  // Its own API; its other one is openai-chat.
  if (endpoint in OTHERS || recorded.name === OLLAMA) return []
  const dialect = DIALECT_OF[endpoint]
  if (dialect === undefined) throw new Error(`nobody knows what ${recorded.name} is a recording of`)
  const model = text(recorded.request?.model) || recorded.meta.model
  const provider = dialect !== 'openai-chat' ? dialect : vendor in VENDORS ? vendor : 'openai'
  return [{ ...framed(recorded), dialect, vendor, target: `${provider}/${model}` }]
})

/** Whoever asks for events gets them: this stream was asked for as an array, and with numbers for words. */
function framed(recorded: RecordedCase): RecordedCase {
  const { responseBytes, meta, status, headers } = recorded
  if (meta.endpoint !== 'streamGenerateContent' || responseBytes === undefined || status >= 400) return recorded
  const chunks = JSON.parse(responseBytes.toString()) as unknown[]
  const stream = Buffer.from(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join(''))
  return { ...recorded, stream, headers: { ...headers, 'content-type': 'text/event-stream' } }
}

/** Streams that turn into an error on their way. */
const FAILURES = ['cohere/stream-error--command-a-03-2025', 'openai/responses-stream-error-429--gpt-4o-2024-08-06']

export const failures = traffic.filter(({ name }) => FAILURES.includes(name))
export const answers = traffic.filter(({ status, name }) => status === 200 && !FAILURES.includes(name))
export const refusals = traffic.filter(({ status }) => status >= 400)

/** What a recorded answer says. */
export function read({ dialect, vendor, stream, response = {} }: Traffic): Answer {
  const wire = WIRES[dialect]
  return stream ? wire.readStream(stream, vendor) : wire.read(response, vendor)
}
