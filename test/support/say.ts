/** Upstreams that answer by a script, each in its API's own words. */
import { json, sse } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import type { Api } from './api.ts'
import type { Json } from './oracle/json.ts'

/** What an upstream says; in this order, if several things. */
export interface Line {
  thought?: string
  /** Proof of the thought. */
  signature?: string
  /** A thought that only the provider can read. */
  encrypted?: string
  text?: string
  /** Without arguments it is said in the way that leaves most to guess: nothing at all. */
  calls?: readonly { id: string; name: string; arguments: object }[]
  /** Fields about the end, in the API's own words. */
  end?: object
}

/** @param isStream whether it is said piece by piece, each in a frame of its own */
type Say = (line: Line, isStream: boolean) => UpstreamReply

export const say: { readonly [api in Api]: Say } = {
  openai: (line, isStream) => (isStream ? sse(chunks(line), { chunk: 'frame' }) : json(completion(line))),
  anthropic: (line, isStream) => (isStream ? sse(events(line), { chunk: 'frame' }) : json(message(line))),
}

/** Tokens that every scripted answer counts: 10 in, 20 out. */
const USAGE = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 }

function completion({ thought, signature, encrypted, text, calls = [], end }: Line): Json {
  const details = [
    ...(signature === undefined ? [] : [{ type: 'reasoning.text', text: thought, signature }]),
    ...(encrypted === undefined ? [] : [{ type: 'reasoning.encrypted', data: encrypted }]),
  ]
  const said = {
    role: 'assistant',
    content: text ?? null,
    ...(thought !== undefined && { reasoning: thought }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls.map(toolCall) }),
  }
  const finish = calls.length > 0 ? 'tool_calls' : 'stop'
  const choices = [{ index: 0, message: said, finish_reason: finish, ...end }]
  return { id: 'chatcmpl-1', object: 'chat.completion', created: 1700000000, model: 'scripted', choices, usage: USAGE }
}

function toolCall({ id, name, arguments: values }: NonNullable<Line['calls']>[number]): Json {
  return { id, type: 'function', function: { name, arguments: written(values) } }
}

function written(values: object): string {
  return Object.keys(values).length === 0 ? '' : JSON.stringify(values)
}

function chunks({ thought, signature, encrypted, text, calls = [], end }: Line): string {
  const chunk = (choices: readonly object[], usage: object | null = null): string => {
    const id = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1700000000, model: 'scripted' }
    return `data: ${JSON.stringify({ ...id, choices, usage })}\n\n`
  }
  const delta = (said: object, finish: string | null = null): string =>
    chunk([{ index: 0, delta: said, finish_reason: finish, ...(finish !== null && end) }])
  const detail = (said: object): object => ({ reasoning_details: [said] })
  return [
    delta({ role: 'assistant', content: '' }),
    ...pieces(thought).map((piece) => delta({ reasoning: piece, ...detail({ type: 'reasoning.text', text: piece }) })),
    ...(signature === undefined ? [] : [delta(detail({ type: 'reasoning.text', signature }))]),
    ...(encrypted === undefined ? [] : [delta(detail({ type: 'reasoning.encrypted', data: encrypted }))]),
    ...pieces(text).map((content) => delta({ content })),
    ...calls.flatMap((call, index) => [
      delta({ tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }] }),
      ...pieces(written(call.arguments)).map((piece) =>
        delta({ tool_calls: [{ index, function: { arguments: piece } }] }),
      ),
    ]),
    delta({}, calls.length > 0 ? 'tool_calls' : 'stop'),
    chunk([], USAGE),
    'data: [DONE]\n\n',
  ].join('')
}

function message({ thought, signature = '', encrypted, text, calls = [], end }: Line): Json {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'scripted',
    content: [
      ...(thought === undefined ? [] : [{ type: 'thinking', thinking: thought, signature }]),
      ...(encrypted === undefined ? [] : [{ type: 'redacted_thinking', data: encrypted }]),
      ...(text === undefined ? [] : [{ type: 'text', text }]),
      ...calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input })),
    ],
    stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 20 },
    ...end,
  }
}

function events(line: Line): string {
  const { content, stop_reason: reason, stop_sequence: sequence, ...start } = message(line)
  const event = (type: string, fields: object = {}): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
  return [
    event('message_start', { message: { ...start, content: [], stop_reason: null, stop_sequence: null } }),
    ...(content as Json[]).flatMap((block, index) => {
      const { start: empty, deltas } = growth(block)
      return [
        event('content_block_start', { index, content_block: empty }),
        ...deltas.map((delta) => event('content_block_delta', { index, delta })),
        event('content_block_stop', { index }),
      ]
    }),
    event('message_delta', { delta: { stop_reason: reason, stop_sequence: sequence }, usage: { output_tokens: 20 } }),
    event('message_stop'),
  ].join('')
}

/** How a block begins and what makes it grow. */
function growth(block: Json): { start: Json; deltas: Json[] } {
  if (block.type === 'text') {
    return { start: { ...block, text: '' }, deltas: pieces(block.text).map((text) => ({ type: 'text_delta', text })) }
  }
  if (block.type === 'thinking') {
    const thoughts = pieces(block.thinking).map((thinking) => ({ type: 'thinking_delta', thinking }))
    const proof = { type: 'signature_delta', signature: block.signature }
    return { start: { ...block, thinking: '', signature: '' }, deltas: [...thoughts, proof] }
  }
  if (block.type === 'redacted_thinking') return { start: block, deltas: [] }
  const pieced = pieces(written(block.input as Json)).map((json) => ({ type: 'input_json_delta', partial_json: json }))
  return { start: { ...block, input: {} }, deltas: [{ type: 'input_json_delta', partial_json: '' }, ...pieced] }
}

/** Of seven characters each; none of what is no text. */
export function pieces(text: unknown): string[] {
  return typeof text === 'string' ? (text.match(/.{1,7}/gs) ?? []) : []
}
