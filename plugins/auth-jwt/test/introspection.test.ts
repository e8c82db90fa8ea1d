import type { ServerResponse as Answer } from 'node:http'
import { definePlugin } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { jwtAuth } from '../src/index.ts'
import { AUDIENCE } from './support/issuer.ts'
import { setUp } from './support/setting.ts'

const introspection = { clientId: 'gateway', clientSecret: 'gateway-secret' }
const INTROSPECTION = '/token/introspection'

describe('an opaque token', () => {
  test('is whose its issuer says, who is asked once', async () => {
    await using setting = await setUp(() => ({ introspection, audience: ['https://opaque.example'] }))
    const token = await setting.issuer.token('opaque')
    const replies = await Promise.all([setting.call(token), setting.call(token), setting.call(token)])
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await setting.call(token)).principal).toMatchObject({ id: 'auth-jwt:app' })
    expect(setting.issuer.count(INTROSPECTION)).toBe(1)
  })

  test('is asked about again when it is no longer remembered, and refused once it is revoked', async () => {
    await using setting = await setUp(() => ({ introspection, audience: ['https://opaque.example'], cacheTtl: '1ms' }))
    const token = await setting.issuer.token('opaque')
    expect((await setting.call(token)).status).toBe(200)
    await setting.issuer.revoke(token)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await setting.call(token)).toMatchObject({ status: 401, code: 'invalid_api_key' })
  })

  test('that its issuer does not know is refused, and the issuer is not asked again', async () => {
    await using setting = await setUp(() => ({ introspection }))
    for (let index = 0; index < 3; index++)
      expect(await setting.call('made-up')).toMatchObject({ status: 401, code: 'invalid_api_key' })
    expect(setting.issuer.count(INTROSPECTION)).toBe(1)
  })

  test.each([
    ['is for somebody else', { aud: 'https://other.example' }],
    ['is of another issuer', { iss: 'https://other.example' }],
    ['has expired', { exp: 1 }],
    ['is not valid yet', { nbf: 9e9 }],
    ['lacks a claim that is required', { client_id: undefined }],
    ['is active only in a way of speaking', { active: 'true' }],
    ['expires at no known time', { exp: 'soon' }],
  ])('that %s is refused, though its issuer calls it active', async (_, claims) => {
    await using setting = await setUp(() => ({ introspection, requiredClaims: ['client_id'] }))
    const answer = { active: true, sub: 'app', client_id: 'app' }
    setting.issuer.fail(INTROSPECTION, (_, response) => void response.end(JSON.stringify({ ...answer, ...claims })))
    expect((await setting.call('some-token')).status).toBe(401)
    setting.issuer.fail(INTROSPECTION, (_, response) => void response.end(JSON.stringify(answer)))
    expect((await setting.call('other-token')).status).toBe(200)
  })

  test.each([
    ['is slow', () => undefined],
    ['refuses the gateway', (_: unknown, response: Answer) => response.writeHead(401).end('{}')],
    ['answers with no JSON', (_: unknown, response: Answer) => response.end('active')],
    ['answers without end', (_: unknown, response: Answer) => response.end(`{"active":true,"x":"${'x'.repeat(2e6)}"}`)],
  ])('is neither good nor bad while its issuer %s', async (_, failure) => {
    await using setting = await setUp(() => ({ introspection, timeout: '100ms', audience: ['https://opaque.example'] }))
    const token = await setting.issuer.token('opaque')
    setting.issuer.fail(INTROSPECTION, failure)
    expect(await setting.call(token)).toMatchObject({
      status: 503,
      code: 'overloaded',
      headers: { 'retry-after': '1' },
    })
    const startedAt = performance.now()
    expect((await setting.call(token)).status).toBe(503)
    expect(performance.now() - startedAt).toBeLessThan(90)
  })

  test('is asked about again before long after its issuer failed', async () => {
    await using setting = await setUp(() => ({ introspection, audience: ['https://opaque.example'] }))
    const token = await setting.issuer.token('opaque')
    setting.issuer.fail(INTROSPECTION, (_, response) => void response.destroy())
    expect((await setting.call(token)).status).toBe(503)
    setting.issuer.fail(INTROSPECTION, undefined)
    await expect.poll(async () => (await setting.call(token)).status, { timeout: 3000 }).toBe(200)
  })

  test('is asked about only if it begins as the config says', async () => {
    await using setting = await setUp(() => ({ introspection: { ...introspection, prefix: 'idp_' } }))
    expect((await setting.call('sk-key-of-somebody-else')).status).toBe(401)
    expect(setting.issuer.count(INTROSPECTION)).toBe(0)
    expect((await setting.call('idp_made-up')).status).toBe(401)
    expect(setting.issuer.count(INTROSPECTION)).toBe(1)
  })

  test('that another plugin knows is never shown to the issuer', async () => {
    await using setting = await setUp()
    const others = definePlugin({
      name: 'test-others',
      version: '1.0.0',
      api: 1,
      setup: ({ hooks }) => hooks.authenticate.tap('own', () => ({ id: 'known' })),
    })
    const options = { issuer: setting.issuer.url, audience: [AUDIENCE], introspection }
    await using gateway = await createTestGateway({ plugins: [jwtAuth(options), others()] })
    await gateway.request('/v1/models', { headers: { authorization: 'Bearer sk-own-key' } })
    expect(setting.issuer.count(INTROSPECTION)).toBe(0)
  })

  test('is never asked about if it is a JWT, whoever gave it out', async () => {
    await using setting = await setUp(() => ({ introspection }))
    const foreign = await setting.issuer.forge({ iss: 'https://other.example', exp: 9e9 })
    expect((await setting.call(foreign)).status).toBe(401)
    expect(setting.issuer.count(INTROSPECTION)).toBe(0)
  })
})
