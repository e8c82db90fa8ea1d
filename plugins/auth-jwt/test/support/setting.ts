/** A gateway that knows callers by the tokens of a real issuer, and tells who called. */
import { definePlugin } from '@sluice/core'
import type { Principal } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import type { TestGateway } from '@sluice/core/testing'
import { jwtAuth } from '../../src/index.ts'
import { AUDIENCE, testIssuer } from './issuer.ts'
import type { TestIssuer } from './issuer.ts'

export type Options = Partial<Parameters<typeof jwtAuth>[0]>

export interface Setting {
  issuer: TestIssuer
  gateway: TestGateway
  /** Status and error code of a call with `token`, or who called. */
  call(token?: string): Promise<{ status: number; code?: string; principal?: Principal; headers: object }>
  [Symbol.asyncDispose](): Promise<void>
}

export async function setUp(options: (issuer: TestIssuer) => Options = () => ({})): Promise<Setting> {
  const issuer = await testIssuer()
  const gateway = await createTestGateway({
    plugins: [jwtAuth({ issuer: issuer.url, audience: [AUDIENCE], ...options(issuer) }), whoAmI()],
  })
  return {
    issuer,
    gateway,
    async call(token) {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const reply = await gateway.request('/who', { headers })
      const { error, principal } = reply.json() as { error?: { code: string }; principal?: Principal }
      return {
        status: reply.status,
        headers: reply.headers,
        ...(error && { code: error.code }),
        ...(principal && { principal }),
      }
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await issuer[Symbol.asyncDispose]()
    },
  }
}

/** Answers whoever is let in; what it may do is not looked at. */
const whoAmI = definePlugin({
  name: 'test-who',
  version: '1.0.0',
  api: 1,
  setup({ router, hooks }) {
    hooks.authorize.tap('all', (exchange) => {
      exchange.principal = { ...exchange.principal, permissions: ['*'] }
    })
    router.get('/who', { permission: 'who:read' }, (context, { principal }) => {
      context.body = { principal: { ...principal, permissions: undefined } }
    })
  },
})
