/** What clients ask and upstreams answer in the benchmark: the same content in both dialects, shaped after real traffic. */

export type Wire = 'openai' | 'anthropic'
export type RequestSize = 'small' | 'large'
export type ReplyKind = 'json' | 'json-large' | 'burst' | 'paced'

/** Where each wire format is spoken, at a gateway and at an upstream alike. */
export const PATHS: { readonly [wire in Wire]: string } = { openai: '/v1/chat/completions', anthropic: '/v1/messages' }
/** The model of each upstream; clients ask for it by the same name, whatever wire format they speak. */
export const MODELS: { readonly [wire in Wire]: string } = { openai: 'gpt-4o-mini', anthropic: 'claude-haiku-4-5' }

/** Text deltas of a streamed answer. */
export const DELTAS = 64

const SYSTEM = 'You are a support engineer. Answer briefly, name the file you mean, and never guess.'
const QUESTION = 'Why does the export job stop after the first page when the cursor is empty?'
const PARAGRAPHS = [
  'The job reads `cursor` from the last row it wrote, so an empty page ends it. In "export.ts" the loop condition is `while (cursor)`, which is false for the empty string the API sends between shards.\n\nChange it to compare with null:\n\n```ts\ndo {\n  const page = await fetchPage(cursor)\n  rows.push(...page.rows)\n  cursor = page.next\n} while (cursor !== null)\n```\n',
  'I ran it against the staging data set: 41 pages instead of one, and the totals match the nightly report — 8,214 rows. The only difference is the order of two rows that share a timestamp, which the report does not sort by id.',
  'Could you also say what happens when a page fails half-way? The log shows "ECONNRESET" twice on Tuesday and once on Friday, and each time the file on disk was shorter than the one before. I’d like to keep what was written and resume.',
  'Resuming is safe because every page carries its own cursor. Write the cursor beside the file after each flush; on start, read it back and truncate the file to the recorded length:\n\n| step | file | cursor |\n|---|---|---|\n| flush | append | write `cursor.tmp`, rename |\n| start | truncate | read |\n',
]

function prose(bytes: number): string {
  let text = ''
  for (let i = 0; Buffer.byteLength(text) < bytes; i++) text += PARAGRAPHS[i % PARAGRAPHS.length]
  return text
}

/** The client's request as its SDK writes it: about 0.3 KB, or a chat of 60 turns in about 100 KB. */
export function requestBody(wire: Wire, model: string, size: RequestSize, stream: boolean): string {
  const turns =
    size === 'small'
      ? []
      : Array.from({ length: 60 }, (_, i) => ({
          role: i % 2 ? 'assistant' : 'user',
          content: prose(i % 2 ? 2000 : 900),
        }))
  const messages = [...turns, { role: 'user', content: QUESTION }]
  if (wire === 'anthropic') return JSON.stringify({ model, max_tokens: 1024, system: SYSTEM, messages, stream })
  return JSON.stringify({
    model,
    messages: [{ role: 'system', content: SYSTEM }, ...messages],
    max_tokens: 1024,
    ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
  })
}

/** The words of an answer, piece by piece as a stream brings them. */
export function replyPieces(kind: ReplyKind): string[] {
  if (kind === 'json') return [prose(500)]
  if (kind === 'json-large') return [prose(98_000)]
  return Array.from({ length: DELTAS }, (_, i) => ` ${QUESTION.split(' ')[i % 13]}`)
}

const OPENAI_USAGE = {
  prompt_tokens: 118,
  completion_tokens: 64,
  total_tokens: 182,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
}
const ANTHROPIC_USAGE = {
  input_tokens: 118,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 64,
}

/** The upstream's whole JSON answer. */
export function replyBody(wire: Wire, kind: ReplyKind): string {
  const text = replyPieces(kind).join('')
  if (wire === 'anthropic') {
    return JSON.stringify({
      id: 'msg_01RBj6rETGWKPitJeH2dnz7y',
      type: 'message',
      role: 'assistant',
      model: MODELS.anthropic,
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { ...ANTHROPIC_USAGE, service_tier: 'standard' },
    })
  }
  return JSON.stringify({
    id: 'chatcmpl-CRkRkic1yC57Px3ahQq6yQbltDlWK',
    object: 'chat.completion',
    created: 1760729432,
    model: MODELS.openai,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: text, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: OPENAI_USAGE,
    service_tier: 'default',
    system_fingerprint: 'fp_cbf1785567',
  })
}

/** The upstream's streamed answer, one string per event. */
export function replyFrames(wire: Wire, kind: ReplyKind): string[] {
  return wire === 'anthropic' ? anthropicFrames(replyPieces(kind)) : openaiFrames(replyPieces(kind))
}

function openaiFrames(pieces: string[]): string[] {
  const head = {
    id: 'chatcmpl-AfhuMhGf8Genpm2uKosEpBtvtQgco',
    object: 'chat.completion.chunk',
    created: 1734503594,
    model: MODELS.openai,
    service_tier: 'default',
    system_fingerprint: 'fp_39a40c96a0',
  }
  const chunk = (delta: object, finish: string | null) => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    usage: null,
  })
  const chunks = [
    chunk({ role: 'assistant', content: '', refusal: null }, null),
    ...pieces.map((content) => chunk({ content }, null)),
    chunk({}, 'stop'),
    { ...head, choices: [], usage: OPENAI_USAGE },
  ]
  return [...chunks.map((value) => `data: ${JSON.stringify(value)}\n\n`), 'data: [DONE]\n\n']
}

function anthropicFrames(pieces: string[]): string[] {
  const message = {
    model: MODELS.anthropic,
    id: 'msg_011CdEr5G1SYtpTkVd1HniUF',
    type: 'message',
    role: 'assistant',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...ANTHROPIC_USAGE, output_tokens: 1, service_tier: 'standard' },
  }
  const events = [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    ...pieces.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: ANTHROPIC_USAGE },
    { type: 'message_stop' },
  ]
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
}

/** Headers that both official SDKs send, beside content type and length. */
export const CLIENT_HEADERS: { readonly [name: string]: string } = {
  accept: 'application/json',
  'accept-encoding': 'gzip, deflate',
  'accept-language': '*',
  authorization: 'Bearer sk-bench-0123456789abcdef0123456789abcdef',
  'content-type': 'application/json',
  'sec-fetch-mode': 'cors',
  'user-agent': 'OpenAI/JS 7.55.0',
  'x-stainless-arch': 'x64',
  'x-stainless-lang': 'js',
  'x-stainless-os': 'Linux',
  'x-stainless-package-version': '7.55.0',
  'x-stainless-retry-count': '0',
  'x-stainless-runtime': 'node',
  'x-stainless-runtime-version': 'v26.10.0',
}

/** Headers of an upstream's reply, beside those of its body. */
export const UPSTREAM_HEADERS: { readonly [name: string]: string } = {
  date: 'Fri, 20 Nov 2026 06:52:48 GMT',
  connection: 'keep-alive',
  server: 'cloudflare',
  'cf-cache-status': 'DYNAMIC',
  'openai-processing-ms': '412',
  'openai-version': '2020-10-01',
  'x-ratelimit-limit-requests': '10000',
  'x-ratelimit-remaining-requests': '9999',
  'x-request-id': 'req_011CdEr5G1SYtpTkVd1HniUF',
}
