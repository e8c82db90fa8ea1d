import { json, testPlugin } from '@sluice/core/testing'
import { definePlugin, GatewayError } from '@sluice/core'
import { expect, test } from 'vitest'
import { passthrough } from '../src/index.ts'
import { setUp } from './support/setting.ts'

testPlugin({ test, plugin: passthrough() })

/** Knows one key, which may not use what is passed through to `vendor`. */
const door = definePlugin({
  name: 'test-door',
  version: '1.0.0',
  api: 1,
  setup({ hooks }) {
    hooks.authenticate.tap('key', ({ headers }) => (headers['x-api-key'] === 'right' ? { id: 'tester' } : undefined))
    hooks.authorize.tap('models', ({ model, headers }) => {
      if (model === 'vendor/passthrough' && headers['x-deny']) throw new GatewayError('permission_denied', 'Not you.')
    })
  },
})

test.each([
  [{}, 401, 'invalid_api_key'],
  [{ 'x-api-key': 'wrong' }, 401, 'invalid_api_key'],
  [{ 'x-api-key': 'right', 'x-deny': '1' }, 403, 'permission_denied'],
])('a client with %j is refused, and nothing goes up', async (headers, status, code) => {
  await using setting = await setUp({}, { plugins: [door()] })
  setting.upstream.reply(json({ ok: true }))
  const reply = await setting.send('/passthrough/vendor/files', { headers, body: 'x'.repeat(100_000) })
  expect([reply.status, JSON.parse(reply.body.toString())]).toMatchObject([status, { error: { code } }])
  expect(setting.upstream.requests).toEqual([])
})

test('a client with the right key is let in', async () => {
  await using setting = await setUp({}, { plugins: [door()] })
  setting.upstream.reply(json({ ok: true }))
  expect((await setting.send('/passthrough/vendor/files', { headers: { 'x-api-key': 'right' } })).status).toBe(200)
})
