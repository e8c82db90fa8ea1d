import { createTestGateway, html, json, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, UpstreamReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { describe, expect, test } from 'vitest'
import { azure } from '../src/index.ts'

const SECRET = 'secret/of+the=application'
const body = { model: 'azure/gpt', messages: [{ role: 'user', content: 'Hello' }] }
const completion = json({ id: 'c1', choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' } }] })
const token = (value: string, lifetime: unknown = 3599): UpstreamReply =>
  json({ token_type: 'Bearer', access_token: value, expires_in: lifetime })

async function withEntra(
  use: (stage: {
    tokens: MockUpstream
    upstream: MockUpstream
    ask: () => ReturnType<Gateway['request']>
    gateway: Gateway
  }) => Promise<void>,
  more = {},
): Promise<void> {
  await using tokens = await mockUpstream()
  await using upstream = await mockUpstream()
  upstream.reply(completion)
  const entra = {
    tenantId: 'tenant/1',
    clientId: 'client-1',
    clientSecret: SECRET,
    authority: `${tokens.url}/`,
    ...more,
  }
  await using gateway = await createTestGateway({
    server: { logLevel: 'trace' },
    plugins: [openaiDialect(), azure({ baseUrl: upstream.url, entra })],
  })
  await use({ tokens, upstream, gateway, ask: () => gateway.request('/v1/chat/completions', { body }) })
}
type Gateway = Awaited<ReturnType<typeof createTestGateway>>

test('the token is asked for as the application, and sent as bearer token', () =>
  withEntra(async ({ tokens, upstream, ask }) => {
    tokens.reply(token('token-1'))
    expect((await ask()).status).toBe(200)
    const asked = await tokens.request()
    expect([asked.method, asked.path]).toEqual(['POST', '/tenant%2F1/oauth2/v2.0/token'])
    expect(asked.headers['content-type']).toMatch('application/x-www-form-urlencoded')
    expect(Object.fromEntries(new URLSearchParams(asked.body.toString()))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client-1',
      client_secret: SECRET,
      scope: 'https://cognitiveservices.azure.com/.default',
    })
    const { headers } = await upstream.request()
    expect(headers.authorization).toBe('Bearer token-1')
    expect(headers).not.toHaveProperty('api-key')
  }))

test('the scope may be another', () =>
  withEntra(
    async ({ tokens, ask }) => {
      tokens.reply(token('token-1'))
      await ask()
      expect((await tokens.request()).body.toString()).toContain('ai.azure.com')
    },
    { scope: 'https://ai.azure.com/.default' },
  ))

test('one token serves many requests, also those that came while it was fetched', () =>
  withEntra(async ({ tokens, upstream, ask }) => {
    tokens.reply(token('token-1', '3599'))
    const replies = await Promise.all([ask(), ask(), ask()])
    replies.push(await ask())
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(tokens.requests).toHaveLength(1)
    expect(upstream.requests.map(({ headers }) => headers.authorization)).toEqual(Array(4).fill('Bearer token-1'))
  }))

test('why there is no token stands in the log', () =>
  withEntra(async ({ tokens, ask, gateway }) => {
    const refusal = { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret.' }
    tokens.reply(json(refusal, { status: 401 }))
    expect((await ask()).status).toBe(502)
    expect(gateway.log.text()).toContain('AADSTS7000215')
  }))

describe('without a token', () => {
  test.each<[string, UpstreamReply]>([
    [
      'refused',
      json({ error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret.' }, { status: 401 }),
    ],
    ['a page', html('<html>proxy</html>')],
    ['nothing', json(null)],
    ['no token', token('')],
    ['a token without an end', token('token-1', 'soon')],
    ['too much', json({ access_token: 'x'.repeat(100_000), expires_in: 1 })],
    ['a way elsewhere', json({}, { status: 302, headers: { location: 'https://example.com/' } })],
  ])('as %s came, the request fails, and nothing is told to the client', (_, reply) =>
    withEntra(async ({ tokens, upstream, ask, gateway }) => {
      tokens.reply(reply, token('token-2'))
      const failed = await ask()
      expect([failed.status, failed.json()]).toMatchObject([502, { error: { code: 'upstream_error' } }])
      expect(failed.text).not.toMatch(/AADSTS|tenant|client-1|127\.0\.0\.1/)
      expect(upstream.requests).toHaveLength(0)
      // The next one asks again.
      expect((await ask()).status).toBe(200)
      expect(gateway.log.text()).toContain('no token for Azure')
      expect(gateway.log.text()).not.toContain(SECRET)
      expect(JSON.stringify(gateway.gateway.inspect())).not.toContain(SECRET)
    }),
  )
})
