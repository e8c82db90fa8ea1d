import { connect } from 'node:http2'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { definePlugin, GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { createTestGateway, testPlugin } from '@sluice/core/testing'
import type { TestGateway } from '@sluice/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mtlsAuth } from '../src/index.ts'
import { authority, HAS_OPENSSL } from './support/certificates.ts'
import type { Authority, Pair } from './support/certificates.ts'

testPlugin({ test, plugin: mtlsAuth({ clients: [{ subject: { CN: 'x' } }] }) })

test.each([
  { clients: [] },
  { clients: [{ fingerprints: ['AB:CD'] }] },
  { clients: [{ subject: { CommonName: 'x' } }] },
  { clients: [{ from: { team: 'anything' } }] },
])('it boots with no options that are wrong: %j', async (options) => {
  const error = await createTestGateway({ plugins: [mtlsAuth(options as never)] }).catch((thrown: unknown) => thrown)
  expect(GatewayError.is(error) && error.code).toBe('plugin_options')
})

const whoAmI = definePlugin({
  name: 'test-who',
  version: '1.0.0',
  api: 1,
  setup({ router, hooks }) {
    hooks.authorize.tap('all', (exchange) => {
      exchange.principal = { ...exchange.principal, permissions: ['*'] }
    })
    router.get('/who', { permission: 'who:read' }, (context, { principal: { id, team, roles } }) => {
      context.body = { id, team, roles }
    })
  },
})

describe.skipIf(!HAS_OPENSSL)('over TLS', () => {
  let ours: Authority
  let theirs: Authority
  let gateway: TestGateway
  let pairs: { [name: string]: Pair }
  const tls = (more: object = {}) => {
    const { cert, key } = pairs['server']!
    return { cert, key, ca: ours.ca, requestCert: true, ...more }
  }

  beforeAll(async () => {
    ours = authority()
    theirs = authority()
    pairs = {
      server: ours.sign('server', '/CN=localhost', 'DNS.1=localhost'),
      reporter: ours.sign('reporter', '/CN=reporter/O=Acme', 'URI.1=spiffe://example.org/ns/prod/sa/reporter'),
      pinned: ours.sign('pinned', '/CN=pinned'),
      unknown: ours.sign('unknown', '/CN=unknown'),
      tricky: ours.sign('tricky', '/CN=tricky', 'URI.1=x:a, URI:spiffe://example.org/ns/prod/sa/y'),
      foreign: theirs.sign('foreign', '/CN=reporter/O=Acme', 'URI.1=spiffe://example.org/ns/prod/sa/reporter'),
    }
    const clients = [
      { fingerprints: [pairs['pinned']!.fingerprint], team: 'pinned', roles: ['admin'] },
      {
        san: 'URI:spiffe://example.org/ns/prod/*',
        from: { user: 'URI' as const, team: 'O' as const },
        roles: ['client'],
      },
    ]
    gateway = await createTestGateway({ server: { tls: tls() }, plugins: [mtlsAuth({ clients }), whoAmI()] })
  })
  afterAll(async () => {
    await gateway.close()
    ours[Symbol.dispose]()
    theirs[Symbol.dispose]()
  })

  const get = (name: string | undefined, url = gateway.url): Promise<{ status: number; body: JsonObject }> =>
    new Promise((resolve, reject) => {
      const { cert, key } = (name === undefined ? undefined : pairs[name]) ?? {}
      const own = cert === undefined ? {} : { cert, key }
      request(`${url}/who`, { ca: ours.ca, servername: 'localhost', agent: false, ...own }, (reply) => {
        text(reply).then((body) => resolve({ status: reply.statusCode!, body: JSON.parse(body) as JsonObject }), reject)
      })
        .on('error', reject)
        .end()
    })

  test('a certificate says who calls', async () => {
    const user = 'spiffe://example.org/ns/prod/sa/reporter'
    expect(await get('reporter')).toEqual({
      status: 200,
      body: { id: `auth-mtls:${user}`, team: 'Acme', roles: ['client'] },
    })
    expect(await get('pinned')).toEqual({
      status: 200,
      body: { id: 'auth-mtls:pinned', team: 'pinned', roles: ['admin'] },
    })
  })

  test.each(['unknown', 'foreign', 'tricky', undefined])('who shows this one is nobody: %s', async (name) => {
    expect(await get(name)).toMatchObject({ status: 401, body: { error: { code: 'invalid_api_key' } } })
  })

  test('it is known over HTTP/2, too', async () => {
    const { cert, key } = pairs['pinned']!
    const session = connect(gateway.url, { ca: ours.ca, servername: 'localhost', cert, key })
    expect(JSON.parse(await text(session.request({ ':path': '/who' })))).toMatchObject({ team: 'pinned' })
    session.close()
  })

  test('without a stated authority, the gateway does not start', async () => {
    const { ca: _, ...open } = tls()
    const plugins = [mtlsAuth({ clients: [{}] }), whoAmI()]
    await expect(createTestGateway({ server: { tls: open }, plugins })).rejects.toThrow('server.tls.ca: is required')
  })
})
