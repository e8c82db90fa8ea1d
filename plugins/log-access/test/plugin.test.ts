import { readFileSync } from 'node:fs'
import { definePlugin } from '@sluice/core'
import type { GatewayConfig, JsonObject, PluginDefinition, PluginInstance } from '@sluice/core'
import { createTestGateway, json, mockUpstream, refusedUrl, testPlugin } from '@sluice/core/testing'
import type { LogEntry, TestGateway } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { compatible } from '@sluice/provider-compatible'
import { echo } from '@sluice/provider-echo'
import { prices } from '@sluice/usage-prices'
import { describe, expect, test } from 'vitest'
import { accessLog } from '../src/index.ts'
import example from './example.config.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const chat = '/v1/chat/completions'
const body: JsonObject = { model: 'echo/echo', messages: [{ role: 'user', content: 'A secret wish' }] }
const figure = expect.any(Number) as number

/** A plugin that does what one test needs. */
const helper = (setup: PluginDefinition['setup']): PluginInstance =>
  definePlugin({ name: 'test-helper', version: '1.0.0', api: 1, setup })()

/** What the plugin logs of what `use` does with a gateway; the gateway is closed by then. */
async function logged(
  plugins: readonly PluginInstance[],
  use: (gateway: TestGateway) => Promise<unknown>,
  config: GatewayConfig = {},
): Promise<LogEntry[]> {
  await using gateway = await createTestGateway({
    server: { logLevel: 'trace' },
    ...config,
    plugins: [openaiDialect(), echo(), plugins],
  })
  await use(gateway)
  await gateway.close()
  return gateway.log.entries.filter(({ plugin }) => plugin === 'log-access')
}

testPlugin({ test, plugin: accessLog() })

test('the example of the README boots and logs', async () => {
  expect(read('../README.md')).toContain(read('example.config.ts'))
  await using gateway = await createTestGateway(example)
  await gateway.request(chat, { body: { ...body, model: 'assistant' } })
  await gateway.close()
  const line = gateway.log.find(({ plugin }) => plugin === 'log-access')
  expect(line).toMatchObject({ model: 'assistant', target: 'echo/echo' })
})

test('the version is that of the package', () => {
  const { version } = JSON.parse(read('../package.json')) as { version: string }
  expect(accessLog.definition.version).toBe(version)
})

test.each([
  ['known', [prices({ prices: { 'vllm/any': { input: 100, output: 100 } } })], 0.001],
  ['unknown', [prices()], null],
  ['not asked for', [], undefined],
])('a cost that is %s is in the line', async (_, pricing, costUsd) => {
  await using upstream = await mockUpstream()
  upstream.reply(json({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 1 } }))
  const vllm = compatible({ vendor: 'vllm', baseUrl: upstream.url })
  const [line] = await logged([accessLog(), vllm, ...pricing], (gateway) =>
    gateway.request(chat, { body: { ...body, model: 'vllm/any' } }),
  )
  expect(line?.['costUsd']).toBe(costUsd)
})

test('the README tells of every field', async () => {
  const upstream = await refusedUrl()
  const lines = await logged(
    [accessLog({ prompts: true }), compatible({ vendor: 'vllm', baseUrl: upstream })],
    async (gateway) => {
      await gateway.request(chat, { body })
      await gateway.request(chat, { body: { ...body, model: 'vllm/any' } })
    },
  )
  const documented = new Set(
    read('../README.md')
      .matchAll(/`(\w+)`/g)
      .map(([, name]) => name),
  )
  const fields = lines.flatMap((line) => Object.keys(line)).filter((name) => !documented.has(name))
  expect(fields).toEqual([])
})

test('a whole answer is one line', async () => {
  const lines = await logged([accessLog()], (gateway) => gateway.request(`${chat}?key=sk-in-the-query`, { body }))
  expect(lines).toEqual([
    {
      level: 'info',
      time: expect.any(String) as string,
      plugin: 'log-access',
      msg: `POST ${chat} 200`,
      exchange: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      method: 'POST',
      path: chat,
      ip: '127.0.0.1',
      dialect: 'openai-chat',
      operation: 'chat',
      stream: false,
      status: 200,
      outcome: 'ok',
      replyPath: 'translated',
      principal: 'anonymous',
      model: 'echo/echo',
      target: 'echo/echo',
      attempts: 1,
      tries: [{ target: 'echo/echo', status: 0, ms: figure }],
      inputTokens: 3,
      outputTokens: 5,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
      ttftMs: figure,
      durationMs: figure,
      overheadMs: figure,
      bytesIn: JSON.stringify(body).length,
      bytesOut: figure,
    },
  ])
})

test('times fit into one another', async () => {
  const [line] = await logged([accessLog(), echo({ delay: '5ms' }, { id: 'slow' })], (gateway) =>
    gateway.request(chat, { body: { ...body, model: 'slow/echo', stream: true } }),
  )
  const { ttftMs, durationMs, overheadMs } = line as unknown as { [name: string]: number }
  expect(durationMs).toBeGreaterThanOrEqual(5 * 5 - 2)
  expect(ttftMs).toBeLessThan(durationMs!)
  expect(overheadMs).toBeLessThanOrEqual(ttftMs!)
})

describe('an exchange that', () => {
  test('a client got wrong is logged at info with its code', async () => {
    const [line] = await logged([accessLog()], (gateway) =>
      gateway.request(chat, { body: { ...body, model: 'nobody' } }),
    )
    expect(line).toMatchObject({
      level: 'info',
      status: 404,
      outcome: 'refused',
      error: 'model_not_found',
      attempts: 0,
    })
    expect(line).not.toHaveProperty('target')
    expect(line).not.toHaveProperty('reason')
  })

  test('failed is logged at warn with every try', async () => {
    await using upstream = await mockUpstream()
    upstream.reply(json({ error: { message: 'Down.' } }, { status: 500 }))
    const config = { models: { both: { targets: ['vllm/first', 'ollama/second'] } } }
    const providers = [
      compatible({ vendor: 'vllm', baseUrl: upstream.url }),
      compatible({ vendor: 'ollama', baseUrl: await refusedUrl() }),
    ]
    const ask = (gateway: TestGateway) => gateway.request(chat, { body: { ...body, model: 'both' } })
    const [line] = await logged([accessLog(), ...providers], ask, config)
    expect(line).toMatchObject({
      level: 'warn',
      outcome: 'failed',
      error: 'upstream_error',
      reason: expect.any(String) as string,
      attempts: 2,
      tries: [
        { target: 'vllm/first', status: 500, ms: figure, error: 'upstream_error' },
        { target: 'ollama/second', status: 0, ms: figure, error: 'upstream_error' },
      ],
    })
    expect(line).not.toHaveProperty('target')
  })

  test('the client left is logged as such', async () => {
    const [line] = await logged([accessLog(), echo({ delay: '1h' }, { id: 'slow' })], async (gateway) => {
      const signal = AbortSignal.timeout(20)
      const given = gateway.request(chat, { body: { ...body, model: 'slow/echo', stream: true }, signal })
      await expect(given).rejects.toThrow()
    })
    expect(line).toMatchObject({ level: 'info', outcome: 'client_closed', target: 'slow/echo', stream: true })
  })

  test('asks no model is logged with what there is', async () => {
    const [line] = await logged([accessLog()], (gateway) => gateway.request('/v1/models'))
    expect(line).toMatchObject({ method: 'GET', operation: 'models', outcome: 'ok', replyPath: 'local', attempts: 0 })
    expect(line).not.toHaveProperty('model')
    expect(line).not.toHaveProperty('inputTokens')
  })

  test('the gateway made for another names that one', async () => {
    const asker = helper(({ gateway, hooks }) => {
      hooks.authorize.tap('ask twice', async (exchange) => {
        if (!exchange.start.parent) await gateway.dispatch({ ...exchange.request }, { parent: exchange })
      })
    })
    const [child, parent] = await logged([accessLog(), asker], (gateway) => gateway.request(chat, { body }))
    expect(child).toMatchObject({ parent: parent?.exchange, dialect: 'gateway', target: 'echo/echo' })
    expect(child).not.toHaveProperty('ip')
  })

  test('has a principal names its key and team', async () => {
    const guard = helper(({ hooks }) => {
      hooks.authenticate.tap('know', () => ({ id: 'ada', key: 'key-1', team: 'engines' }))
    })
    const [line] = await logged([accessLog(), guard], (gateway) => gateway.request(chat, { body }))
    expect(line).toMatchObject({ principal: 'ada', key: 'key-1', team: 'engines' })
  })

  test('lost parameters names them', async () => {
    await using upstream = await mockUpstream()
    upstream.reply(json({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 1 } }))
    const groq = compatible({ vendor: 'groq', apiKey: 'sk-test-0123456789', baseUrl: upstream.url })
    const [line] = await logged([accessLog(), groq], (gateway) =>
      gateway.request(chat, { body: { ...body, model: 'groq/any', logprobs: true } }),
    )
    expect(line).toMatchObject({ dropped: ['logprobs'], replyPath: 'observed', inputTokens: 9, outputTokens: 1 })
  })
})

describe('options', () => {
  test('the address of the client is left out if it is not wanted', async () => {
    const [line] = await logged([accessLog({ ip: false })], (gateway) => gateway.request(chat, { body }))
    expect(line).not.toHaveProperty('ip')
  })

  test('the level is that of the options', async () => {
    const [line] = await logged([accessLog({ level: 'debug' })], (gateway) => gateway.request(chat, { body }))
    expect(line?.level).toBe('debug')
  })

  test('nothing of prompts, answers and credentials is logged unasked', async () => {
    await using gateway = await createTestGateway({
      server: { logLevel: 'trace' },
      plugins: [openaiDialect(), echo(), accessLog()],
    })
    const headers = { authorization: 'Bearer sk-of-the-client', cookie: 'session=sk-of-the-client' }
    await gateway.request(`${chat}?key=sk-of-the-client`, { headers, body })
    await gateway.request(chat, { headers, body: { ...body, model: 'nobody' } })
    await gateway.close()
    expect(gateway.log.entries.filter(({ plugin }) => plugin === 'log-access')).toHaveLength(2)
    expect(gateway.log.text()).not.toMatch(/secret wish|sk-of-the-client/)
  })
})

describe('prompts, if they are wanted', () => {
  const promptOf = async (messages: unknown, ...plugins: PluginInstance[]): Promise<unknown> => {
    const lines = await logged([accessLog({ prompts: true }), ...plugins], (gateway) =>
      gateway.request(chat, { body: { ...body, messages } }),
    )
    return lines[0]?.['prompt']
  }
  const says = (role: string, content: unknown): JsonObject => ({ role, content })
  const call = { id: 'call_1', type: 'function', function: { name: 'get_time', arguments: '{}' } }
  const url = 'https://example.com/cat.png'

  test('are the messages, whatever is in them', async () => {
    const messages = [
      says('system', 'Be brief.'),
      says('user', [
        { type: 'text', text: 'Look' },
        { type: 'image_url', image_url: { url } },
      ]),
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: 'Noon' },
    ]
    expect(await promptOf(messages)).toBe(
      'system: Be brief.\nuser: Look [image]\nassistant: [get_time {}]\ntool: [call_1: Noon]',
    )
  })

  test('end with the newest words where they are long', async () => {
    const long = [says('user', 'a'.repeat(5_000)), says('user', 'b'.repeat(5_000)), says('user', 'The end')]
    const prompt = (await promptOf(long)) as string
    expect(prompt).toHaveLength(8_193)
    expect(prompt).toMatch(/^…a+\nuser: b{5000}\nuser: The end$/)
  })

  test('are what went to the model, not what was taken out before', async () => {
    const redact = helper(({ hooks }) => {
      hooks.transformRequest.tap('redact', (request) => ({
        ...request,
        messages: [{ role: 'user', parts: [{ type: 'text', text: '[redacted]' }] }],
      }))
    })
    expect(await promptOf([says('user', 'My number is 555-0199')], redact)).toBe('user: [redacted]')
  })

  test.each([[[]], [undefined], ['nonsense'], [[{ role: 7 }]]])(
    'are missing where there are none: %o',
    async (messages) => {
      expect(await promptOf(messages)).toBeUndefined()
    },
  )
})
