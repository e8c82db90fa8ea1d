/** Answers in each upstream's own words, whole or streamed as the request asks. */
import type { JsonObject } from '@sluice/core'
import { json, sse } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'

const byMode =
  (whole: () => UpstreamReply, streamed: () => UpstreamReply): UpstreamReply =>
  (request, response) =>
    (request.json().stream === true ? streamed() : whole())(request, response)

const framed = (events: readonly JsonObject[]): string =>
  events.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`).join('')

/** @param content blocks of a message */
export function claude(...content: JsonObject[]): UpstreamReply {
  const stop = content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn'
  const usage = { input_tokens: 10, cache_creation_input_tokens: 3, cache_read_input_tokens: 0, output_tokens: 20 }
  const head = { id: 'msg_upstream', type: 'message', role: 'assistant', model: 'claude-x' }
  const end = { stop_reason: stop, stop_sequence: null }
  return byMode(
    () => json({ ...head, content, ...end, usage }),
    () =>
      sse(
        framed([
          { type: 'message_start', message: { ...head, content: [], stop_reason: null, usage } },
          ...content.flatMap((block, index) => [
            { type: 'content_block_start', index, content_block: { ...block, ...BLANKS[String(block.type)] } },
            ...deltas(block).map((delta) => ({ type: 'content_block_delta', index, delta })),
            { type: 'content_block_stop', index },
          ]),
          { type: 'message_delta', delta: end, usage },
          { type: 'message_stop' },
        ]),
        { chunk: 'frame' },
      ),
  )
}

const BLANKS: { readonly [type: string]: JsonObject } = {
  text: { text: '' },
  thinking: { thinking: '', signature: '' },
  tool_use: { input: {} },
}

function deltas({ type, text, thinking, signature, input }: JsonObject): JsonObject[] {
  if (type === 'text') return [{ type: 'text_delta', text }]
  if (type === 'tool_use') return [{ type: 'input_json_delta', partial_json: JSON.stringify(input) }]
  if (type !== 'thinking') return []
  return [
    { type: 'thinking_delta', thinking },
    { type: 'signature_delta', signature },
  ]
}

export const says = (text: string): JsonObject => ({ type: 'text', text })

/** @param message of the assistant */
export function gpt(message: JsonObject): UpstreamReply {
  const calls = message.tool_calls as JsonObject[] | undefined
  const finish_reason = calls ? 'tool_calls' : 'stop'
  const head = { id: 'chatcmpl-upstream', created: 1_700_000_000, model: 'gpt-x' }
  const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 }
  const delta = {
    role: 'assistant',
    ...message,
    ...(calls && { tool_calls: calls.map((call, index) => ({ index, ...call })) }),
  }
  const frames = [
    { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null }] },
    { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason }] },
    { ...head, object: 'chat.completion.chunk', choices: [], usage },
  ]
  return byMode(
    () =>
      json({
        ...head,
        object: 'chat.completion',
        choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason }],
        usage,
      }),
    () => sse(`${frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('')}data: [DONE]\n\n`),
  )
}

/** Of an upstream that keeps state itself. */
export function nativeResponse(id: string, text: string): JsonObject {
  const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }]
  return {
    id,
    object: 'response',
    created_at: 1_700_000_000,
    status: 'completed',
    store: true,
    billing: { payer: 'developer' },
    previous_response_id: null,
    model: 'gpt-native',
    output: [{ id: `msg_${id}`, type: 'message', status: 'completed', role: 'assistant', content }],
    usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
  }
}

export function native(id: string, text: string): UpstreamReply {
  return byMode(
    () => json(nativeResponse(id, text)),
    () => sse(nativeStream(id, text), { chunk: 'frame' }),
  )
}

export function nativeStream(id: string, text: string): string {
  const response = nativeResponse(id, text)
  const begun = { ...response, status: 'in_progress', output: [], usage: null }
  const [item] = response.output as JsonObject[]
  const at = { item_id: item!.id, output_index: 0, content_index: 0 }
  const events = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
    { type: 'response.output_text.delta', ...at, delta: text, logprobs: [], obfuscation: 'x1' },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response },
  ]
  return framed(events.map((event, sequence_number) => ({ ...event, sequence_number })))
}
