/** Where a second target is asked beside a slow one: what could go wrong between the two. */
import { definePlugin, GatewayError } from '@sluice/core'
import type { Attempt, LocalProvider, Provider, Target } from '@sluice/core'
import { createTestGateway, mockUpstream, stallMidStream } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { compatible } from '@sluice/provider-compatible'
import { expect, test } from 'vitest'

const body = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] }

/** A provider that hedges as `hedgeAfter` says, behind which stand the targets of the model `m`. */
const hedging = (provider: Provider, hedgeAfter: (attempt: Attempt) => number | undefined, targets: Target[]) =>
  definePlugin({
    name: 'route-hedging',
    version: '1.0.0',
    api: 1,
    setup({ addProvider, addModels, hooks }) {
      addProvider(provider)
      addModels({ list: () => [], find: (name) => (name === 'm' ? targets : undefined) })
      hooks.beforeAttempt.tap('hedge', (attempt) => {
        const wait = hedgeAfter(attempt)
        if (wait !== undefined) attempt.hedgeAfter = wait
      })
    },
  })()
const at = (provider: string, model = 'm'): Target => ({ provider, model })

test('a target whose provider is not there is not asked beside another', async () => {
  const slow: LocalProvider = {
    kind: 'local',
    answer: () => new Promise((_, reject) => setTimeout(() => reject(new GatewayError('upstream_error', 'No.')), 30)),
  }
  const targets = [at('route-hedging'), at('gone')]
  await using gateway = await createTestGateway({
    plugins: [openaiDialect(), hedging(slow, () => 1, targets)],
  })
  const reply = await gateway.request('/v1/chat/completions', { body })
  expect(reply.json()).toMatchObject({ error: { message: 'The provider "gone" is not configured.' } })
})

test('no more calls are made than an exchange may make', async () => {
  let calls = 0
  const failing: LocalProvider = {
    kind: 'local',
    async answer({ model }) {
      calls++
      if (model === 'slow') await new Promise((resolve) => setTimeout(resolve, 30))
      throw new GatewayError('upstream_error', 'No.')
    },
  }
  const targets = Array.from({ length: 25 }, (_, index) => at('route-hedging', index === 19 ? 'slow' : 'quick'))
  await using gateway = await createTestGateway({
    plugins: [openaiDialect(), hedging(failing, ({ target }) => (target.model === 'slow' ? 1 : undefined), targets)],
  })
  expect((await gateway.request('/v1/chat/completions', { body })).status).toBe(502)
  expect(calls).toBe(20)
})

test('a call that takes its time to be given up leaves the stream of the other one to be stopped', async () => {
  const upstream = await mockUpstream()
  upstream.reply(stallMidStream('data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n', 100))
  const over = Promise.withResolvers<void>()
  const sluggish: Provider = {
    kind: 'wire',
    dialect: 'openai-chat',
    address: 'nowhere',
    send() {
      const reply = Promise.withResolvers<never>()
      void reply.promise.catch(() => over.resolve())
      return { reply: reply.promise, abort: (reason) => void setTimeout(() => reply.reject(reason), 50) }
    },
  }
  const targets = [at('route-hedging'), at('quick')]
  await using gateway = await createTestGateway({
    plugins: [
      openaiDialect(),
      compatible({ vendor: 'custom', baseUrl: upstream.url }, { id: 'quick' }),
      hedging(sluggish, ({ number }) => (number === 1 ? 1 : undefined), targets),
    ],
  })
  const client = new AbortController()
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, stream: true }),
    signal: client.signal,
  })
  await response.body!.getReader().read()
  await over.promise
  expect(upstream.sockets).toBe(1)
  client.abort()
  await expect.poll(() => upstream.sockets).toBe(0)
  await upstream.close()
})
