/** Traffic of every kind, most of which goes wrong, through an upstream that tells all it knows. */
import type { JsonObject } from '@sluice/core'
import { body, errorInStream, html, json, resetBeforeHeaders, sse, stallBeforeHeaders } from '@sluice/core/testing'
import type { TestReply, UpstreamReply } from '@sluice/core/testing'
import type { House } from './house.ts'

const COMPLETION = {
  id: 'x',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
}
const CHUNKS = [
  {
    id: 'x',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello' }, finish_reason: null }],
  },
  {
    id: 'x',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
  },
]
const STREAM = [...CHUNKS.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n'].join('')

/** What an upstream does, by the last part of the model's name. `said`: the request's credential and prompt. */
const DEEDS: { readonly [model: string]: (said: string, isStream: boolean) => UpstreamReply } = {
  fine: (_, isStream) => (isStream ? sse(STREAM) : json(COMPLETION)),
  ...Object.fromEntries(
    [400, 401, 402, 403, 404, 413, 422, 429, 500, 503].map((status) => [
      `status-${status}`,
      (said) =>
        json(
          { error: { message: `No: ${said}`, type: said, code: said, param: said } },
          { status, headers: { 'x-request-id': 'r', 'x-told': said } },
        ),
    ]),
  ),
  text: (said) => body(`No: ${said}`, 'text/plain', { status: 500 }),
  page: (said) => html(`<h1>${said}</h1>`, { status: 502 }),
  'no-json': (said) => body(`{"${said}`, 'application/json'),
  'wrong-shape': (said) => json({ choices: said }),
  'error-in-200': (said) => json({ error: { message: said, code: 400 } }),
  'error-in-stream': (said) => errorInStream({ error: { message: said } }),
  'no-stream': (said) => sse(`data: {"${said}\n\n`),
  redirect: (said) =>
    json({}, { status: 302, headers: { location: `http://127.0.0.1:1/${encodeURIComponent(said)}` } }),
  silent: () => stallBeforeHeaders(),
  gone: () => resetBeforeHeaders(),
}
export const DEED_MODELS = Object.keys(DEEDS)

/** Does as the model's name says. */
export const telling: UpstreamReply = (request, response) => {
  const { model = '', stream = false } = tryJson(request.body) as { model?: string; stream?: boolean }
  const said = `${request.headers.authorization} ${request.body.toString()}`
  return (DEEDS[model] ?? DEEDS['status-400']!)(said, stream)(request, response)
}

function tryJson(bytes: Buffer): JsonObject {
  try {
    return JSON.parse(bytes.toString()) as JsonObject
  } catch {
    return {}
  }
}

/** What clients of four dialects ask, with one prompt in all the places that hold text. */
export function questions(model: string, prompt: string, stream: boolean): { path: string; body: JsonObject }[] {
  const said = [{ role: 'user', content: prompt }]
  return [
    { path: '/v1/chat/completions', body: { model, messages: [{ role: 'system', content: prompt }, ...said], stream } },
    { path: '/v1/messages', body: { model, max_tokens: 9, system: prompt, messages: said, stream } },
    { path: '/v2/chat', body: { model, messages: said, stream } },
    {
      path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      body: { contents: [{ role: 'user', parts: [{ text: prompt }] }] },
    },
    // What nobody understands: refusals like to quote.
    { path: '/v1/chat/completions', body: { model, messages: prompt, stream } },
    {
      path: '/v1/chat/completions',
      body: { model, messages: [{ role: prompt, content: { [prompt]: prompt } }], stream },
    },
    { path: '/v1/messages', body: { model, max_tokens: prompt, messages: said } },
    { path: '/v1/embeddings', body: { model, input: { [prompt]: prompt } } },
    { path: '/v1/files', body: { model, purpose: prompt, input_file_id: prompt } },
  ]
}

/** Asks as a client that loses its patience. */
export async function impatiently(
  house: House,
  path: string,
  key: string,
  body: JsonObject,
): Promise<TestReply | undefined> {
  const headers = { authorization: `Bearer ${key}` }
  return house.gateway.request(path, { headers, body, signal: AbortSignal.timeout(300) }).catch(() => undefined)
}
