/** The two wire formats, as the clients and upstreams of these tests speak them. */
import type { JsonObject, PluginInstance } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { openai } from '@sluice/provider-openai'

const ANTHROPIC_TYPES: { readonly [status: number]: string } = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

type Timeouts = { connect?: number; firstByte?: number; idle?: number; total?: number }

export interface Wire {
  name: string
  plugin: () => PluginInstance
  /** Where it is spoken, at the gateway and at upstreams. */
  path: string
  /** Adds the provider `id`, which speaks this at `url`. */
  provider: (id: string, url: string, timeouts: Timeouts) => PluginInstance
  /** A client's request with one message. */
  request: (fields?: JsonObject) => JsonObject
  answer: (text: string) => JsonObject
  /** A whole stream, one frame for each text. */
  stream: (...texts: readonly string[]) => string
  /** Stands at the end of whole streams only. */
  cleanEnd: string
  /** What an upstream says when it refuses. */
  refusal: (type: string, message: string) => JsonObject
  /** The texts of an answer, whole or streamed, put together. */
  textIn: (reply: string) => string
  /** What tells this format's clients of an error with `status` and the gateway's `code`. */
  envelope: (status: number, code: string) => JsonObject
}

const frame = (data: JsonObject, event?: string): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`

/** The JSON of every frame; what is no JSON is left out. */
export function framesIn(stream: string): JsonObject[] {
  const data = stream.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice('data: '.length)] : []))
  return data.map((text) => JSON.parse(text) as JsonObject)
}

/** Bytes of `stream` up to the end of the frame that says `text`. */
export function upTo(stream: string, text: string): number {
  return stream.indexOf('\n\n', stream.indexOf(text)) + 2
}

const chunk = (choices: JsonObject[], more: JsonObject = {}): string =>
  frame({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'up-1', choices, ...more })
const openaiUsage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }

export const OPENAI: Wire = {
  name: 'openai-chat',
  plugin: () => openaiDialect(),
  path: '/v1/chat/completions',
  provider: (id, url, timeouts) => openai({ apiKey: 'upstream-key', baseUrl: `${url}/v1`, timeouts }, { id }),
  request: (fields) => ({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...fields }),
  answer: (content) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: 'up-1',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: openaiUsage,
  }),
  stream: (...texts) =>
    [
      chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }]),
      ...texts.map((content) => chunk([{ index: 0, delta: { content }, finish_reason: null }])),
      chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
      chunk([], { usage: openaiUsage }),
      'data: [DONE]\n\n',
    ].join(''),
  cleanEnd: '[DONE]',
  refusal: (type, message) => ({ error: { message, type, param: null, code: type } }),
  textIn(reply) {
    type Choice = { delta?: { content?: string }; message?: { content?: string } }
    const bodies = reply.startsWith('{') ? [JSON.parse(reply) as JsonObject] : framesIn(reply)
    const choices = bodies.flatMap(({ choices: list = [] }) => list as Choice[])
    return choices.map(({ delta, message }) => (delta ?? message)?.content ?? '').join('')
  },
  envelope: (_status, code) => ({ error: { code } }),
}

const event = (data: JsonObject & { type: string }): string => frame(data, data.type)

export const ANTHROPIC: Wire = {
  name: 'anthropic',
  plugin: () => anthropicDialect(),
  path: '/v1/messages',
  provider: (id, url, timeouts) => anthropic({ apiKey: 'upstream-key', baseUrl: url, timeouts }, { id }),
  request: (fields) => ({ model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }], ...fields }),
  answer: (text) => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'up-1',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 7, output_tokens: 3 },
  }),
  stream: (...texts) =>
    [
      event({
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'up-1',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 7, output_tokens: 1 },
        },
      }),
      event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
      ...texts.map((text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
      event({ type: 'content_block_stop', index: 0 }),
      event({
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 3 },
      }),
      event({ type: 'message_stop' }),
    ].join(''),
  cleanEnd: 'message_stop',
  refusal: (type, message) => ({ type: 'error', error: { type, message } }),
  textIn(reply) {
    type Block = { text?: string }
    if (reply.startsWith('{'))
      return (JSON.parse(reply) as { content: Block[] }).content.map(({ text }) => text).join('')
    return framesIn(reply)
      .map(({ delta }) => (delta as Block | undefined)?.text ?? '')
      .join('')
  },
  envelope: (status) => ({
    type: 'error',
    error: { type: ANTHROPIC_TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error') },
  }),
}

export const WIRES = [OPENAI, ANTHROPIC]

/** The reply paths: who asks, who answers, and whether a plugin looks at the parts. */
export const PATHS = [
  { path: 'verbatim', client: OPENAI, wire: OPENAI, observed: false },
  { path: 'verbatim', client: ANTHROPIC, wire: ANTHROPIC, observed: false },
  { path: 'observed', client: OPENAI, wire: OPENAI, observed: true },
  { path: 'observed', client: ANTHROPIC, wire: ANTHROPIC, observed: true },
  { path: 'translated', client: OPENAI, wire: ANTHROPIC, observed: false },
  { path: 'translated', client: ANTHROPIC, wire: OPENAI, observed: false },
] as const
