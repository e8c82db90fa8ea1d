/** The official clients give a key of the gateway in their usual way, and are refused with errors of their own. */
import Anthropic from '@anthropic-ai/sdk'
import { ApiError, GoogleGenAI } from '@google/genai'
import { Cohere, CohereClientV2, CohereError } from 'cohere-ai'
import type { JsonObject } from '@sluice/core'
import OpenAI, { AzureOpenAI } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHouse } from './support/house.ts'
import type { House } from './support/house.ts'

type ErrorClass = abstract new (...args: never[]) => Error

interface Sdk {
  name: string
  /** Asks the model `echo`, as an application with this key does. */
  ask: (url: string, apiKey: string, isStream: boolean) => Promise<unknown>
  /** Lists models, if the client can. */
  list?: (url: string, apiKey: string) => Promise<unknown>
  errors: { readonly [status: number]: ErrorClass }
  statusOf: (error: Error) => number | undefined
}

const content = 'Hello'
const messages = [{ role: 'user' as const, content }]

/** Reads a stream to its end. */
async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

const openaiErrors = (sdk: typeof OpenAI | typeof Anthropic): Sdk['errors'] => ({
  401: sdk.AuthenticationError,
  402: sdk.APIError,
  403: sdk.PermissionDeniedError,
  429: sdk.RateLimitError,
})
const openai = (url: string, apiKey: string): OpenAI => new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 })
const azure = (url: string, apiKey: string): AzureOpenAI =>
  new AzureOpenAI({ apiKey, endpoint: url, apiVersion: '2024-10-21', deployment: 'echo', maxRetries: 0 })
const anthropic = (url: string, credential: object): Anthropic =>
  new Anthropic({ apiKey: null, authToken: null, ...credential, baseURL: url, maxRetries: 0 })
const google = (url: string, apiKey: string): GoogleGenAI => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } })
const cohere = (url: string, token: string): CohereClientV2 =>
  new CohereClientV2({ token, environment: url, maxRetries: 0 })

async function askOpenai(client: OpenAI, isStream: boolean): Promise<void> {
  const request = { model: 'echo', messages }
  if (isStream) await drain(await client.chat.completions.create({ ...request, stream: true }))
  else await client.chat.completions.create(request)
}

async function askAnthropic(client: Anthropic, isStream: boolean): Promise<void> {
  const request = { model: 'echo', max_tokens: 64, messages }
  if (isStream) await client.messages.stream(request).finalMessage()
  else await client.messages.create(request)
}

const status = (error: Error): number | undefined => (error as { status?: number }).status

const SDKS: readonly Sdk[] = [
  {
    name: 'openai',
    ask: (url, key, isStream) => askOpenai(openai(url, key), isStream),
    list: (url, key) => openai(url, key).models.list(),
    errors: openaiErrors(OpenAI),
    statusOf: status,
  },
  {
    name: 'openai, for Azure',
    ask: (url, key, isStream) => askOpenai(azure(url, key), isStream),
    errors: openaiErrors(OpenAI),
    statusOf: status,
  },
  {
    name: '@anthropic-ai/sdk with apiKey',
    ask: (url, apiKey, isStream) => askAnthropic(anthropic(url, { apiKey }), isStream),
    list: (url, apiKey) => anthropic(url, { apiKey }).models.list(),
    errors: openaiErrors(Anthropic),
    statusOf: status,
  },
  {
    name: '@anthropic-ai/sdk with authToken',
    ask: (url, authToken, isStream) => askAnthropic(anthropic(url, { authToken }), isStream),
    errors: openaiErrors(Anthropic),
    statusOf: status,
  },
  {
    name: '@google/genai',
    async ask(url, key, isStream) {
      const request = { model: 'echo', contents: content }
      if (isStream) await drain(await google(url, key).models.generateContentStream(request))
      else await google(url, key).models.generateContent(request)
    },
    list: (url, key) => google(url, key).models.list(),
    errors: { 401: ApiError, 402: ApiError, 403: ApiError, 429: ApiError },
    statusOf: status,
  },
  {
    name: 'cohere-ai',
    async ask(url, token, isStream) {
      const request = { model: 'echo', messages }
      const once = { maxRetries: 0 }
      if (isStream) await drain(await cohere(url, token).chatStream(request, once))
      else await cohere(url, token).chat(request, once)
    },
    errors: {
      401: Cohere.UnauthorizedError,
      402: CohereError,
      403: Cohere.ForbiddenError,
      429: Cohere.TooManyRequestsError,
    },
    statusOf: (error) => (error as CohereError).statusCode,
  },
]

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house[Symbol.asyncDispose]())

/** What keys have whose owners are refused, by the status that they get. */
const FIELDS: { readonly [status: number]: JsonObject } = {
  401: { expiresAt: '2020-01-01T00:00:00Z' },
  402: { budget: { amount: 0.000_000_001, period: 'total' } },
  403: { models: ['another'] },
  429: { limits: { requests: '1/day' } },
}

describe.each(SDKS.map((sdk) => [sdk.name, sdk] as const))('%s', (_, { ask, list, errors, statusOf }) => {
  test('is let in with a key of the gateway', async () => {
    const { id, key } = await house.make()
    await ask(house.gateway.url, key, false)
    await ask(house.gateway.url, key, true)
    await list?.(house.gateway.url, key)
    const usage = await house.call('GET', `/admin/v1/usage/rows?keyId=${id}`)
    expect(usage.json()).toMatchObject({
      data: [
        { model: 'echo', status: 200, stream: true },
        { model: 'echo', status: 200, stream: false },
      ],
    })
  })

  test.each(
    Object.keys(FIELDS)
      .map(Number)
      .flatMap(
        (code) =>
          [
            [code, false],
            [code, true],
          ] as const,
      ),
  )('throws the error that it has for %i (stream: %s)', async (code, isStream) => {
    const { key } = await house.make(FIELDS[code])
    if (code === 429) await ask(house.gateway.url, key, isStream)
    const error = await ask(house.gateway.url, key, isStream).then(
      () => expect.fail('the client was answered'),
      (thrown: unknown) => thrown as Error,
    )
    expect(error).toBeInstanceOf(errors[code])
    expect(statusOf(error)).toBe(code)
    expect(error.message).toMatch(/API key|budget|limit/)
  })

  test('is told that a key is wrong', async () => {
    const wrong = ask(house.gateway.url, `sk-sluice-${'0'.repeat(48)}`, false)
    await expect(wrong).rejects.toBeInstanceOf(errors[401])
  })
})
