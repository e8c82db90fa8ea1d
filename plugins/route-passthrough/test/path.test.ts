/** Where requests go, and where they cannot. */
import { json } from '@sluice/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { locate } from '../src/route.ts'
import { setUp } from './support/setting.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

describe('what stands behind the provider goes below its base URL as it was written', () => {
  test.each([
    ['/passthrough/vendor/files', '/v1/files'],
    ['/passthrough/vendor/', '/v1/'],
    ['/passthrough/vendor/files/file-1/content', '/v1/files/file-1/content'],
    ['/passthrough/vendor/models?limit=2&after=a%26b', '/v1/models?limit=2&after=a%26b'],
    ['/passthrough/vendor/a?b=1&b=2&c', '/v1/a?b=1&b=2&c'],
    ['/passthrough/vendor/a?', '/v1/a'],
    ['/passthrough/vendor/model/arn%3Aaws%2Fx/converse', '/v1/model/arn%3Aaws%2Fx/converse'],
    ['/passthrough/vendor/models/m:generateContent', '/v1/models/m:generateContent'],
    ['/passthrough/vendor/a..b/...c/.d', '/v1/a..b/...c/.d'],
    ['/passthrough/vendor/%E2%82%AC%20x', '/v1/%E2%82%AC%20x'],
    ['/passthrough/vendor//a//', '/v1//a//'],
    ['/passthrough/v%65ndor/a', '/v1/a'],
  ])('%s → %s', async (path, expected) => {
    await using setting = await setUp()
    setting.upstream.reply(json({ ok: true }))
    expect((await setting.send(path)).status).toBe(200)
    expect(setting.upstream.requests.map((request) => request.path)).toEqual([expected])
  })
})

test.each(METHODS)('%s goes up as it is', async (method) => {
  await using setting = await setUp()
  setting.upstream.reply(json({ ok: true }))
  expect((await setting.send('/passthrough/vendor/x', { method })).status).toBe(200)
  expect(setting.upstream.requests).toMatchObject([{ method, path: '/v1/x' }])
})

test.each([
  '/passthrough/vendor/../admin',
  '/passthrough/vendor/a/../../admin',
  '/passthrough/vendor/..',
  '/passthrough/vendor/%2e%2e/admin',
  '/passthrough/vendor/.%2E/admin',
  '/passthrough/vendor/..%2fadmin',
  '/passthrough/vendor/x%2f..%2f..%2fadmin',
  '/passthrough/vendor/..%5cadmin',
  '/passthrough/vendor/..\\admin',
  '/passthrough/vendor/%252e%252e%252fadmin',
  '/passthrough/vendor/%25252e%25252e/admin',
  '/passthrough/vendor/..;/admin',
  '/passthrough/vendor/..%3bx/admin',
  '/passthrough/vendor/..%20/admin',
  '/passthrough/vendor/..%00/admin',
  '/passthrough/vendor/a%0d%0aHost:x',
  '/passthrough/vendor/%c0%ae%c0%ae/admin',
  '/passthrough/vendor/%zz',
  '/passthrough/vendor/./admin',
  '/passthrough/vendor%2fx/admin',
  '/passthrough/vendor%2f..%2f/admin',
])('%s does not leave the base path', async (path) => {
  await using setting = await setUp()
  const reply = await setting.send(path)
  expect([reply.status, JSON.parse(reply.body.toString())]).toMatchObject([400, { error: { code: 'invalid_request' } }])
  expect(setting.upstream.requests).toEqual([])
})

test('whatever is let through stays below the base path, however often it is decoded', () => {
  const piece = fc.constantFrom('.', '..', '/', '\\', '%2e', '%2F', '%5C', '%25', '%252e', '%', 'a', ';', '%00', ' ')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const request = { path: `/passthrough/p/${pieces.join('')}`, params: { provider: 'p' }, search: '' }
      let route
      try {
        route = locate({ ...request, method: 'GET', headers: {} }, undefined)
      } catch {
        return
      }
      for (let text = route.path; ;) {
        expect(new URL(`http://host/base/x${text}`).pathname).toMatch(/^\/base\/x\//)
        const decoded = decodeURIComponent(text)
        if (decoded === text) return
        text = decoded
      }
    }),
    { numRuns: 2_000 },
  )
})

describe("the gateway's credential in the query does not go up", () => {
  test.each([
    ['?key=secret', ''],
    ['?key=secret&a=1', '?a=1'],
    ['?a=1&key=secret&b=%20', '?a=1&b=%20'],
    ['?%6bey=secret&a', '?a'],
    ['?key', ''],
    ['?key=secret&key=secret2', ''],
    ['?keys=1&Key=2&my-key=3', '?keys=1&Key=2&my-key=3'],
  ])('%s → %s', (search, expected) => {
    const route = locate(
      { path: '/passthrough/p/x', params: { provider: 'p' }, search, method: 'GET', headers: {} },
      undefined,
    )
    expect(route.path).toBe(`/x${expected}`)
  })
})

describe('who may be reached', () => {
  test('an unknown provider is not found', async () => {
    await using setting = await setUp()
    const reply = await setting.send('/passthrough/vendro/x')
    expect([reply.status, JSON.parse(reply.body.toString())]).toMatchObject([
      404,
      { error: { code: 'model_not_found' } },
    ])
  })

  test('a provider inside the gateway has no API to reach', async () => {
    await using setting = await setUp()
    const reply = await setting.send('/passthrough/echo/x', { body: '{}' })
    expect([reply.status, JSON.parse(reply.body.toString())]).toMatchObject([
      400,
      { error: { code: 'invalid_request' } },
    ])
  })

  test('only the listed providers are, if there is a list', async () => {
    await using setting = await setUp({ providers: ['other'] })
    const reply = await setting.send('/passthrough/vendor/x')
    expect([reply.status, JSON.parse(reply.body.toString())]).toMatchObject([
      403,
      { error: { code: 'permission_denied' } },
    ])
    expect(setting.upstream.requests).toEqual([])
  })

  test('only the listed methods pass, if there is a list', async () => {
    await using setting = await setUp({ methods: ['GET'] })
    setting.upstream.reply(json({ ok: true }))
    expect((await setting.send('/passthrough/vendor/x')).status).toBe(200)
    const reply = await setting.send('/passthrough/vendor/x', { method: 'DELETE' })
    expect([reply.status, reply.headers['allow']]).toEqual([405, 'HEAD, GET'])
  })

  test('the model of such an exchange is the provider with `passthrough`', async () => {
    await using setting = await setUp()
    setting.upstream.reply(json({ ok: true }))
    const reply = await setting.send('/passthrough/vendor/x')
    await expect.poll(() => setting.ends).toMatchObject([{ model: 'vendor/passthrough', operation: 'passthrough' }])
    expect(reply.headers['x-sluice-model']).toBe('vendor/passthrough')
  })
})
