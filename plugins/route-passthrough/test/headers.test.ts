/** Which headers go up, and which come down. */
import { body, json, text } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { OWN, setUp } from './support/setting.ts'

describe('what goes up', () => {
  const sent = {
    accept: 'application/vnd.vendor+json',
    'user-agent': 'someone/1.0',
    'x-vendor-feature': 'on',
    'idempotency-key': 'once',
    'if-none-match': '"etag"',
    range: 'bytes=0-9',
    'content-type': 'application/json; charset=utf-8',
  }

  test('all that the client says about its request', async () => {
    await using setting = await setUp()
    setting.upstream.reply(json({ ok: true }))
    await setting.send('/passthrough/vendor/x', { headers: sent, body: '{"a":1}' })
    expect(setting.upstream.requests[0]!.headers).toMatchObject({ ...sent, ...OWN, 'content-length': '7' })
  })

  test.each([
    ['authorization', 'Bearer gateway-key'],
    ['x-api-key', 'gateway-key'],
    ['api-key', 'gateway-key'],
    ['x-goog-api-key', 'gateway-key'],
    ['xi-api-key', 'gateway-key'],
    ['proxy-authorization', 'Basic gateway-key'],
    ['cookie', 'session=gateway-key'],
    ['x-amz-security-token', 'gateway-key'],
    ['openai-organization', 'org-of-the-client'],
    ['x-goog-user-project', 'project-of-the-client'],
    ['x-tenant', 'not-ours'],
  ])('not %s, which is of a credential or an account', async (name, value) => {
    await using setting = await setUp()
    setting.upstream.reply(json({ ok: true }))
    await setting.send('/passthrough/vendor/x?key=gateway-key', { headers: { [name]: value }, body: '{}' })
    const [request] = setting.upstream.requests
    expect(request!.headers).toMatchObject(OWN)
    expect(JSON.stringify([request!.path, request!.headers])).not.toContain(value.split(' ').at(-1))
  })

  test.each([
    ['te', 'trailers'],
    ['keep-alive', 'timeout=5'],
    ['proxy-connection', 'keep-alive'],
    ['expect', '100-continue'],
    ['x-forwarded-for', '203.0.113.7'],
    ['x-real-ip', '203.0.113.7'],
    ['forwarded', 'for=203.0.113.7'],
    ['cf-connecting-ip', '203.0.113.7'],
  ])('not %s, which is of the connection or of the way to the gateway', async (name, value) => {
    await using setting = await setUp()
    setting.upstream.reply(json({ ok: true }))
    expect((await setting.send('/passthrough/vendor/x', { headers: { [name]: value }, body: '{}' })).status).toBe(200)
    expect(setting.upstream.requests[0]!.headers).not.toHaveProperty(name)
  })

  test('not what `connection` names', async () => {
    await using setting = await setUp()
    setting.upstream.reply(json({ ok: true }))
    await setting.send('/passthrough/vendor/x', { headers: { connection: 'close, X-Hop', 'x-hop': '1', 'x-end': '2' } })
    const { headers } = setting.upstream.requests[0]!
    expect([headers['x-hop'], headers['x-end']]).toEqual([undefined, '2'])
  })
})

describe('what comes down', () => {
  test('all that the upstream says about its reply', async () => {
    await using setting = await setUp()
    const headers = {
      etag: '"v1"',
      'x-vendor-cost': '12',
      'content-disposition': 'attachment; filename="a.txt"',
      'cache-control': 'private, max-age=60',
      'last-modified': 'Fri, 20 Nov 2026 10:00:00 GMT',
      'retry-after': '3',
      link: '</next>; rel="next"',
    }
    setting.upstream.reply(text('hello', { headers }))
    const reply = await setting.send('/passthrough/vendor/x')
    expect(reply.headers).toMatchObject({
      ...headers,
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '5',
    })
  })

  test.each([
    ['set-cookie', 'session=1'],
    ['strict-transport-security', 'max-age=63072000'],
    ['alt-svc', 'h3=":443"'],
    ['access-control-allow-origin', '*'],
    ['clear-site-data', '"*"'],
    ['x-sluice-cache', 'hit'],
    ['proxy-authenticate', 'Basic'],
  ])('not %s, which would speak for the gateway', async (name, value) => {
    await using setting = await setUp()
    setting.upstream.reply(json({ ok: true }, { headers: { [name]: value } }))
    expect((await setting.send('/passthrough/vendor/x')).headers).not.toHaveProperty(name)
  })

  test('a page runs no scripts in the place of the gateway', async () => {
    await using setting = await setUp()
    setting.upstream.reply(body('<script>alert(1)</script>', 'text/html'))
    expect((await setting.send('/passthrough/vendor/x')).headers['content-security-policy']).toBe('sandbox')
  })

  test("the gateway's own id", async () => {
    await using setting = await setUp()
    setting.upstream.reply(json({ ok: true }, { headers: { 'x-request-id': 'theirs' } }))
    const { headers } = await setting.send('/passthrough/vendor/x')
    await expect.poll(() => setting.ends.map(({ id }) => id)).toEqual([headers['x-request-id']])
  })
})
