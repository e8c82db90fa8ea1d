/** What goes wrong reaches applications of Vercel's AI SDK as its own errors: status, message, whether to try again. */
import { endMidStream, json, sse } from '@sluice/core/testing'
import { APICallError } from 'ai'
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aiModels, aiPairs, askAi } from '../support/ai-sdk.ts'
import type { AiModels, AiPair } from '../support/ai-sdk.ts'
import { openArena } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import type { ByDialect, DialectName } from '../support/dialect-names.ts'
import { WIRES } from '../support/wires.ts'

let arena: Arena
let models: AiModels
beforeAll(async () => {
  arena = await openArena()
  models = aiModels(arena.gateway.url)
  globalThis.AI_SDK_LOG_WARNINGS = false
})
afterAll(() => arena[Symbol.asyncDispose]())

const SAID = 'The provider says no.'

async function failing({ client, isStream, target }: AiPair): Promise<Error> {
  return askAi(isStream, { prompt: 'Hello', model: models[client](target) }).then(
    ({ text }) => expect.fail(`the client was answered: ${text}`),
    (error: unknown) => error as Error,
  )
}

test.each(aiPairs())('$upstream refuses $client, streaming: $isStream', async (pair) => {
  for (const status of [400, 429, 503]) {
    // In the words of whichever upstream it is.
    const refusal = { message: SAID, error: { message: SAID, type: 'any', code: status, status: 'ANY' } }
    arena.upstreams[pair.upstream].reply(json(refusal, { status, headers: { 'retry-after': '7' } }))
    const error = await failing(pair)
    expect(error).toBeInstanceOf(APICallError)
    expect(error).toMatchObject({
      statusCode: status,
      isRetryable: status !== 400,
      message: SAID,
      responseHeaders: { 'retry-after': '7' },
    })
  }
})

test.each(aiPairs().filter(({ upstream }) => upstream === 'anthropic'))(
  'the gateway knows no such model: $client, streaming: $isStream',
  async (pair) => {
    expect(await failing({ ...pair, target: 'no-such-model' })).toMatchObject({
      statusCode: 404,
      isRetryable: false,
      message: expect.stringContaining('no-such-model') as string,
    })
  },
)

/** The beginning of an upstream's stream, in whole frames. */
async function beginning(upstream: DialectName): Promise<string> {
  arena.upstreams[upstream].reply(WIRES[upstream].say({ text: 'Once upon a time' }, true))
  const { body } = await request(arena.upstreams[upstream].url, { method: 'POST' })
  const frames = (await body.text()).split(/(?<=\n\r?\n)/)
  return frames.slice(0, frames.findIndex((frame) => frame.includes('Once up')) + 1).join('')
}

/** Bedrock's frames are no text. */
const streams = aiPairs().filter(({ isStream, upstream }) => isStream && upstream !== 'bedrock')

test.each(streams)('$upstream breaks off its answer to $client', async (pair) => {
  const start = await beginning(pair.upstream)
  arena.upstreams[pair.upstream].reply(endMidStream(start, start.length))
  expect((await failing(pair)).name).toBe('AI_StreamProviderError')
})

const REFUSALS: Partial<ByDialect<string>> = {
  'openai-chat': `data: {"error":{"message":"${SAID}","type":"tokens","code":"rate_limit_exceeded"}}\n\n`,
  anthropic: `event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"${SAID}"}}\n\n`,
  gemini: `data: {"error":{"code":503,"message":"${SAID}","status":"UNAVAILABLE"}}\r\n\r\n`,
}

test.each(streams.filter(({ upstream }) => upstream in REFUSALS))(
  '$upstream refuses $client in the middle of its answer',
  async (pair) => {
    arena.upstreams[pair.upstream].reply(sse((await beginning(pair.upstream)) + REFUSALS[pair.upstream]!))
    const { name, message } = await failing(pair)
    expect({ name, message }).toEqual({ name: 'AI_StreamProviderError', message: SAID })
  },
)
