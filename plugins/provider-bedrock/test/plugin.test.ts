import { readFileSync } from 'node:fs'
import {
  createTestGateway,
  json,
  mockUpstream,
  recordedCases,
  replayCase,
  testPlugin,
  testProvider,
} from '@sluice/core/testing'
import { bedrockDialect } from '@sluice/dialect-bedrock'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bedrock } from '../src/index.ts'
import example from './example.config.ts'
import { MESSAGES, sendWithSdk, signing } from './sdk.ts'
import { KEYS, openStage } from './stage.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const region = 'eu-central-1'
const keys = { region, ...KEYS }
const MODEL = 'anthropic.claude-3-haiku-20240307-v1:0'
const PATH = '/model/anthropic.claude-3-haiku-20240307-v1%3A0'

afterEach(() => vi.unstubAllEnvs())

testPlugin({ test, plugin: bedrock(keys), supporting: [bedrockDialect()] })

testProvider({
  test,
  plugin: ({ apiKey, ...options }) => bedrock({ region, apiKey, ...options }),
  dialectPlugin: bedrockDialect(),
  model: MODEL,
  credential: { header: 'authorization', value: (key) => `Bearer ${key}` },
  paths: { chat: `${PATH}/converse`, stream: `${PATH}/converse-stream` },
})

test('the example of the README boots', async () => {
  expect(read('../README.md')).toContain(read('example.config.ts'))
  const environment = { BEDROCK_ACCESS_KEY_ID: 'AKIAEXAMPLE', BEDROCK_SECRET_ACCESS_KEY: 'secret-0123456789' }
  await using gateway = await createTestGateway(example, { environment })
  expect(gateway.gateway.inspect().providers).toEqual([
    {
      id: 'bedrock',
      kind: 'wire',
      dialect: 'bedrock',
      address: 'https://bedrock-runtime.eu-central-1.amazonaws.com',
      vendor: 'aws',
    },
  ])
})

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(bedrock.definition.version).toBe(version)
})

describe('the address', () => {
  const addressOf = async (options: Parameters<typeof bedrock>[0]) => {
    await using gateway = await createTestGateway({ plugins: [bedrockDialect(), bedrock(options)] })
    return (gateway.gateway.inspect().providers[0] as { address: string }).address
  }

  test('is that of the region, which may stand in the environment', async () => {
    vi.stubEnv('AWS_REGION', 'us-west-2')
    expect(await addressOf({})).toBe('https://bedrock-runtime.us-west-2.amazonaws.com')
    expect(await addressOf({ region: 'cn-north-1' })).toBe('https://bedrock-runtime.cn-north-1.amazonaws.com.cn')
    expect(await addressOf({ baseUrl: 'https://vpce-1.example.com/' })).toBe('https://vpce-1.example.com')
  })

  test.each([
    ['no region', {}],
    ['a region that is none', { region: 'example.com/x' }],
    ['half a pair of keys', { region, accessKeyId: 'AKIAEXAMPLE' }],
    ['two credentials', { ...keys, apiKey: 'key' }],
    ['an address that is none', { ...keys, baseUrl: 'ftp://example.com' }],
  ])('at boot, %s is refused', async (_, options) => {
    vi.stubEnv('AWS_REGION', '')
    vi.stubEnv('AWS_DEFAULT_REGION', '')
    const boot = createTestGateway({ plugins: [bedrockDialect(), bedrock(options)] })
    await expect(boot).rejects.toMatchObject({ code: 'config_invalid' })
  })
})

const body = { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }
const answer = {
  output: { message: { role: 'assistant', content: [{ text: 'Hello' }] } },
  stopReason: 'end_turn',
  usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
}

describe('a request', () => {
  const ask = async (options: object, path = `/model/bedrock%2F${encodeURIComponent(MODEL)}/converse`) => {
    await using upstream = await mockUpstream()
    upstream.reply(json(answer))
    const plugin = bedrock({ region, baseUrl: upstream.url, ...options })
    await using gateway = await createTestGateway({ plugins: [bedrockDialect(), plugin] })
    const headers = {
      authorization: 'Bearer client-key',
      'x-amz-date': '20200101T000000Z',
      'x-amz-security-token': 'client',
    }
    const reply = await gateway.request(path, { body, headers })
    return { reply, upstream: upstream.requests[0], log: gateway.log.text() }
  }

  test('is signed with the keys of the options, and not with the client’s', async () => {
    const { reply, upstream, log } = await ask(keys)
    expect(reply.status).toBe(200)
    expect(upstream!.path).toBe(`${PATH}/converse`)
    expect(upstream!.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/\d{8}\/eu-central-1\/bedrock\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/,
    )
    expect(JSON.stringify(upstream!.headers)).not.toContain('client')
    expect(upstream!.json()).toEqual(body)
    expect(log).not.toContain(keys.secretAccessKey)
  })

  test('is signed with the keys of the environment, or has its bearer token', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENV')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    expect((await ask({})).upstream!.headers.authorization).toContain('Credential=AKIAENV/')
    vi.stubEnv('AWS_BEARER_TOKEN_BEDROCK', 'bedrock-key')
    expect((await ask({})).upstream!.headers.authorization).toBe('Bearer bedrock-key')
    expect((await ask(keys)).upstream!.headers.authorization).toContain('Credential=AKIAEXAMPLE/')
  })

  test('without credentials is the gateway’s trouble, which the log tells', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_BEARER_TOKEN_BEDROCK', 'AWS_PROFILE']) vi.stubEnv(name, '')
    const { reply, upstream, log } = await ask({ profile: 'nobody-has-this' })
    expect([reply.status, upstream]).toEqual([502, undefined])
    expect(reply.text).not.toContain('nobody-has-this')
    expect(log).toContain('nobody-has-this')
  })

  test('for a model that is none is the client’s mistake', async () => {
    const { reply, upstream } = await ask(keys, '/model/bedrock%2Fa%20b/converse')
    expect([reply.status, upstream, reply.json().__type]).toEqual([400, undefined, 'ValidationException'])
  })
})

const streams = recordedCases({ providers: ['bedrock'], endpoints: ['converse-stream'] })

describe('with AWS’s own SDK as the client', () => {
  test.each(streams.map((recorded) => [recorded.name, recorded] as const))(
    '%s comes through byte for byte',
    async (_, recorded) => {
      await using stage = await openStage()
      stage.upstream.reply(replayCase(recorded, { chunk: 100 }))
      const input = { modelId: 'fast', messages: MESSAGES }
      const through = await sendWithSdk(stage.gateway.url, 'ConverseStream', input)
      const direct = await sendWithSdk(stage.upstream.url, 'ConverseStream', input, signing(KEYS))
      expect(through).toEqual(direct)
      expect(through.length).toBeGreaterThan(5)
    },
  )
})
