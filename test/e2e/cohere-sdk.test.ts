/** Cohere's official client, as its documents show it, through a gateway: to Cohere, and to upstreams that are not. */
import type { JsonObject, Part, StreamPart } from '@sluice/core'
import { json, recordedCases, replayCase, sse } from '@sluice/core/testing'
import type { RecordedCase, UpstreamReply } from '@sluice/core/testing'
import { anthropic } from '@sluice/dialect-anthropic'
import { openaiChat } from '@sluice/dialect-openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assemble, COHERE_MODELS as MODELS, openCohereStage, refusal } from '../support/cohere-stage.ts'
import type { CohereStage } from '../support/cohere-stage.ts'

let stage: CohereStage
beforeAll(async () => {
  stage = await openCohereStage()
})
afterAll(() => stage[Symbol.asyncDispose]())

const messages = [{ role: 'user' as const, content: 'Weather in Rome?' }]
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tools = [{ type: 'function' as const, function: { name: 'weather', description: 'Now', parameters: schema } }]
/** Repeating a call would only hide faults. */
const once = { maxRetries: 0 }

describe('with Cohere as upstream', () => {
  const cases = new Map(recordedCases({ providers: ['cohere'] }).map((recorded) => [recorded.meta.kind, recorded]))
  /** Runs over nothing where there are no recordings. */
  const replays = (...kinds: string[]): [string, RecordedCase][] =>
    kinds.flatMap((kind) => [...cases].filter(([found]) => found === kind))
  const replay = (recorded: RecordedCase): void =>
    stage.upstreams.cohere.reply(replayCase(recorded, { chunk: 'frame' }))
  const field = (object: unknown, ...path: string[]): unknown =>
    path.reduce((found, key) => (found as { [key: string]: unknown } | undefined)?.[key], object)

  test.each(replays('text', 'reasoning-tools'))('hears an answer: %s', async (_, recorded) => {
    replay(recorded)
    const answer = await stage.client.chat({ model: 'assistant', messages, tools })
    const said = recorded.response as { id: string; finish_reason: string; message: JsonObject; usage: JsonObject }
    expect(answer).toMatchObject({ id: said.id, finishReason: said.finish_reason })
    expect(answer.message.content).toEqual(said.message.content)
    expect(answer.message.toolCalls).toEqual(said.message.tool_calls)
    expect(answer.usage?.billedUnits?.outputTokens).toBe(field(said.usage, 'billed_units', 'output_tokens'))
    expect(stage.asked('cohere')).toEqual({ model: 'command-a-03-2025', messages, tools, stream: false })
  })

  test.each(replays('stream-text', 'stream-tools', 'stream-reasoning', 'stream-citations'))(
    'hears a stream: %s',
    async (_, recorded) => {
      replay(recorded)
      const heard = await assemble(await stage.client.chatStream({ model: 'assistant', messages }))
      const events = recorded
        .stream!.toString()
        .split('\n')
        .flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6)) as JsonObject] : []))
      const all = (type: string, ...path: string[]): string =>
        events.flatMap((event) => (event.type === type ? (field(event, ...path) as string) : '')).join('')
      expect(heard.types).toEqual(events.map(({ type }) => type))
      expect(heard.text).toBe(all('content-delta', 'delta', 'message', 'content', 'text'))
      expect(heard.thinking).toBe(all('content-delta', 'delta', 'message', 'content', 'thinking'))
      expect(heard.plan).toBe(all('tool-plan-delta', 'delta', 'message', 'tool_plan'))
      expect(heard.finish).toBe(field(events.at(-1), 'delta', 'finish_reason'))
    },
  )

  test.each(replays('embeddings-int8'))('gets embeddings: %s', async (_, recorded) => {
    replay(recorded)
    const { embeddings, meta } = await stage.client.embed({
      model: MODELS.cohere,
      texts: ['foo bar'],
      inputType: 'search_document',
      embeddingTypes: ['int8'],
    })
    expect(embeddings.int8).toEqual(field(recorded.response, 'embeddings', 'int8'))
    expect(meta?.billedUnits?.inputTokens).toBe(2)
    expect(stage.upstreams.cohere.requests.at(-1)!.path).toBe('/v2/embed')
    expect(stage.asked('cohere')).toEqual({
      model: 'command-a-03-2025',
      texts: ['foo bar'],
      input_type: 'search_document',
      embedding_types: ['int8'],
    })
  })

  test.each(replays('rerank'))('gets a ranking: %s', async (_, recorded) => {
    replay(recorded)
    const { query, documents } = recorded.request as { query: string; documents: string[] }
    const { results, meta } = await stage.client.rerank({ model: MODELS.cohere, query, documents, topN: 3 })
    const ranked = recorded.response!.results as { index: number; relevance_score: number }[]
    expect(results).toEqual(ranked.map(({ index, relevance_score }) => ({ index, relevanceScore: relevance_score })))
    expect(meta?.billedUnits?.searchUnits).toBe(1)
    expect(stage.asked('cohere')).toEqual({ model: 'command-a-03-2025', query, documents, top_n: 3 })
  })

  test.each(replays('error-400-context'))('is refused as Cohere refuses: %s', async (_, recorded) => {
    replay(recorded)
    const { statusCode, body } = await refusal(stage.client.chat({ model: 'assistant', messages }, once))
    expect([statusCode, body]).toEqual([400, recorded.response])
  })

  test.each(replays('stream-error'))('hears of an error in a stream: %s', async (_, recorded) => {
    replay(recorded)
    expect(await assemble(await stage.client.chatStream({ model: 'assistant', messages }))).toMatchObject({
      finish: 'ERROR',
    })
  })
})

describe.each(['openai', 'anthropic'] as const)('with an upstream of %s', (upstream) => {
  const model = MODELS[upstream]
  const dialect = { openai: openaiChat, anthropic }[upstream]
  const codec = dialect.codecs.chat!
  const request = { operation: 'chat' as const, model: 'm', stream: false, messages: [], extensions: {} }
  const context = { id: 'x1', model: 'm', request }
  const usage = { input: { total: 10, cacheRead: 0, cacheWrite: 0 }, output: { total: 20, reasoning: 0 } }
  const call = { type: 'tool-call' as const, id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' }
  const text = (words: string): Part => ({ type: 'text', text: words })

  /** The upstream answers in its own words. */
  const says = (...parts: Part[]): UpstreamReply => {
    const unified = parts.some(({ type }) => type === 'tool-call') ? ('tool-calls' as const) : ('stop' as const)
    const choices = [{ index: 0, parts, finish: { unified } }]
    return json(codec.encodeResponse({ operation: 'chat', id: 'a1', choices, usage, extensions: {} }, context))
  }
  const streams = (...parts: StreamPart[]): UpstreamReply => {
    const writer = codec.stream.writer(context)
    const frames = [{ type: 'start', id: 'a1' } as const, ...parts, { type: 'usage', usage } as const]
    return sse(frames.map((part) => writer.push(part)).join('') + String(writer.end()), { chunk: 'frame' })
  }

  test('chats', async () => {
    stage.upstreams[upstream].reply(says(text('It is sunny.')))
    const answer = await stage.client.chat({ model, messages, temperature: 0.5, maxTokens: 9, stopSequences: ['END'] })
    expect(answer).toMatchObject({
      id: 'a1',
      finishReason: 'COMPLETE',
      message: { role: 'assistant', content: [{ type: 'text', text: 'It is sunny.' }] },
      usage: { billedUnits: { inputTokens: 10, outputTokens: 20 } },
    })
    expect(stage.asked(upstream)).toMatchObject({ messages: [{ role: 'user' }], temperature: 0.5 })
  })

  test('hears a stream', async () => {
    stage.upstreams[upstream].reply(
      streams(
        { type: 'text-delta', block: 0, text: 'It is ' },
        { type: 'text-delta', block: 0, text: 'sunny.' },
        { type: 'finish', finish: { unified: 'length' } },
      ),
    )
    const heard = await assemble(await stage.client.chatStream({ model, messages }))
    expect(heard).toMatchObject({ text: 'It is sunny.', finish: 'MAX_TOKENS' })
    expect(new Set(heard.types)).toEqual(
      new Set(['message-start', 'content-start', 'content-delta', 'content-end', 'message-end']),
    )
  })

  test('hears the calls of a stream', async () => {
    const { id, name, arguments: words } = call
    stage.upstreams[upstream].reply(
      streams(
        { type: 'tool-call-start', block: 0, id, name },
        { type: 'tool-call-delta', block: 0, arguments: words.slice(0, 4) },
        { type: 'tool-call-delta', block: 0, arguments: words.slice(4) },
        { type: 'finish', finish: { unified: 'tool-calls' } },
      ),
    )
    expect(await assemble(await stage.client.chatStream({ model, messages, tools }))).toMatchObject({
      calls: [{ id, name, arguments: words }],
      finish: 'TOOL_CALL',
    })
  })

  test('runs a tool', async () => {
    stage.upstreams[upstream].reply(says(call), says(text('Go out.')))
    const { message } = await stage.client.chat({ model, messages, tools })
    expect(message.toolCalls).toEqual([
      { id: call.id, type: 'function', function: { name: 'weather', arguments: call.arguments } },
    ])
    const result = { role: 'tool' as const, toolCallId: call.id, content: 'sun' }
    const end = await stage.client.chat({ model, messages: [...messages, message, result], tools })
    expect(end.message.content).toEqual([{ type: 'text', text: 'Go out.' }])
    const { messages: turns } = codec.decodeRequest(stage.asked(upstream))
    const parts = turns.flatMap((turn) => turn.parts)
    expect(parts).toContainEqual(expect.objectContaining(call))
    expect(parts).toContainEqual(expect.objectContaining({ type: 'tool-result', callId: call.id }))
  })

  test.each([
    [400, 400],
    [404, 404],
    [429, 429],
    [500, 500],
    [401, 502],
  ])('is refused when that refuses with %i', async (status, expected) => {
    const error = { type: 'invalid_request_error', message: 'The words of the upstream.' }
    stage.upstreams[upstream].reply(json({ type: 'error', error }, { status }))
    const { statusCode, body } = await refusal(stage.client.chat({ model, messages }, once))
    expect(statusCode).toBe(expected)
    expect(body).toMatchObject({ message: expect.any(String), error_type: expect.stringMatching(/^[A-Z_]+$/) })
    expect(JSON.stringify(body).includes('of the upstream')).toBe(status !== 401)
  })
})

test('thoughts that Claude has signed go back to it', async () => {
  const thinking = { type: 'thinking', thinking: 'Rome, then.', signature: 'EqRkc2ln' }
  const redacted = { type: 'redacted_thinking', data: 'ErUBZW5j' }
  const use = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Rome' } }
  const answer = (content: object[]): UpstreamReply =>
    json({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude',
      content,
      stop_reason: 'tool_use',
      usage: {},
    })
  stage.upstreams.anthropic.reply(answer([thinking, redacted, use]), answer([{ type: 'text', text: 'Go out.' }]))
  const budget = { type: 'enabled' as const, tokenBudget: 2000 }
  const request = { model: MODELS.anthropic, tools, thinking: budget, maxTokens: 4000 }
  const { message } = await stage.client.chat({ ...request, messages })
  expect(message.content).toMatchObject([{ type: 'thinking', thinking: 'Rome, then.' }, { type: 'thinking' }])
  const result = { role: 'tool' as const, toolCallId: 'toolu_1', content: 'sun' }
  await stage.client.chat({ ...request, messages: [...messages, message, result] })
  expect(stage.asked('anthropic').messages).toContainEqual({ role: 'assistant', content: [thinking, redacted, use] })

  stage.upstreams.cohere.reply(
    json({ id: 'r1', message: { role: 'assistant', content: [] }, finish_reason: 'COMPLETE' }),
  )
  await stage.client.chat({ model: MODELS.cohere, messages: [...messages, message, result], tools })
  expect(stage.asked('cohere').messages).toContainEqual({
    role: 'assistant',
    content: [{ type: 'thinking', thinking: 'Rome, then.' }],
    tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } }],
  })
})

test('a ranking is refused by a provider that has none', async () => {
  const request = { model: MODELS.openai, query: 'q', documents: ['a'] }
  expect(await refusal(stage.client.rerank(request, once))).toMatchObject({ statusCode: 400 })
})

test('lists the models, and finds one of them', async () => {
  const { models } = await stage.client.models.list()
  expect(models.map(({ name }) => name)).toContain('assistant')
  expect(await stage.client.models.get('assistant')).toMatchObject({ name: 'assistant', endpoints: expect.any(Array) })
  expect(await refusal(stage.client.models.get('nobody', once))).toMatchObject({ statusCode: 404 })
})

test.each<[string, () => PromiseLike<unknown>, number]>([
  ['a model that is not there', () => stage.client.chat({ model: 'nobody', messages }, once), 404],
  ['a question without messages', () => stage.client.chat({ model: 'assistant', messages: [] }, once), 400],
  ['nothing to embed', () => stage.client.embed({ model: 'assistant', inputType: 'search_query' }, once), 400],
  ['nothing to rank', () => stage.client.rerank({ model: 'assistant', query: 'q', documents: [] }, once), 400],
])('is refused for %s', async (_, call, status) => {
  const { statusCode, body } = await refusal(call())
  expect([statusCode, body]).toMatchObject([status, { message: expect.any(String), error_type: expect.any(String) }])
})
