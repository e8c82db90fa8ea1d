/** What goes wrong reaches the official clients as their own errors: class, status, message, wait. */
import { endMidStream, json, resetBeforeHeaders, sse } from '@sluice/core/testing'
import type { APIError } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Api } from '../support/api.ts'
import { ask, errorClass } from '../support/clients.ts'
import { pairs } from '../support/pairs.ts'
import type { Pair } from '../support/pairs.ts'
import { openStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage[Symbol.asyncDispose]())

/** The error that the client's SDK throws. */
async function failing({ client, isStream, model }: Pair, request: object = {}): Promise<APIError> {
  const heard = ask[client](stage.clients, model, isStream, { request })
  return heard.then(
    () => expect.fail('the client was answered'),
    (error: unknown) => error as APIError,
  )
}

/** A refusal in the words of the API. */
const REFUSALS: { readonly [api in Api]: (type: string) => object } = {
  openai: (type) => ({ error: { message: 'The provider says no.', type, param: null, code: null } }),
  anthropic: (type) => ({ type: 'error', error: { type, message: 'The provider says no.' }, request_id: 'req_1' }),
}

describe.each(pairs)('$name:', (pair) => {
  const { client, upstream } = pair

  test.each([400, 404, 413, 422, 429, 500, 503, 529])('the upstream refuses with %i', async (status) => {
    const type = status < 500 ? 'invalid_request_error' : 'overloaded_error'
    stage.upstreams[upstream].reply(json(REFUSALS[upstream](type), { status, headers: { 'retry-after': '7' } }))
    const error = await failing(pair)
    expect(error).toBeInstanceOf(errorClass(client, status))
    expect(error.status).toBe(status)
    expect(error.message).toContain('The provider says no.')
    expect(error.headers?.get('retry-after')).toBe('7')
  })

  test.each([401, 403])("the upstream refuses the gateway's credential with %i", async (status) => {
    stage.upstreams[upstream].reply(json(REFUSALS[upstream]('authentication_error'), { status }))
    const error = await failing(pair)
    expect(error).toBeInstanceOf(errorClass(client, 502))
    expect(error.status).toBe(502)
    expect(error.message).not.toContain('The provider says no.')
  })

  test('the upstream breaks off without an answer', async () => {
    stage.upstreams[upstream].reply(resetBeforeHeaders())
    const error = await failing(pair)
    expect(error).toBeInstanceOf(errorClass(client, 502))
    expect(error.status).toBe(502)
  })

  test('there is no such model', async () => {
    const error = await failing({ ...pair, model: 'no-such-model' })
    expect(error).toBeInstanceOf(errorClass(client, 404))
    expect(error.message).toContain('no-such-model')
  })

  test('the request names no model', async () => {
    const error = await failing({ ...pair, model: '' })
    expect(error).toBeInstanceOf(errorClass(client, 400))
  })
})

describe.each(pairs.filter(({ client, upstream }) => client !== upstream))('$name:', (pair) => {
  test('the request has no messages', async () => {
    const { requests } = stage.upstreams[pair.upstream]
    const before = requests.length
    const error = await failing(pair, { messages: 'Hello' })
    expect(error).toBeInstanceOf(errorClass(pair.client, 400))
    expect(error.message).toContain('messages')
    expect(requests).toHaveLength(before)
  })
})

const STREAMS: { readonly [api in Api]: { start: string; error: string; status: number } } = {
  openai: {
    start:
      'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Once"},"finish_reason":null}]}\n\n',
    error: 'data: {"error":{"message":"Too much today.","type":"tokens","code":"rate_limit_exceeded"}}\n\n',
    status: 429,
  },
  anthropic: {
    start:
      'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n' +
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n' +
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Once"}}\n\n',
    error: 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Too much today."}}\n\n',
    status: 529,
  },
}

describe.each(pairs.filter(({ isStream }) => isStream))('$name:', (pair) => {
  const { client, upstream } = pair
  const { start, error: refusal, status } = STREAMS[upstream]

  test('an error in place of a stream is a refusal', async () => {
    stage.upstreams[upstream].reply(sse(refusal))
    const error = await failing(pair)
    expect(error).toBeInstanceOf(errorClass(client, status))
    expect(error.status).toBe(status)
    expect(error.message).toContain('Too much today.')
  })

  test('an error within a stream is thrown, not taken for the end', async () => {
    stage.upstreams[upstream].reply(sse(start + refusal, { chunk: 'frame' }))
    const error = await failing(pair)
    expect(error).toBeInstanceOf(errorClass(client, 0))
    expect(error.message).toContain('Too much today.')
  })

  test('a stream that breaks off is an error, not a short answer', async () => {
    stage.upstreams[upstream].reply(endMidStream(start, start.length))
    const error = await failing(pair)
    expect(error).toBeInstanceOf(errorClass(client, 0))
    expect(error.type).toBe(client === 'openai' ? 'server_error' : 'api_error')
  })
})
