/** Whatever a vendor is known to offer reaches it, in the form that it has; whatever it is not known to offer does not. */
import { createTestGateway, json, mockUpstream, recordedCases, replayCase, sse } from '@sluice/core/testing'
import type { TestReply, TestRequest, UpstreamReply, UpstreamRequest } from '@sluice/core/testing'
import type { JsonObject } from '@sluice/core'
import { openaiDialect } from '@sluice/dialect-openai'
import { describe, expect, test } from 'vitest'
import { compatible, VENDORS } from '../src/index.ts'
import type { Offer, Vendor, VendorName } from '../src/index.ts'

const table: { readonly [name: string]: Vendor } = VENDORS
const vendors = Object.keys(VENDORS) as VendorName[]
const apiKey = 'sk-test-0123456789'

/** Sends a request through a gateway to a provider of `vendor`, whose instance is called `it`. */
async function ask(
  vendor: VendorName,
  path: string,
  init: TestRequest,
  answer: UpstreamReply,
): Promise<{ reply: TestReply; request: UpstreamRequest | undefined }> {
  await using upstream = await mockUpstream()
  upstream.reply(answer)
  const plugin = compatible({ vendor, apiKey, baseUrl: `${upstream.url}/base` }, { id: 'it' })
  const dialect = openaiDialect({ filesProvider: 'it' })
  await using gateway = await createTestGateway({ plugins: [dialect, plugin] })
  const reply = await gateway.request(path, init)
  return { reply, request: upstream.requests[0] }
}

const form: TestRequest = {
  method: 'POST',
  headers: { 'content-type': 'multipart/form-data; boundary=b' },
  body: '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nit/m\r\n--b--\r\n',
}
const body = (fields: JsonObject): TestRequest => ({ body: { model: 'it/m', ...fields } })
const vectors = { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0.5] }] }
const ranking = { results: [{ index: 1, relevance_score: 0.5 }], usage: { total_tokens: 3 } }

/** What clients send, where it must arrive, and what comes back as it is. */
const forms: { readonly [offer in Offer]: { path: string; init: TestRequest; up: string; answer: JsonObject } } = {
  chat: {
    path: '/v1/chat/completions',
    init: body({ messages: [{ role: 'user', content: 'Hi' }] }),
    up: '/chat/completions',
    answer: { choices: [] },
  },
  responses: {
    path: '/v1/responses',
    init: body({ input: 'Hi' }),
    up: '/responses',
    answer: { object: 'response', status: 'completed', output: [] },
  },
  completions: {
    path: '/v1/completions',
    init: body({ prompt: ['Hi', 'Ho'] }),
    up: '/completions',
    answer: { object: 'text_completion', choices: [] },
  },
  embeddings: { path: '/v1/embeddings', init: body({ input: 'Hi' }), up: '/embeddings', answer: vectors },
  rerank: { path: '/v1/rerank', init: body({ query: 'q', documents: ['a', 'b'] }), up: '/rerank', answer: ranking },
  'voyage-rerank': {
    path: '/v1/rerank',
    init: body({ query: 'q', documents: ['a', 'b'] }),
    up: '/rerank',
    answer: { data: ranking.results },
  },
  moderations: { path: '/v1/moderations', init: body({ input: 'Hi' }), up: '/moderations', answer: { results: [] } },
  images: {
    path: '/v1/images/generations',
    init: body({ prompt: 'A cat' }),
    up: '/images/generations',
    answer: { data: [] },
  },
  'image-edits': { path: '/v1/images/edits', init: form, up: '/images/edits', answer: { data: [] } },
  speech: {
    path: '/v1/audio/speech',
    init: body({ input: 'Hi', voice: 'v' }),
    up: '/audio/speech',
    answer: { bytes: 1 },
  },
  transcription: {
    path: '/v1/audio/transcriptions',
    init: form,
    up: '/audio/transcriptions',
    answer: { text: 'Hallo' },
  },
  files: { path: '/v1/files', init: {}, up: '/files', answer: { object: 'list', data: [] } },
}

describe.each(vendors)('%s', (vendor) => {
  const offers: readonly Offer[] = table[vendor]!.offers

  test.each(offers)('offers %s', async (offer) => {
    const { path, init, up, answer } = forms[offer]
    const { reply, request } = await ask(vendor, path, init, json(answer))
    expect(reply.status).toBe(200)
    expect(request).toMatchObject({ method: init.method ?? (init.body ? 'POST' : 'GET'), path: `/base${up}` })
    expect(request!.headers.authorization).toBe(`Bearer ${apiKey}`)
    if (offer !== 'files') expect(request!.body.toString()).toMatch(/\r\nm\r\n|"model":"m"/)
    if (offer !== 'voyage-rerank') expect(reply.text).toBe(JSON.stringify(answer))
  })

  // What one API for chat lacks, another one has; what else a vendor lacks is refused.
  const chats: readonly Offer[] = ['chat', 'responses', 'completions']
  const others = (Object.keys(forms) as Offer[]).filter(
    (offer) => !offers.includes(offer) && !offer.startsWith('voyage'),
  )
  const lost = others.filter(
    (offer) => !chats.includes(offer) && !(offer === 'rerank' && offers.includes('voyage-rerank')),
  )
  test.each(lost)('does not offer %s', async (offer) => {
    const { path, init, answer } = forms[offer]
    const { reply, request } = await ask(vendor, path, init, json(answer))
    expect(reply.json()).toMatchObject({ error: { code: 'invalid_request' } })
    expect(request).toBeUndefined()
  })

  const translated = offers.includes('chat') ? others.filter((offer) => chats.includes(offer)) : []
  test.each(translated)('takes %s as a chat', async (offer) => {
    const prompt = offer === 'completions' ? body({ prompt: 'Hi' }) : forms[offer].init
    const answer = { choices: [{ index: 0, message: { role: 'assistant', content: 'Ho' }, finish_reason: 'stop' }] }
    const { reply, request } = await ask(vendor, forms[offer].path, prompt, json(answer))
    expect(request!.path).toBe('/base/chat/completions')
    expect(request!.json()).toMatchObject({ messages: [{ role: 'user', content: 'Hi' }] })
    expect(reply.text).toContain('"Ho"')
  })
})

describe('legacy completions of a vendor that has only chats', () => {
  test('stream', async () => {
    const stream =
      'data: {"id":"c","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"Ho"}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}\n\ndata: [DONE]\n\n'
    const { reply } = await ask('groq', '/v1/completions', body({ prompt: 'Hi', stream: true }), sse(stream))
    const chunks = reply.text.split('\n\n').map((frame) => frame.slice('data: '.length))
    expect(chunks.pop()).toBe('')
    expect(chunks.pop()).toBe('[DONE]')
    const choices = chunks.map((chunk) => (JSON.parse(chunk) as { choices: JsonObject[] }).choices[0]!)
    expect(choices.map(({ text }) => text).join('')).toBe('Ho')
    expect(choices.at(-1)).toMatchObject({ finish_reason: 'length', index: 0, logprobs: null })
    expect(JSON.parse(chunks[0]!)).toMatchObject({ id: 'c', object: 'text_completion', created: 7, model: 'm' })
  })

  test.each([
    ['a text that follows', { prompt: 'a', suffix: 'b' }, 'suffix'],
    ['an echo', { prompt: 'a', echo: true }, 'echo'],
    ['several prompts', { prompt: ['a', 'b'] }, 'messages'],
    ['token ids', { prompt: [1, 2] }, 'messages'],
  ])('refuse %s', async (_, sent, param) => {
    const { reply, request } = await ask('groq', '/v1/completions', body(sent), json({ choices: [] }))
    expect(reply.json()).toMatchObject({ error: { code: 'invalid_request', param } })
    expect(request).toBeUndefined()
  })

  test('report what is lost, and not what says nothing', async () => {
    const said = { prompt: 'Hi', best_of: 3, logprobs: 5, logit_bias: { 5: 1 } }
    const { reply } = await ask('deepseek', '/v1/completions', body(said), json({ choices: [] }))
    expect(reply.headers['x-sluice-dropped-params']!.toString().split(', ').sort()).toEqual([
      'best_of',
      'logit_bias',
      'logprobs',
    ])
    const silent = { prompt: 'Hi', best_of: 1, echo: false, suffix: null, logprobs: null }
    const quiet = await ask('deepseek', '/v1/completions', body(silent), json({ choices: [] }))
    expect(quiet.reply.headers['x-sluice-dropped-params']).toBeUndefined()
  })
})

describe('what vectors are for, how long they are and what is cut off', () => {
  const said = { input: ['Hi'], input_type: 'search_document', dimensions: 8, truncate: 'END' }
  test.each<{ vendor: VendorName; more?: JsonObject; sent: JsonObject; dropped?: string }>([
    { vendor: 'together', sent: { input: ['Hi'], dimensions: 8 }, dropped: 'input_type, truncate' },
    {
      vendor: 'mistral',
      more: { user: 'ada', encoding_format: 'base64' },
      sent: { input: ['Hi'], output_dimension: 8, encoding_format: 'base64' },
      dropped: 'input_type, truncate, user',
    },
    {
      vendor: 'nvidia',
      more: { input_type: 'document', truncate: 'end' },
      sent: { input: ['Hi'], input_type: 'passage', dimensions: 8, truncate: 'END' },
    },
    { vendor: 'nvidia', more: { input_type: 'passage' }, sent: { ...said, input_type: 'passage' } },
    {
      vendor: 'voyage',
      more: { input_type: 'document', truncate: 'end', encoding_format: 'float', user: 'ada' },
      sent: { input: ['Hi'], input_type: 'document', output_dimension: 8, truncation: true },
      dropped: 'user',
    },
    {
      vendor: 'voyage',
      more: { input_type: 'clustering', truncate: 'start', encoding_format: 'base64' },
      sent: { input: ['Hi'], output_dimension: 8, encoding_format: 'base64' },
      dropped: 'input_type, truncate',
    },
    {
      vendor: 'jina',
      more: { input_type: 'query', truncate: 'none', encoding_format: 'base64' },
      sent: { input: ['Hi'], task: 'retrieval.query', dimensions: 8, truncate: false, embedding_type: 'base64' },
    },
  ])('$vendor', async ({ vendor, more, sent, dropped }) => {
    const { reply, request } = await ask(vendor, '/v1/embeddings', body({ ...said, ...more }), json(vectors))
    expect(request!.json()).toEqual({ model: 'm', ...sent })
    expect(reply.headers['x-sluice-dropped-params']).toBe(dropped)
  })

  test('a client that speaks as the vendor does is not interfered with', async () => {
    const native = { input: 'Hi', input_type: 'query', output_dimension: 8, truncation: false, output_dtype: 'int8' }
    const bytes = JSON.stringify({ model: 'it/m', ...native }, undefined, 1)
    const { request } = await ask('voyage', '/v1/embeddings', { method: 'POST', body: bytes }, json(vectors))
    expect(request!.body.toString()).toBe(bytes.replace('it/m', 'm'))
  })
})

describe('reranking at Voyage', () => {
  const asked = { query: 'q', documents: ['a', { text: 'b' }], top_n: 1, return_documents: true }
  const answer = {
    object: 'list',
    data: [{ index: 1, relevance_score: 0.75, document: 'b' }],
    model: 'rerank-2.5',
    usage: { total_tokens: 26 },
  }

  test('is asked in Voyage’s words and answered in the client’s', async () => {
    const { reply, request } = await ask('voyage', '/v1/rerank', body(asked), json(answer))
    expect(request!.json()).toEqual({ model: 'm', query: 'q', documents: ['a', 'b'], top_k: 1, return_documents: true })
    expect(reply.json()).toEqual({
      model: 'rerank-2.5',
      results: [{ index: 1, relevance_score: 0.75, document: { text: 'b' } }],
      usage: { total_tokens: 26, prompt_tokens: 26 },
    })
  })

  test('takes no documents without a text', async () => {
    const { reply } = await ask('voyage', '/v1/rerank', body({ ...asked, documents: [{ title: 'b' }] }), json(answer))
    expect(reply.json()).toMatchObject({ error: { code: 'invalid_request', param: 'documents[0]' } })
  })

  test('its refusals are understood', async () => {
    const refusal = json({ detail: 'Model m is not supported.' }, { status: 400 })
    const { reply } = await ask('voyage', '/v1/rerank', body(asked), refusal)
    expect(reply).toMatchObject({ status: 400 })
    expect(reply.json()).toMatchObject({ error: { message: 'Model m is not supported.' } })
  })
})

test('thoughts of another provider do not go to one that speaks the Responses API', async () => {
  const marked = Buffer.from('sluice:{"origin":"anthropic","signature":"s"}').toString('base64')
  const thought = { type: 'reasoning', summary: [], encrypted_content: marked }
  const question = { role: 'user', content: 'Hi' }
  const { reply, request } = await ask(
    'xai',
    '/v1/responses',
    body({ input: [thought, question] }),
    json({ output: [] }),
  )
  expect(request!.json()).toEqual({ model: 'm', input: [question] })
  expect(reply.headers['x-sluice-dropped-params']).toBe('messages.reasoning')
})

const recorded = recordedCases({ providers: Object.keys(table), endpoints: ['embeddings', 'rerank', 'responses'] })
describe.skipIf(recorded.length === 0)('recorded traffic passes as it is', () => {
  test.each(recorded)('$name', async (recorded) => {
    const { endpoint, provider, model } = recorded.meta
    await using upstream = await mockUpstream()
    upstream.reply(replayCase(recorded, { chunk: 500 }))
    const plugin = compatible({ vendor: provider as VendorName, apiKey, baseUrl: upstream.url }, { id: 'it' })
    await using gateway = await createTestGateway({
      models: { [model]: `it/${model}` },
      plugins: [openaiDialect(), plugin],
    })
    const sent = recorded.requestBytes ?? Buffer.from(JSON.stringify({ model, input: 'Hi' }))
    const reply = await gateway.request(`/v1/${endpoint}`, { method: 'POST', body: sent })
    expect(upstream.requests[0]).toMatchObject({ path: `/${endpoint}` })
    expect(upstream.requests[0]!.body.equals(sent)).toBe(true)
    if (recorded.status < 400) expect(reply.text).toBe((recorded.stream ?? recorded.responseBytes)!.toString())
    // A wrong key is the gateway's trouble.
    else expect(reply.status).toBe(recorded.name.includes('error-400-key') ? 502 : recorded.status)
  })
})
