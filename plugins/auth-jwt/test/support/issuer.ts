/** A real identity provider on the loopback, which can be made to fail, and whose keys can be changed. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey, JWK, JWTPayload } from 'jose'
import Provider from 'oidc-provider'
import type { Adapter, AdapterPayload } from 'oidc-provider'

export const AUDIENCE = 'https://gateway.example'
const OPAQUE = 'https://opaque.example'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

export interface TestIssuer {
  url: string
  /** Paths that were asked for. */
  asked: string[]
  /** An access token of the client `app`: a JWT for the gateway, or an opaque one. */
  token: (form?: 'jwt' | 'opaque') => Promise<string>
  revoke: (token: string) => Promise<void>
  /** A token that the issuer would never give out; `with` what it is signed. */
  forge: (claims: JWTPayload, header?: { [name: string]: string }, key?: CryptoKey) => Promise<string>
  /** The key that signs now; its id and public form. */
  key: () => { kid: string; private: CryptoKey; public: JWK }
  /** From now on another key signs, and only that one is known. */
  rotate: () => Promise<void>
  /** Answers paths that contain `path` in the issuer's place; undefined takes that back. */
  fail: (path: string, handler: Handler | undefined) => void
  count: (path: string) => number
  [Symbol.asyncDispose](): Promise<void>
}

export async function testIssuer(): Promise<TestIssuer> {
  let handle: Handler = () => undefined
  const failures = new Map<string, Handler>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const failure = [...failures].find(([each]) => path.includes(each))?.[1]
    ;(failure ?? handle)(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  let serial = 0
  let current: ReturnType<TestIssuer['key']>
  const rotate = async (): Promise<void> => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
    const kid = `key-${++serial}`
    current = { kid, private: privateKey, public: { ...(await exportJWK(publicKey)), kid } }
    handle = provider(url, { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' })
  }
  await rotate()

  const post = async (path: string, fields: { [field: string]: string }, client: string): Promise<Response> => {
    const authorization = `Basic ${Buffer.from(`${client}:${client}-secret`).toString('base64')}`
    return fetch(url + path, { method: 'POST', headers: { authorization }, body: new URLSearchParams(fields) })
  }
  return {
    url,
    asked,
    rotate,
    key: () => current,
    count: (path) => asked.filter((each) => each.includes(path)).length,
    fail: (path, handler) => void (handler ? failures.set(path, handler) : failures.delete(path)),
    async token(form = 'jwt') {
      const resource = form === 'jwt' ? AUDIENCE : OPAQUE
      const fields = { grant_type: 'client_credentials', scope: 'models', resource }
      const reply = await post('/token', fields, 'app')
      const { access_token: token } = (await reply.json()) as { access_token: string }
      return token
    },
    async revoke(token) {
      await post('/token/revocation', { token }, 'app')
    },
    forge: (claims, header = {}, key = current.private) =>
      new SignJWT({ iss: url, aud: AUDIENCE, sub: 'app', ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: current.kid, typ: 'at+jwt', ...header })
        .sign(key),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function provider(url: string, key: JWK): Handler {
  const client = (id: string) => ({
    client_id: id,
    client_secret: `${id}-secret`,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  })
  const oidc = new Provider(url, {
    clients: [client('app'), client('gateway')],
    jwks: { keys: [key] },
    adapter: memory(),
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          scope: 'models',
          audience: resource,
          accessTokenTTL: 600,
          accessTokenFormat: resource === OPAQUE ? 'opaque' : 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  })
  const callback = oidc.callback()
  return (request, response) => void callback(request, response)
}

/** What the issuer keeps. */
function memory(): (name: string) => Adapter {
  const kept = new Map<string, AdapterPayload>()
  const nothing = (): Promise<undefined> => Promise.resolve(undefined)
  return (name) => ({
    upsert: async (id, payload) => void kept.set(`${name} ${id}`, payload),
    find: async (id) => kept.get(`${name} ${id}`),
    destroy: async (id) => void kept.delete(`${name} ${id}`),
    consume: nothing,
    findByUid: nothing,
    findByUserCode: nothing,
    revokeByGrantId: nothing,
  })
}
