import { describe, expect, test } from 'vitest'
import { definePlugin, env, Type } from '../../src/index.ts'
import { createTestGateway, json, mockUpstream } from '../../src/testing/index.ts'
import { SAMPLE_REQUESTS, SAMPLE_RESPONSES } from '../../src/testing/index.ts'
import { dialectToy, providerToy } from './toy-plugins.ts'

const toy = (baseUrl: string) => ({
  models: { fast: 'provider-toy/toy-1' },
  plugins: [dialectToy(), providerToy()({ apiKey: 'toy-credential', baseUrl })],
})

describe('a test gateway', () => {
  test('serves requests on a free port, in JSON or in bytes', async () => {
    await using upstream = await mockUpstream()
    upstream.reply(json(SAMPLE_RESPONSES.text))
    await using gateway = await createTestGateway({ ...toy(upstream.url), server: { port: 8080 } })
    const body = { ...SAMPLE_REQUESTS.text, model: 'fast' }
    for (const form of [body, Buffer.from(JSON.stringify(body)), JSON.stringify(body)]) {
      const reply = await gateway.request('/toy', { headers: { 'content-type': 'application/json' }, body: form })
      expect([reply.status, reply.json()]).toEqual([200, SAMPLE_RESPONSES.text])
    }
    expect(gateway.url).not.toContain(':8080')
    expect(upstream.requests.map((request) => request.json()['model'])).toEqual(['toy-1', 'toy-1', 'toy-1'])
  })

  test('keeps its log', async () => {
    const talkative = definePlugin({
      name: 'log-talk',
      version: '1.0.0',
      api: 1,
      setup({ log }) {
        log.warn({ answer: 42 }, 'hello')
      },
    })
    await using gateway = await createTestGateway({ plugins: [talkative()] })
    expect(gateway.log.find(({ msg }) => msg === 'hello')).toMatchObject({
      level: 'warn',
      answer: 42,
      plugin: 'log-talk',
    })
    expect(gateway.log.find(({ msg }) => msg === 'bye')).toBeUndefined()
    expect(gateway.log.text()).toContain('"hello"')
  })

  test('reads the environment that it is given', async () => {
    let seen: string | undefined
    const reader = definePlugin({
      name: 'log-environment',
      version: '1.0.0',
      api: 1,
      options: Type.Object({ value: Type.String() }, { additionalProperties: false }),
      setup: ({ options }) => void (seen = options.value),
    })
    const config = { plugins: [reader({ value: env('SLUICE_KIT_VALUE') })] }
    await using _gateway = await createTestGateway(config, { environment: { SLUICE_KIT_VALUE: 'given' } })
    expect(seen).toBe('given')
  })

  test('passes on that a config is wrong', async () => {
    await expect(createTestGateway({ models: { a: 'nobody/x' } })).rejects.toMatchObject({ code: 'config_invalid' })
  })

  test('is gone after close', async () => {
    const gateway = await createTestGateway({})
    expect((await gateway.request('/health/live')).status).toBe(200)
    await gateway.close()
    await gateway.close()
    await expect(fetch(gateway.url)).rejects.toThrow()
  })
})
